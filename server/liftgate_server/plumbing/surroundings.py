"""What surrounds every request: an id, safe headers, a count, and a line in the log when something went wrong."""

from __future__ import annotations

import itertools
import re
import secrets
import time
from http import HTTPStatus

from flask import Flask, Response, request

from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.errors import BadRequest
from liftgate_server.plumbing.logs import REQUEST_ID, logger
from liftgate_server.plumbing.metrics import count_request

_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_SLOW_SECONDS = 1.0
_ARRIVED = "liftgate.arrived"
# Unique per process and cheap per request.
_process = secrets.token_hex(6)
_numbers = itertools.count(1)


def surround_requests(app: Flask) -> None:
    app.before_request(_arrive)
    app.after_request(_leave)


def _arrive() -> None:
    environ = request.environ
    given = environ.get("HTTP_X_REQUEST_ID")
    environ[REQUEST_ID] = given if given and _GIVEN_ID.fullmatch(given) else f"{_process}-{next(_numbers)}"
    environ[_ARRIVED] = time.perf_counter()
    # No id, key or search has this character, and PostgreSQL would fail to look for it.
    if "%00" in environ.get("QUERY_STRING", "") or "\0" in environ.get("PATH_INFO", ""):
        raise BadRequest("bad_request", "The address holds the character U+0000.")


def _leave(response: Response) -> Response:
    environ = request.environ
    headers = response.headers
    headers["X-Request-Id"] = environ[REQUEST_ID]
    headers["X-Content-Type-Options"] = "nosniff"
    # The SDK decides by this clock: what was just bought must not wait for a host whose clock runs behind.
    headers["Liftgate-Time"] = f"{now().timestamp():.6f}"
    if "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"
    seconds = time.perf_counter() - environ[_ARRIVED]
    rule = request.url_rule
    status = response.status_code
    count_request(environ["REQUEST_METHOD"], rule.rule if rule else "(unknown)", status, seconds=seconds)
    # A line for every good request would cost more than answering it; the metrics count them.
    if status >= HTTPStatus.BAD_REQUEST or seconds > _SLOW_SECONDS:
        _log(status, seconds)
    return response


def _log(status: int, seconds: float) -> None:
    say = logger().error if status >= HTTPStatus.INTERNAL_SERVER_ERROR else logger().info
    say(
        "request",
        method=request.method,
        path=request.path,
        status=status,
        milliseconds=round(seconds * 1000, 2),
        remote=request.remote_addr,
    )
