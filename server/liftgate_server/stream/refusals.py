"""What the stream does not answer, and the words it says so in."""

from __future__ import annotations

import random
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from liftgate_server.plumbing.errors import BadRequest, NotFound, Problem, Unavailable
from liftgate_server.plumbing.logs import logger
from liftgate_server.stream import answers
from liftgate_server.stream.admission import page_headers
from liftgate_server.stream.connection import Connection
from liftgate_server.stream.request_head import RequestHead
from liftgate_server.stream.threads import Threads

__all__ = ["REFUSED", "answer_bug", "answer_refusal", "busy", "is_for_health", "refuse_other_paths"]

REFUSED: Final = (Problem, SQLAlchemyError, TimeoutError)
"""Failures that are answered with a problem; any other one is a bug."""

PATH = "/v1/stream"
_METHODS = "GET, OPTIONS"


async def answer_refusal(connection: Connection, failure: Exception, origin: str | None, threads: Threads) -> None:
    """Say why not, in a way that a page may read when its origin is listed."""
    headers = {"Vary": "Origin"}
    if origin is not None:
        try:
            headers = await threads.ask(page_headers, origin)
        except SQLAlchemyError:
            logger().warning("stream_origin_unknown", reason="the database does not answer")
    connection.finish(answers.problem(_problem_of(failure), headers))


def answer_bug(connection: Connection) -> None:
    """Leave no reader waiting for an answer that never comes."""
    logger().exception("stream_request_failed")
    if connection.listener is None:
        connection.finish(answers.problem(_Broken("internal_error", "The stream failed."), {}))
    else:
        connection.abort()


def is_for_health(head: RequestHead) -> bool:
    return head.path == "/healthz" and head.method in {"GET", "HEAD"}


def refuse_other_paths(head: RequestHead) -> None:
    if head.path != PATH:
        raise NotFound("unknown_path", "The stream answers /v1/stream only.")
    if head.method not in _METHODS.split(", "):
        raise _MethodNotAllowed("method_not_allowed", f"The stream takes {_METHODS}.", headers={"Allow": _METHODS})


class _MethodNotAllowed(BadRequest):
    status = 405


class _Broken(Problem):
    status = 500
    default_title = "The server failed"


def _problem_of(failure: Exception) -> Problem:
    if isinstance(failure, Problem):
        return failure
    logger().error("stream_cannot_admit", reason=str(failure) or type(failure).__name__)
    return busy("database_unavailable", "The database does not answer; nothing is lost, try again.")


def busy(code: str, detail: str) -> Unavailable:
    # Spread, so that those who were refused together do not come back together.
    return Unavailable(code, detail, headers={"Retry-After": str(random.randint(2, 15))})  # noqa: S311 - no secret
