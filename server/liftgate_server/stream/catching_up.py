"""Bringing a reader up to date: what it missed is sent by number, page by page, until it stands where the others do."""

from __future__ import annotations

import asyncio

from sqlalchemy.exc import SQLAlchemyError

from liftgate_server.plumbing.changes import Marks
from liftgate_server.plumbing.errors import Problem
from liftgate_server.plumbing.logs import logger
from liftgate_server.stream import figures
from liftgate_server.stream.admission import admit
from liftgate_server.stream.connection import Connection
from liftgate_server.stream.events import Frames, end
from liftgate_server.stream.hub import Hub
from liftgate_server.stream.listener import Listener
from liftgate_server.stream.queries import page_after
from liftgate_server.stream.settings import StreamSettings
from liftgate_server.stream.tail import deliver
from liftgate_server.stream.threads import Threads

__all__ = ["CatchingUp"]


class CatchingUp:
    """Takes readers from their number to that of their audience."""

    def __init__(self, hub: Hub, threads: Threads, settings: StreamSettings) -> None:
        self._hub = hub
        self._ask = threads.ask
        self._settings = settings

    async def bring_up_to_date(self, connection: Connection, listener: Listener, marks: Marks) -> None:
        """Send what a reader missed and join it to the others; its answer has begun already."""
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
