"""One connection: a request is read, and from then on only written to."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import Protocol, cast

from liftgate_server.stream import figures
from liftgate_server.stream.listener import Listener
from liftgate_server.stream.request_head import END_OF_HEAD, LONGEST_HEAD
from liftgate_server.stream.settings import StreamSettings

__all__ = ["Connection", "Host"]

# The kernel would buffer megabytes for a reader that does not read, and keep a vanished one for a quarter of an hour.
_KERNEL_BYTES = 32 * 1024
_UNANSWERED_MILLISECONDS = 60_000
_FLUSH_WITHIN_SECONDS = 5.0


class Host(Protocol):
    """What a connection belongs to."""

    settings: StreamSettings

    def opened(self, connection: Connection) -> None: ...
    def asked(self, connection: Connection, head: bytes) -> None: ...
    def began(self, listener: Listener) -> None: ...
    def closed(self, connection: Connection) -> None: ...


class Connection(asyncio.Protocol):
    __slots__ = ("_received", "_resumed", "_timer", "_transport", "host", "listener")

    def __init__(self, host: Host) -> None:
        self.host = host
        self.listener: Listener | None = None
        self._received: bytes | None = b""
        self._resumed: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport = cast("asyncio.Transport", None)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=self.host.settings.most_unread_bytes // 2)
        _bound(transport.get_extra_info("socket"))
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self.host.settings.head_within_seconds, self._transport.abort)
        self.host.opened(self)

    def data_received(self, data: bytes) -> None:
        if self._received is None:
            return  # nothing is expected after the request
        received = self._received + data
        head, end, _ = received.partition(END_OF_HEAD)
        if not end and len(received) <= LONGEST_HEAD:
            self._received = received
            return
        self._received = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.host.asked(self, head if end and len(head) <= LONGEST_HEAD else b"")

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the base's signature
        if self._timer is not None:
            self._timer.cancel()
        self.resume_writing()
        self.host.closed(self)

    def pause_writing(self) -> None:
        self._resumed = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        if self._resumed is not None and not self._resumed.done():
            self._resumed.set_result(None)
        self._resumed = None

    @property
    def is_open(self) -> bool:
        return not self._transport.is_closing()

    def begin(self, listener: Listener) -> None:
        """From now on this is the line to a reader that was let in."""
        self.listener = listener
        self.host.began(listener)

    def send(self, content: bytes) -> bool:
        """Send, unless the reader is gone; one that has left too much unread is dropped and catches up by number."""
        transport = self._transport
        if transport.is_closing():
            return False
        if transport.get_write_buffer_size() + len(content) > self.host.settings.most_unread_bytes:
            figures.LOST.labels("slow_reader").inc()
            transport.abort()
            return False
        transport.write(content)
        return True

    def end(self, content: bytes, *, reason: str) -> None:
        """Send the last words and close; a reader that does not take them is not waited for."""
        if self._transport.is_closing():
            return
        figures.LOST.labels(reason).inc()
        self.finish(content)

    def finish(self, content: bytes) -> None:
        if self._transport.is_closing():
            return
        self._transport.write(content)
        self._transport.close()
        self._timer = asyncio.get_running_loop().call_later(_FLUSH_WITHIN_SECONDS, self._transport.abort)

    def abort(self) -> None:
        self._transport.abort()

    async def has_read(self) -> None:
        """Wait until the reader has taken most of what it was sent."""
        if self._resumed is not None:
            await self._resumed


def _bound(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # the reader is gone already
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _KERNEL_BYTES)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNANSWERED_MILLISECONDS)
