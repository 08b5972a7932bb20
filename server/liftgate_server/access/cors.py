"""Cross-origin access to the client face, and to nothing else."""

from __future__ import annotations

from flask import Flask, Response, g, request

from liftgate_server.access.queries import is_origin_listed

_CLIENT_FACE = "/v1/client/"
_STREAM = "/v1/stream"
_METHODS = "GET, POST"
_HEADERS = "Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID"
_EXPOSED = "ETag, Idempotent-Replay, Liftgate-Time, Retry-After, X-Request-Id"
_MAX_AGE_SECONDS = "7200"


def preflight_headers() -> dict[str, str]:
    """Say what a page of a listed origin may send."""
    return {
        "Access-Control-Allow-Methods": _METHODS,
        "Access-Control-Allow-Headers": _HEADERS,
        "Access-Control-Max-Age": _MAX_AGE_SECONDS,
    }


def readable_by(origin: str) -> dict[str, str]:
    """Say that a page of this origin may read the answer."""
    return {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": _EXPOSED}


def allow_listed_origins(app: Flask) -> None:
    app.before_request(_answer_preflight)
    app.after_request(_mark_answer)


def _answer_preflight() -> Response | None:
    """Answer for any listed origin: a preflight carries no token, so its environment is not known yet."""
    environ = request.environ
    if environ["REQUEST_METHOD"] != "OPTIONS" or not _is_for_pages(environ["PATH_INFO"]):
        return None
    response = Response(status=204)
    if "Access-Control-Request-Method" in request.headers and _is_listed():
        response.headers.update(preflight_headers())
    return response


def _mark_answer(response: Response) -> Response:
    environ = request.environ
    if not _is_for_pages(environ["PATH_INFO"]):
        return response
    response.vary.add("Origin")
    origin = environ.get("HTTP_ORIGIN")
    # The guard knows the exact environment; where it never got so far, a listed page may at least read the refusal.
    if origin is not None and (g.liftgate_origin_allowed if "liftgate_origin_allowed" in g else _is_listed()):
        response.headers.update(readable_by(origin))
    return response


def _is_for_pages(path: str) -> bool:
    return path.startswith(_CLIENT_FACE) or path == _STREAM


def _is_listed() -> bool:
    origin = request.environ.get("HTTP_ORIGIN")
    return origin is not None and is_origin_listed(origin)
