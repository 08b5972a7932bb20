"""Answering a request: a reader is let in, told where its environment stands, and brought up to date."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from liftgate_server.access.cors import readable_by
from liftgate_server.plumbing.changes import Marks
from liftgate_server.plumbing.errors import BadRequest, NotFound, Problem, Unavailable
from liftgate_server.plumbing.logs import logger
from liftgate_server.stream import answers, figures
from liftgate_server.stream.admission import Admission, Credential, admit, page_headers, preflight
from liftgate_server.stream.connection import Connection
from liftgate_server.stream.events import Frames, end, hello
from liftgate_server.stream.hub import Hub
from liftgate_server.stream.listener import Listener
from liftgate_server.stream.queries import page_after
from liftgate_server.stream.request_head import RequestHead, read_head, read_position
from liftgate_server.stream.settings import StreamSettings
from liftgate_server.stream.tail import deliver
from liftgate_server.stream.threads import Threads

__all__ = ["Reception"]

PATH = "/v1/stream"
_METHODS = "GET, OPTIONS"


class Reception:
    """Takes the requests of one stream process."""

    def __init__(self, hub: Hub, threads: Threads, clock: Callable[[], datetime], settings: StreamSettings) -> None:
        self._hub = hub
        self._ask = threads.ask
        self._clock = clock
        self._settings = settings

    async def answer(self, connection: Connection, raw: bytes, *, is_full: bool) -> None:
        """Answer one request, whatever it is; one to listen lasts from then on."""
        try:
            await self._answer(connection, raw, is_full=is_full)
        except Exception:  # noqa: BLE001 - the reason follows
            # A bug must not leave a reader waiting for an answer that never comes.
            logger().exception("stream_request_failed")
            if connection.listener is None:
                connection.finish(answers.problem(_Broken("internal_error", "The stream failed."), {}))
            connection.abort()

    async def _answer(self, connection: Connection, raw: bytes, *, is_full: bool) -> None:
        origin: str | None = None
        try:
            head = read_head(raw)
            origin = head.headers.get("origin")
            if _is_for_health(head):
                connection.finish(answers.health())
                return
            _refuse_other_paths(head)
            if is_full:
                raise _busy("stream_full", "As many readers are connected as this server takes.")
            async with asyncio.timeout(self._settings.admit_within_seconds):
                if head.method == "OPTIONS":
                    connection.finish(answers.no_content(await self._ask(preflight, origin)))
                    return
                listener, marks = await self._let_in(connection, head)
        except (Problem, SQLAlchemyError, TimeoutError) as failure:
            await self._refuse(connection, _problem_of(failure), origin)
            return
        await self._bring_up_to_date(connection, listener, marks)

    async def _let_in(self, connection: Connection, head: RequestHead) -> tuple[Listener, Marks]:
        position = read_position(head)
        credential = Credential(head.headers.get("authorization"), head.headers.get("origin"))
        admission = await self._ask(admit, credential)
        self._refuse_too_many(admission)
        latest = admission.marks.number
        listener = Listener(connection, credential, admission, latest if position is None else position)
        # The reader may have gone while the database was asked.
        if connection.is_open:
            connection.begin(listener)
            is_page = admission.customer is not None and credential.origin is not None
            headers = {"Vary": "Origin", **(readable_by(credential.origin or "") if is_page else {})}
            greeting = hello(latest, self._settings.heartbeat_seconds)
            connection.send(answers.stream_head(self._clock(), headers) + greeting)
        return listener, admission.marks

    def _refuse_too_many(self, admission: Admission) -> None:
        if admission.principal is None:
            return
        if self._hub.streams_of(admission.environment_id, admission.principal) >= self._settings.most_per_end_user:
            raise _busy("too_many_streams", "This user has too many streams open.")

    async def _bring_up_to_date(self, connection: Connection, listener: Listener, marks: Marks) -> None:
        try:
            async with asyncio.timeout(self._settings.catch_up_within_seconds):
                await self._catch_up(connection, listener, marks)
        except Problem as problem:
            connection.end(end(problem.code), reason=problem.code)
        except (SQLAlchemyError, TimeoutError) as failure:
            # The answer has begun, so all that can be said is that it is over; the reader comes back with its number.
            figures.LOST.labels("not_caught_up").inc()
            logger().warning("stream_catch_up_failed", reason=str(failure) or type(failure).__name__)
            connection.abort()

    async def _catch_up(self, connection: Connection, listener: Listener, marks: Marks) -> None:
        environment_id, latest, access = listener.environment_id, marks.number, marks.access
        # Whoever names no number knows what there is; any other number is looked up, it may be unknown here.
        target = None if listener.position != latest else latest
        while connection.is_open:
            audience = self._hub.audience(environment_id)
            if audience is not None and access < audience.access:
                # Access changed while this reader was on its way in.
                admission = await self._ask(admit, listener.credential)
                access = max(admission.marks.access, audience.access)
                continue
            if target is not None and listener.position >= max(target, audience.number if audience else 0):
                self._hub.join(listener, access=access)
                return
            page = await self._ask(page_after, environment_id, listener.position, self._settings.changes_in_a_page)
            target = page.latest if len(page.changes) < self._settings.changes_in_a_page else page.latest + 1
            if page.changes or page.reset:
                deliver(listener, Frames(page), page.latest)
                await connection.has_read()

    async def _refuse(self, connection: Connection, problem: Problem, origin: str | None) -> None:
        headers = {"Vary": "Origin"}
        if origin is not None:
            try:
                headers = await self._ask(page_headers, origin)
            except SQLAlchemyError:
                logger().warning("stream_origin_unknown", reason="the database does not answer")
        connection.finish(answers.problem(problem, headers))


def _is_for_health(head: RequestHead) -> bool:
    return head.path == "/healthz" and head.method in {"GET", "HEAD"}


def _refuse_other_paths(head: RequestHead) -> None:
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
    return _busy("database_unavailable", "The database does not answer; nothing is lost, try again.")


def _busy(code: str, detail: str) -> Unavailable:
    # Spread, so that those who were refused together do not come back together.
    return Unavailable(code, detail, headers={"Retry-After": str(random.randint(2, 15))})  # noqa: S311 - no secret
