"""What happens to every reader by the clock: heartbeats, and a second look at what was believed for a while.

Both are spread over time, because beating for ten thousand readers at once would keep all others waiting.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from liftgate_server.plumbing.logs import logger
from liftgate_server.stream.events import HEARTBEAT
from liftgate_server.stream.listener import Listener

__all__ = ["Pulse"]

_STEP_SECONDS = 0.25


class Pulse:
    """The readers by when they are due."""

    def __init__(
        self,
        heartbeat_seconds: float,
        clock: Callable[[], datetime],
        ask_again: Callable[[Iterable[Listener]], Awaitable[None]],
    ) -> None:
        steps = max(round(heartbeat_seconds / _STEP_SECONDS), 1)
        self._step_seconds = heartbeat_seconds / steps
        self._beats: tuple[set[Listener], ...] = tuple(set() for _ in range(steps))
        self._next_beat = itertools.cycle(range(steps))
        self._place: dict[Listener, tuple[int, int]] = {}
        self._due: dict[int, set[Listener]] = {}
        self._seconds: list[int] = []
        self._clock = clock
        self._ask_again = ask_again

    def add(self, listener: Listener) -> None:
        beat = next(self._next_beat)
        self._beats[beat].add(listener)
        self._place[listener] = beat, self._expect(listener)

    def remove(self, listener: Listener) -> None:
        beat, second = self._place.pop(listener)
        self._beats[beat].discard(listener)
        self._due.get(second, set()).discard(listener)

    async def beat(self) -> None:
        """Beat for ever; each reader has its turn once in a heartbeat."""
        for beat in itertools.cycle(self._beats):
            await asyncio.sleep(self._step_seconds)
            for listener in tuple(beat):
                listener.line.send(HEARTBEAT)

    async def watch(self) -> None:
        """Look again at credentials for ever; apart from the heartbeats, which must not wait for a database."""
        while True:
            await asyncio.sleep(_STEP_SECONDS)
            try:
                await self.look_again()
            except SQLAlchemyError as failure:
                # Nobody is let go because the database is away; each is looked at again in the next step.
                logger().error("stream_cannot_verify", reason=str(failure))
            except Exception:  # noqa: BLE001 - the reason follows
                # A bug in what is called here must not make every credential good for ever.
                logger().exception("stream_cannot_verify")

    async def look_again(self) -> None:
        """Verify the credentials that have been believed for long enough: tokens have expired by then."""
        due = self._take_due(int(self._clock().timestamp()))
        if not due:
            return
        try:
            await self._ask_again(due)
        finally:
            for listener in due:
                if listener in self._place:
                    self._place[listener] = self._place[listener][0], self._expect(listener)

    def _expect(self, listener: Listener) -> int:
        # The second after: at its beginning the instant has certainly come.
        second = int(listener.believed_until.timestamp()) + (listener.believed_until.microsecond > 0)
        if second not in self._due:
            self._due[second] = set()
            heapq.heappush(self._seconds, second)
        self._due[second].add(listener)
        return second

    def _take_due(self, now: int) -> tuple[Listener, ...]:
        due: list[Listener] = []
        while self._seconds and self._seconds[0] <= now:
            due.extend(self._due.pop(heapq.heappop(self._seconds)))
        return tuple(due)
