"""Answering a request: a reader is let in, told where its environment stands, and brought up to date."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from liftgate_server.stream import answers
from liftgate_server.stream.admission import Admission, Credential, admit, admitted_headers, preflight
from liftgate_server.stream.catching_up import CatchingUp
from liftgate_server.stream.connection import Connection
from liftgate_server.stream.events import hello
from liftgate_server.stream.hub import Hub
from liftgate_server.stream.listener import Listener
from liftgate_server.stream.refusals import (
    REFUSED,
    answer_bug,
    answer_refusal,
    busy,
    is_for_health,
    refuse_other_paths,
)
from liftgate_server.stream.request_head import RequestHead, read_head, read_position
from liftgate_server.stream.settings import StreamSettings
from liftgate_server.stream.threads import Threads

__all__ = ["Reception"]


class Reception:
    """Takes the requests of one stream process."""

    def __init__(self, hub: Hub, threads: Threads, clock: Callable[[], datetime], settings: StreamSettings) -> None:
        self._hub = hub
        self._threads = threads
        self._ask = threads.ask
        self._catching_up = CatchingUp(hub, threads, settings)
        self._clock = clock
        self._settings = settings

    async def answer(self, connection: Connection, raw: bytes, *, is_full: bool) -> None:
        """Answer one request, whatever it is; one to listen lasts from then on."""
        try:
            await self._answer(connection, raw, is_full=is_full)
        except Exception:  # noqa: BLE001 - the reason follows
            answer_bug(connection)

    async def _answer(self, connection: Connection, raw: bytes, *, is_full: bool) -> None:
        origin: str | None = None
        try:
            head = read_head(raw)
            origin = head.headers.get("origin")
            if is_for_health(head):
                connection.finish(answers.health())
                return
            refuse_other_paths(head)
            if is_full:
                raise busy("stream_full", "As many readers are connected as this server takes.")
            async with asyncio.timeout(self._settings.admit_within_seconds):
                if head.method == "OPTIONS":
                    connection.finish(answers.no_content(await self._ask(preflight, origin)))
                    return
                listener, admission = await self._let_in(connection, head)
        except REFUSED as failure:
            await answer_refusal(connection, failure, origin, self._threads)
            return
        await self._catching_up.bring_up_to_date(connection, listener, admission.marks)

    async def _let_in(self, connection: Connection, head: RequestHead) -> tuple[Listener, Admission]:
        position = read_position(head)
        credential = Credential(head.headers.get("authorization"), head.headers.get("origin"))
        admission = await self._ask(admit, credential)
        self._refuse_too_many(admission)
        latest = admission.marks.number
        listener = Listener(connection, credential, admission, latest if position is None else position)
        # The reader may have gone while the database was asked.
        if connection.is_open:
            connection.begin(listener)
            headers = admitted_headers(admission, credential.origin)
            greeting = hello(latest, self._settings.heartbeat_seconds)
            connection.send(answers.stream_head(self._clock(), headers) + greeting)
        return listener, admission

    def _refuse_too_many(self, admission: Admission) -> None:
        if admission.principal is None:
            return
        if self._hub.streams_of(admission.environment_id, admission.principal) >= self._settings.most_per_end_user:
            raise busy("too_many_streams", "This user has too many streams open.")
