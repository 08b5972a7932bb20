"""Calls of the management face from the command line, with failures a person can act on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage
from typing import Any, NoReturn
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

__all__ = ["Answer", "CallFailed", "ManagementApi", "Problem"]

_TIMEOUT_SECONDS = 30
_LARGEST_ANSWER_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing the server says is wrong with a document."""

    path: str
    message: str
    line: int | None


class CallFailed(Exception):
    """The call had no effect; the message says why, ``problems`` name places in the document that was sent.

    ``status`` is that of the server's refusal, ``None`` when it was not even asked or did not understand.
    """

    def __init__(self, message: str, *, problems: tuple[Problem, ...] = (), status: int | None = None) -> None:
        super().__init__(message)
        self.problems = problems
        self.status = status


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server answered, with the name of its version."""

    text: str
    etag: str

    def json(self) -> Any:
        try:
            return json.loads(self.text)
        except ValueError as failure:
            raise CallFailed("the server's answer is not JSON; is this a Liftgate server?") from failure


class _NoRedirect(HTTPRedirectHandler):
    """A redirect could carry the key to another server, so it is an answer like any other."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


class ManagementApi:
    """One server, called with one management key."""

    def __init__(self, server: str, key: str) -> None:
        if urlsplit(server).scheme not in {"http", "https"}:
            raise CallFailed(f"{server!r} is not the address of a server; write it like https://liftgate.example.com")
        if not key.isascii() or not key.isprintable():
            raise CallFailed("the management key holds characters no key has")
        self._server = server.rstrip("/")
        self._key = key
        self._opener = build_opener(_NoRedirect())

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: tuple[str, bytes] | None = None,
        accept: str = "application/json",
    ) -> Answer:
        """Make a call; ``body`` is a content type with the bytes. Raises ``CallFailed``."""
        given = {name: str(value) for name, value in (query or {}).items() if value is not None}
        address = f"{self._server}{quote(path)}" + (f"?{urlencode(given)}" if given else "")
        headers = {"Authorization": f"Bearer {self._key}", "Accept": accept}
        if body is not None:
            headers["Content-Type"] = body[0]
        request = Request(address, data=body[1] if body else None, headers=headers, method=method)  # noqa: S310 - the scheme is checked above
        return self._send(request)

    def _send(self, request: Request) -> Answer:
        try:
            with self._opener.open(request, timeout=_TIMEOUT_SECONDS) as response:
                headers: HTTPMessage = response.headers
                content: bytes = response.read(_LARGEST_ANSWER_BYTES)
        except HTTPError as failure:
            with failure:
                _raise_problem(failure.code, failure.read(_LARGEST_ANSWER_BYTES))
        except (URLError, HTTPException, OSError) as failure:
            reason = getattr(failure, "reason", None) or failure
            raise CallFailed(f"cannot reach {self._server}: {reason}") from failure
        return Answer(content.decode(errors="replace"), headers.get("ETag", "").strip('"'))


def _raise_problem(status: int, content: bytes) -> NoReturn:
    try:
        document = json.loads(content)
        problems = tuple(
            Problem(str(error["path"]), str(error["message"]), error.get("line"))
            for error in document.get("errors", ())
        )
        message = f"{document['detail']} ({document['code']})"
    except (ValueError, KeyError, TypeError, AttributeError) as failure:
        raise CallFailed(f"the server answered {status} without saying why; is this a Liftgate server?") from failure
    raise CallFailed(message, problems=problems, status=status)
