"""Request bodies: strict JSON, packed or not, a size limit, and errors that name the field."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import Any, NoReturn, ParamSpec, TypeVar

import orjson
from flask import Request, request
from marshmallow import ValidationError
from webargs import core
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import RequestEntityTooLarge

from liftgate_server.plumbing.errors import BadRequest, FieldError, Invalid, UnsupportedMediaType

P = ParamSpec("P")
R = TypeVar("R")

DEFAULT_BODY_LIMIT_BYTES = 256 * 1024
CATALOGUE_BODY_LIMIT_BYTES = 2 * 1024 * 1024
USAGE_BODY_LIMIT_BYTES = 1024 * 1024

# What a packed body may be unpacked to; real batches of events come to five or six times their size.
_LARGEST_FACTOR = 8
# Small values take up many times the room of their text once they are read, so their number is bounded too.
_MOST_PACKED_VALUES = 200_000
_GZIP = 31

# marshmallow says what is wrong in sentences; clients get a stable code. The first beginning that fits decides.
_CODES_BY_BEGINNING = (
    ("Missing data", "missing"),
    ("Unknown field", "unknown_field"),
    ("Not a valid", "wrong_type"),
    ("Invalid input type", "wrong_type"),
    ("Invalid type", "wrong_type"),
    ("Field may not be null", "wrong_type"),
    ("Must be greater", "out_of_range"),
    ("Must be less", "out_of_range"),
    ("Must be between", "out_of_range"),
    ("Longer than", "out_of_range"),
    ("Shorter than", "out_of_range"),
    ("Length must", "out_of_range"),
    ("Number too large", "out_of_range"),
)


class BoundedRequest(Request):
    """A request whose body is never cut short in silence, and unpacked if it was packed."""

    _unpacked: bytes | None = None

    def get_data(self, *args: Any, **kwargs: Any) -> Any:
        if self._unpacked is not None:
            return self._unpacked
        # Of a body without a stated length the framework gives what fits and says nothing; half of one may be valid.
        content = super().get_data(*args, **kwargs)
        limit_bytes = self.max_content_length or DEFAULT_BODY_LIMIT_BYTES
        if self.content_length is None and len(content) >= limit_bytes:
            raise RequestEntityTooLarge
        encoding = self.environ.get("HTTP_CONTENT_ENCODING")
        if encoding is None or not content:
            return content
        self._unpacked = _unpack(content, encoding.strip().lower(), limit_bytes * _LARGEST_FACTOR)
        return self._unpacked


def _unpack(content: bytes, encoding: str, limit_bytes: int) -> bytes:
    if encoding == "identity":
        return content
    if encoding != "gzip":
        raise UnsupportedMediaType("unsupported_encoding", "Send the body as it is or packed with gzip.")
    unpacking = zlib.decompressobj(_GZIP)
    try:
        unpacked = unpacking.decompress(content, limit_bytes)
    except zlib.error as failure:
        raise BadRequest("malformed_gzip", f"The body is not what gzip writes: {failure}") from failure
    is_cut = not unpacking.eof and len(unpacked) >= limit_bytes
    if is_cut or sum(map(unpacked.count, (b",", b"[", b"{"))) > _MOST_PACKED_VALUES:
        raise RequestEntityTooLarge
    if not unpacking.eof or unpacking.unused_data:
        raise BadRequest("malformed_gzip", "The body is no single, whole file of gzip.")
    return unpacked


def read_json() -> Any:
    """Parse the request's body; NaN, Infinity and other things that are not JSON are refused."""
    if not request.is_json:
        raise UnsupportedMediaType("unsupported_media_type", "Send the body as application/json.")
    content = request.get_data(cache=True)
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError as failure:
        raise BadRequest("malformed_json", f"The body is not JSON: {failure}") from failure
    if b"\\u0000" in content and _holds_nul(value):
        raise Invalid("invalid_request", "The body holds the character U+0000, which no text here may hold.")
    return value


def _holds_nul(value: Any) -> bool:
    """Whether a text or a name in it has the one character that PostgreSQL cannot store."""
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_holds_nul(part) for pair in value.items() for part in pair)
    return isinstance(value, list) and any(map(_holds_nul, value))


def body_limit(limit_bytes: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let one view read larger bodies than the others; stands above everything that reads the body."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def limited(*args: P.args, **kwargs: P.kwargs) -> R:
            request.max_content_length = limit_bytes
            return view(*args, **kwargs)

        return limited

    return decorate


class StrictParser(FlaskParser):
    """Feeds `Blueprint.arguments`: unknown fields are refused wherever they stand."""

    DEFAULT_UNKNOWN_BY_LOCATION = {  # noqa: RUF012 - the base class declares it so
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "json": "raise",
        "query": "raise",
    }

    def _raw_load_json(self, req: Request) -> Any:  # noqa: ARG002 - the base's signature
        return read_json() if request.get_data(cache=True) else core.missing

    def handle_error(self, error: ValidationError, *_args: Any, **_kwargs: Any) -> NoReturn:
        messages: dict[str, Any] = error.normalized_messages()  # type: ignore[no-untyped-call]
        raise Invalid(
            "invalid_request",
            "The request has fields that cannot be accepted.",
            errors=[found for by_field in messages.values() for found in flatten_messages(by_field)],
        ) from error


def flatten_messages(messages: Any, path: str = "") -> Iterator[FieldError]:
    """Turn marshmallow's nested messages into a list with dotted paths: `items[2].quantity`."""
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            yield from flatten_messages(inner, _join(path, key))
    elif isinstance(messages, list):
        for message in messages:
            yield from flatten_messages(message, path)
    else:
        yield FieldError(path, _code(str(messages)), str(messages))


def _join(path: str, key: object) -> str:
    if key == "_schema":
        return path
    if isinstance(key, int):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else str(key)


def _code(message: str) -> str:
    return next((code for beginning, code in _CODES_BY_BEGINNING if message.startswith(beginning)), "bad_value")
