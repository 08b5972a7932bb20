"""Tailing the changes: one statement tells of all environments with listeners, one more reads a page for all of them.

A database that does not answer ends nobody's stream: what happened meanwhile is read by number afterwards.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from liftgate_server.plumbing.changes import ChangePage, Marks
from liftgate_server.plumbing.errors import Problem
from liftgate_server.plumbing.logs import logger
from liftgate_server.stream import figures
from liftgate_server.stream.events import Frames
from liftgate_server.stream.hub import Hub
from liftgate_server.stream.listener import Audience, Listener
from liftgate_server.stream.queries import marks_of, page_after
from liftgate_server.stream.second_look import SecondLook
from liftgate_server.stream.settings import StreamSettings
from liftgate_server.stream.threads import Threads

__all__ = ["Tail"]

_LONGEST_PAUSE_SECONDS = 1.0
_LEAST_PAUSE_SECONDS = 0.005
# Writing to this many readers takes some milliseconds; then others have their turn on the event loop.
_SENT_AT_ONCE = 500


class Tail:
    """Reads what changed and sends it to those who listen."""

    def __init__(self, hub: Hub, threads: Threads, clock: Callable[[], datetime], settings: StreamSettings) -> None:
        self._hub = hub
        self._ask = threads.ask
        self._look_again = SecondLook(threads)
        self._clock = clock
        self._settings = settings
        self._nudged = asyncio.Event()

    def nudge(self) -> None:
        """Look at once: somebody says that something changed."""
        self._nudged.set()

    async def run(self) -> None:
        """Look for changes as long as anybody listens, for ever."""
        failures = 0
        while True:
            await self._hub.occupied.wait()
            self._nudged.clear()
            try:
                await self.look()
            except (SQLAlchemyError, Problem) as failure:
                failures += 1
                if failures == 1:
                    logger().error("stream_cannot_read", reason=str(failure))
            except Exception:  # noqa: BLE001 - the reason follows
                # The one task that feeds everybody must outlive a bug in what it calls.
                failures += 1
                logger().exception("stream_cannot_read")
            else:
                if failures:
                    logger().info("stream_reads_again", failures=failures)
                failures = 0
            await self._pause(failures)
            # A busy environment announces every commit; what comes within this time is read together.
            await asyncio.sleep(_LEAST_PAUSE_SECONDS)

    async def look(self) -> None:
        """Send everything that was committed by now."""
        audiences = self._hub.audiences()
        marks = await self._ask(marks_of, [audience.environment_id for audience in audiences])
        for audience in audiences:
            found = marks.get(audience.environment_id)
            if found is not None:
                await self._bring_up_to(audience, found)

    async def _bring_up_to(self, audience: Audience, marks: Marks) -> None:
        if audience.access != marks.access:
            # Before anything else is sent: whoever lost access hears no more.
            await self._look_at_all(audience, marks.access)
        # The number may also have gone back, when a backup was restored; the page says `reset` then.
        while audience.number != marks.number:
            start = audience.number
            page = await self._ask(page_after, audience.environment_id, start, self._settings.changes_in_a_page)
            audience.number = page.latest
            await self._send(audience, start, page)
            if page.reset or not page.changes or page.latest >= marks.number:
                break

    async def _look_at_all(self, audience: Audience, access: int) -> None:
        """Verify everybody again; who was let in before this change and joins meanwhile has to be asked, too."""
        before, audience.access = audience.access, access
        try:
            await self._look_again(audience)
        except BaseException:
            audience.access = before  # nobody was asked
            raise

    async def _send(self, audience: Audience, start: int, page: ChangePage) -> None:
        frames = {start: Frames(page)}
        whole, latest = frames[start].whole, page.latest
        sent = 0
        for place, listener in enumerate(audience):
            if place % _SENT_AT_ONCE == _SENT_AT_ONCE - 1:
                await asyncio.sleep(0)
            if listener.position == start and listener.customer is None:
                # Nearly all of them, so without a detour: it is ten thousand times as long.
                listener.position = latest
                sent += listener.line.send(whole)
                continue
            if listener.position != start:
                if listener.position >= page.latest and not page.reset:
                    continue  # it caught up with more than this page on its own
                if listener.position not in frames:
                    frames[listener.position] = Frames(_rest(page, listener.position))
            sent += deliver(listener, frames[listener.position], page.latest)
        if sent:
            figures.EVENTS.inc(sent)
            self._note_lag(page)

    def _note_lag(self, page: ChangePage) -> None:
        if page.newest_at is not None:
            # A clock that was set back meanwhile would subtract from the sum.
            figures.LAG_SECONDS.observe(max((self._clock() - page.newest_at).total_seconds(), 0.0))

    async def _pause(self, failures: int) -> None:
        seconds = self._settings.poll_seconds
        if failures:
            seconds = min(seconds * 2.0**failures, _LONGEST_PAUSE_SECONDS)
        try:
            # With a database that fails, being told of changes is no reason to ask it more often.
            await asyncio.wait_for(asyncio.Event().wait() if failures else self._nudged.wait(), seconds)
        except TimeoutError:
            return


def deliver(listener: Listener, frames: Frames, latest: int) -> bool:
    """Send a reader its part of a page; from then on it knows the changes up to `latest`."""
    frame = frames.whole if listener.customer is None else frames.for_customer(listener.customer)
    listener.position = latest
    return frame is not None and listener.line.send(frame)


def _rest(page: ChangePage, position: int) -> ChangePage:
    changes = tuple(change for change in page.changes if change.number > position)
    return ChangePage(page.latest, reset=page.reset, changes=changes)
