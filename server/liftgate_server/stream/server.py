"""The stream of one process: its socket, its readers, and the tasks that keep them supplied."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from flask import Flask

from liftgate_server.plumbing.logs import logger
from liftgate_server.stream import figures
from liftgate_server.stream.connection import Connection
from liftgate_server.stream.events import end, retry
from liftgate_server.stream.listener import Listener
from liftgate_server.stream.parts import Parts
from liftgate_server.stream.settings import StreamSettings

__all__ = ["Stream"]

Wakeups = Callable[[], AsyncIterator[None]]
"""Says that something changed, as long as it is listened to."""

# Readers that come back after a restart are spread over this long, or longer when they are many.
_RETURN_WITHIN_MILLISECONDS = 5_000
_LEAST_RETURN_MILLISECONDS = 500
_MILLISECONDS_A_READER = 2
_CLOSED_AT_ONCE = 200
# Connections beyond the bound that are still told why they are refused.
_REFUSED_POLITELY = 64


class Stream:
    """Holds readers and tells them what changed. Lives on one event loop: make, open and drain it there."""

    def __init__(self, app: Flask, settings: StreamSettings, *, wakeups: Wakeups | None = None) -> None:
        self.settings = settings
        self._parts = Parts(app, settings)
        self.hub, self.tail, self.pulse = self._parts.hub, self._parts.tail, self._parts.pulse
        self._wakeups = wakeups
        self._connections: set[Connection] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._is_empty = asyncio.Event()
        self._is_empty.set()

    async def open(self, listening: socket.socket) -> None:
        """Take readers from a socket that listens already."""
        figures.CONNECTIONS.set(0)
        for work in (self.tail.run(), self.pulse.beat(), self.pulse.watch()):
            self._start(work)
        if self._wakeups is not None:
            self._start(self._listen_to(self._wakeups))
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self), sock=listening, backlog=4096)

    async def drain(self) -> None:
        """Take no more readers, tell everybody when to come back, and close."""
        if self._server is not None:
            self._server.close()
        span = max(_RETURN_WITHIN_MILLISECONDS, len(self._connections) * _MILLISECONDS_A_READER)
        for place, connection in enumerate(tuple(self._connections)):
            after = random.randint(_LEAST_RETURN_MILLISECONDS, span)  # noqa: S311 - jitter, not a secret
            connection.end(retry(after) + end("restarting") if connection.listener else b"", reason="restarting")
            if place % _CLOSED_AT_ONCE == _CLOSED_AT_ONCE - 1:
                await asyncio.sleep(0)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._is_empty.wait(), self.settings.drain_within_seconds)
        await self._stop()

    def opened(self, connection: Connection) -> None:
        if len(self._connections) >= self.settings.most_connections + _REFUSED_POLITELY:
            connection.abort()
        self._connections.add(connection)
        self._is_empty.clear()
        figures.CONNECTIONS.set(len(self._connections))

    def asked(self, connection: Connection, head: bytes) -> None:
        is_full = len(self._connections) > self.settings.most_connections
        self._start(self._parts.reception.answer(connection, head, is_full=is_full))

    def began(self, listener: Listener) -> None:
        self.hub.enter(listener)
        self.pulse.add(listener)

    def closed(self, connection: Connection) -> None:
        self._connections.discard(connection)
        if connection.listener is not None:
            self.pulse.remove(connection.listener)
            self.hub.leave(connection.listener)
        if not self._connections:
            self._is_empty.set()
        figures.CONNECTIONS.set(len(self._connections))

    async def _stop(self) -> None:
        for connection in tuple(self._connections):
            connection.abort()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # lets the transports that were aborted say so
        self._parts.close()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            logger().error("stream_task_failed", exc_info=task.exception())

    async def _listen_to(self, wakeups: Wakeups) -> None:
        async for _ in wakeups():
            self.tail.nudge()
