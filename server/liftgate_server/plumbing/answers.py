"""Answers built by hand: bytes of JSON, entity tags, and problems."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response, request

from liftgate_server.plumbing.errors import Problem

JSON_TYPE = "application/json"
PROBLEM_TYPE = "application/problem+json"


def json_response(content: Any, *, status: int = 200, etag: str | None = None) -> Response:
    """Answer with JSON; `content` may be bytes that are JSON already. With an `etag` the answer may be 304."""
    if etag is not None and is_known(etag):
        return not_modified(etag)
    body = content if isinstance(content, bytes) else orjson.dumps(content)
    response = Response(body, status, content_type=JSON_TYPE)
    if etag is not None:
        response.headers["ETag"] = quoted(etag)
        response.headers["Cache-Control"] = "private, no-cache"
    return response


def is_known(etag: str) -> bool:
    """Tell whether the client said in `If-None-Match` that it has this version."""
    header = request.environ.get("HTTP_IF_NONE_MATCH")
    if header is None:
        return False
    wanted = quoted(etag)
    return header == wanted or request.if_none_match.contains_weak(etag)


def not_modified(etag: str) -> Response:
    response = Response(status=304)
    response.headers["ETag"] = quoted(etag)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def quoted(etag: str) -> str:
    return f'"{etag}"'


def problem_response(problem: Problem) -> Response:
    """Answer with an RFC 9457 problem."""
    response = Response(orjson.dumps(problem_content(problem)), problem.status, content_type=PROBLEM_TYPE)
    response.headers.extend(problem.headers)
    return response


def problem_content(problem: Problem) -> dict[str, Any]:
    content: dict[str, Any] = {
        "type": f"urn:liftgate:problem:{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
    }
    if problem.errors:
        content["errors"] = [
            {"path": error.path, "code": error.code, "message": error.message}
            | ({} if error.line is None else {"line": error.line})
            for error in problem.errors
        ]
    return content
