"""The head of a request, read strictly: the stream takes a GET without a body, and what is doubtful is refused.

Each connection is read once and closed after its answer, so there is no second request that could hide in the first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from liftgate_server.entitlements.requests import read_after
from liftgate_server.plumbing.errors import BadRequest

__all__ = ["END_OF_HEAD", "LONGEST_HEAD", "RequestHead", "read_head", "read_position"]

END_OF_HEAD: Final = b"\r\n\r\n"
LONGEST_HEAD: Final = 16_384
_MOST_FIELDS: Final = 10

_REQUEST_LINE = re.compile(rb"([A-Z]{1,16}) (/[!-~]*) HTTP/1\.[01]")
_FIELD = re.compile(
    rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*((?:[!-~\x80-\xff](?:[ \t!-~\x80-\xff]*[!-~\x80-\xff])?)?)[ \t]*"
)
# Two of one of these would leave open which of them counts.
_SINGLE = frozenset({"authorization", "origin", "last-event-id", "content-length", "host"})


@dataclass(frozen=True, slots=True)
class RequestHead:
    """What was asked; the names of the headers are in lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]


def read_head(raw: bytes) -> RequestHead:
    """Read everything before the empty line, or raise BadRequest."""
    first, *lines = raw.split(b"\r\n")
    request_line = _REQUEST_LINE.fullmatch(first)
    if request_line is None:
        raise _refusal("The first line is not that of an HTTP/1.1 request.")
    path, _, query = request_line[2].decode("ascii").partition("?")
    headers = _read_fields(lines)
    if headers.get("content-length", "0") != "0" or "transfer-encoding" in headers:
        raise _refusal("The stream takes no body.")
    return RequestHead(request_line[1].decode("ascii"), path, query, headers)


def read_position(head: RequestHead) -> int | None:
    """Read the number up to which a reader knows the changes; the header is the newer one when both are sent."""
    try:
        pairs = parse_qsl(head.query, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise _refusal(f"The query has more than {_MOST_FIELDS} fields.") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise _refusal("A field of the query stands there twice.")
    after = read_after(fields)
    last_event = head.headers.get("last-event-id")
    return after if last_event is None else read_after({"after": last_event})


def _read_fields(lines: list[bytes]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        field = _FIELD.fullmatch(line)
        if field is None:
            raise _refusal("A header cannot be read.")
        name = field[1].decode("ascii").lower()
        if name in _SINGLE and name in headers:
            raise _refusal(f"The header {name} stands there twice.")
        headers[name] = field[2].decode("latin-1")
    return headers


def _refusal(detail: str) -> BadRequest:
    return BadRequest("bad_request", detail)
