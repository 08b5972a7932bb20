"""HTTP to the server over ``http.client``."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Final

from liftgate.configuration import Credentials, ServerAddress
from liftgate.errors import ServerUnreachable
from liftgate.flights import imports

if TYPE_CHECKING:
    from ssl import SSLContext

    from liftgate.connections import Connection
    from liftgate.messages import OpenAnswer, Request, Response

__all__ = ["HttpTransport"]

_IDLE_CONNECTIONS: Final = 4
"""Kept open per client. Loads are rare after the start, so a few serve a process with many threads."""


class HttpTransport:
    """Keep-alive HTTP/1.1 over a small pool; a call never takes longer than its deadline once it is connected."""

    def __init__(
        self, address: ServerAddress, credentials: Credentials, *, tls_context: SSLContext | None = None
    ) -> None:
        self._address = address
        self._headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "Authorization": f"Bearer {credentials.key}",
            "User-Agent": "liftgate-python/1",
        }
        self._tls_context = tls_context
        self._lock = threading.Lock()
        self._idle: list[Connection] = []
        self._in_use: set[Connection] = set()
        self._is_closed = False

    def send(self, request: Request, *, timeout_seconds: float) -> Response:
        """Return the server's answer, whatever its status."""
        deadline = monotonic() + timeout_seconds
        connection = self._take()
        was_used = connection.was_used
        try:
            return self._exchange(connection, request, deadline)
        except ServerUnreachable:
            # A server may drop an idle connection at the moment we use it. Only a read may then be sent again: of
            # anything else we cannot know whether it was carried out.
            if request.method != "GET" or not was_used or monotonic() >= deadline:
                raise
        return self._exchange(self._take(is_fresh=True), request, deadline)

    def open(self, request: Request, *, timeout_seconds: float, address: ServerAddress | None = None) -> OpenAnswer:
        """Return the head of an answer that has no end, from another address if need be; the caller closes it."""
        connection = self._take(is_fresh=True, address=address)
        # Packed events would wait in the packing.
        headers = {**self._headers, "Accept-Encoding": "identity", **request.headers}
        try:
            head = connection.open(request, headers, monotonic() + timeout_seconds)
        except BaseException:
            self._give_back(connection, keep=False)
            raise
        return _OpenAnswer(head, connection, lambda: self._give_back(connection, keep=False))

    def close(self) -> None:
        """Close the idle connections and interrupt the ones in use, so that waiting threads return at once."""
        with self._lock:
            self._is_closed = True
            idle, in_use = list(self._idle), list(self._in_use)
            self._idle.clear()
        for connection in idle:
            connection.forget()
        for connection in in_use:
            connection.interrupt()  # whoever uses it closes it

    def after_fork(self) -> None:
        """Drop the parent's connections; two processes reading one socket would get each other's answers."""
        self._lock = threading.Lock()
        inherited = {*self._idle, *self._in_use}
        self._idle, self._in_use = [], set()
        for connection in inherited:
            connection.abandon()

    def _exchange(self, connection: Connection, request: Request, deadline: float) -> Response:
        keep = False
        try:
            response, keep = connection.exchange(request, {**self._headers, **request.headers}, deadline)
        finally:
            self._give_back(connection, keep=keep)
        return response

    def _take(self, *, is_fresh: bool = False, address: ServerAddress | None = None) -> Connection:
        # Imported late: `http.client`, `socket` and `ssl` double the time of `import liftgate`, and a process that
        # only imports a module with gates never needs them.
        with imports:
            from liftgate.connections import Connection  # noqa: PLC0415

        with self._lock:
            if self._is_closed:
                raise ServerUnreachable("The client is closed.")
            # At every moment a connection is in one of the two, or a fork at that moment would leave it to the child.
            while self._idle and not is_fresh:
                connection = self._idle[-1]
                self._in_use.add(connection)
                self._idle.pop()
                if connection.is_usable():
                    return connection
                self._in_use.discard(connection)
                connection.forget()
            connection = Connection(address or self._address, self._tls_context)
            self._in_use.add(connection)
            return connection

    def _give_back(self, connection: Connection, *, keep: bool) -> None:
        with self._lock:
            keep = keep and not self._is_closed and len(self._idle) < _IDLE_CONNECTIONS
            if keep:
                self._idle.append(connection)
            self._in_use.discard(connection)
        if not keep:
            connection.forget()


class _OpenAnswer:
    """An answer that is read as it comes, over a connection of its own."""

    def __init__(self, head: Response, connection: Connection, give_back: Callable[[], None]) -> None:
        self.status = head.status
        self.headers = head.headers
        self._connection = connection
        self._give_back = give_back

    def read(self, seconds: float) -> bytes:
        return self._connection.read(monotonic() + seconds)

    def close(self) -> None:
        self._give_back()
