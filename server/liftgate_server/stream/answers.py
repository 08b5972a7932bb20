"""The heads of the stream's answers, and its short answers, as bytes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Final

import orjson

from liftgate_server.plumbing.answers import JSON_TYPE, PROBLEM_TYPE, problem_content
from liftgate_server.plumbing.errors import Problem

__all__ = ["health", "no_content", "problem", "stream_head"]

_ALWAYS: Final = {"Connection": "close", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store, no-transform"}
# nginx would collect the events of several seconds; others look at the type.
_STREAM: Final = {"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}


def stream_head(at: datetime, headers: Mapping[str, str]) -> bytes:
    """Begin an answer that lasts until the connection closes."""
    return _head(HTTPStatus.OK, _STREAM | {"Liftgate-Time": f"{at.timestamp():.6f}"} | dict(headers))


def problem(refusal: Problem, headers: Mapping[str, str]) -> bytes:
    body = orjson.dumps(problem_content(refusal))
    return _with_body(HTTPStatus(refusal.status), PROBLEM_TYPE, body, dict(headers) | refusal.headers)


def no_content(headers: Mapping[str, str]) -> bytes:
    return _head(HTTPStatus.NO_CONTENT, headers)


def health() -> bytes:
    return _with_body(HTTPStatus.OK, JSON_TYPE, b'{"status":"ok"}', {})


def _with_body(status: HTTPStatus, content_type: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    return _head(status, {"Content-Type": content_type, "Content-Length": str(len(body)), **headers}) + body


def _head(status: HTTPStatus, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status.value} {status.phrase}"]
    lines += [f"{name}: {value}" for name, value in {**_ALWAYS, **headers}.items()]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
