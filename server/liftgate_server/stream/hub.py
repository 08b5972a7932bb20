"""Everybody who listens, by environment; it lives on the event loop, so nothing in it waits or locks."""

from __future__ import annotations

import asyncio
from collections import Counter

from liftgate_server.plumbing.changes import Marks
from liftgate_server.stream.listener import Audience, Listener

__all__ = ["Hub"]


class Hub:
    """The audiences. `occupied` is set while there is one: nothing has to be read while nobody listens."""

    def __init__(self) -> None:
        self._audiences: dict[int, Audience] = {}
        self._end_users: Counter[tuple[int, str]] = Counter()
        self.occupied = asyncio.Event()

    def audience(self, environment_id: int) -> Audience | None:
        return self._audiences.get(environment_id)

    def audiences(self) -> tuple[Audience, ...]:
        return tuple(self._audiences.values())

    def streams_of(self, environment_id: int, principal: str) -> int:
        """Count what one end user has open."""
        return self._end_users[environment_id, principal]

    def enter(self, listener: Listener) -> None:
        """Count a reader that was let in, from before it has caught up."""
        if listener.principal is not None:
            self._end_users[listener.environment_id, listener.principal] += 1

    def join(self, listener: Listener, *, access: int) -> None:
        """Let a reader that has caught up hear what comes; the first one says where its environment stands."""
        audience = self._audiences.get(listener.environment_id)
        if audience is None:
            marks = Marks(listener.position, 0, access)
            audience = self._audiences[listener.environment_id] = Audience(listener.environment_id, marks)
            self.occupied.set()
        audience.add(listener)

    def leave(self, listener: Listener) -> None:
        self._forget_end_user(listener)
        audience = self._audiences.get(listener.environment_id)
        if audience is None:
            return
        audience.remove(listener)
        if not audience:
            del self._audiences[listener.environment_id]
        if not self._audiences:
            self.occupied.clear()

    def _forget_end_user(self, listener: Listener) -> None:
        if listener.principal is None:
            return
        key = listener.environment_id, listener.principal
        self._end_users[key] -= 1
        if self._end_users[key] <= 0:
            del self._end_users[key]
