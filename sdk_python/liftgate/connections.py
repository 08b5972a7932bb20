"""One keep-alive connection with a deadline over the whole exchange. Imported when first needed, not before."""

from __future__ import annotations

import http.client
import io
import os
import select
import socket
import ssl
import zlib
from collections.abc import Mapping
from time import monotonic
from typing import Any, Final

from liftgate.configuration import ServerAddress
from liftgate.errors import ServerUnreachable
from liftgate.messages import Request, Response

__all__ = ["Connection"]

_MAX_BODY_BYTES: Final = 32 * 1024 * 1024
"""A catalogue is at most 2 MB as a document; anything far beyond is not our server."""

_MAX_REFUSAL_BYTES: Final = 64 * 1024
_PIECE_BYTES: Final = 64 * 1024

_GZIP_WINDOW: Final = 16 + zlib.MAX_WBITS


class _DeadlineReader(io.RawIOBase):
    """Reads a socket until a deadline. A plain socket timeout starts anew with every byte that drips in."""

    def __init__(self, sock: socket.socket, connection: _HttpConnection) -> None:
        self._sock = sock
        # Keeps the socket open while it is read: http.client closes its end as soon as it has seen the head of an
        # answer that says `Connection: close`.
        self._stream = sock.makefile("rb", buffering=0)
        self._connection = connection

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._connection.seconds_left())
        return self._stream.readinto(buffer)

    def close(self) -> None:
        self._stream.close()
        super().close()


class _DeadlineSocket:
    """The part of a socket that ``http.client`` uses."""

    def __init__(self, sock: socket.socket, connection: _HttpConnection) -> None:
        self._sock = sock
        self._connection = connection

    def sendall(self, data: bytes) -> None:
        self._sock.settimeout(self._connection.seconds_left())
        self._sock.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_DeadlineReader(self._sock, self._connection))

    def fileno(self) -> int:
        return self._sock.fileno()

    def shutdown(self, how: int) -> None:
        self._sock.shutdown(how)

    def close(self) -> None:
        self._sock.close()

    def abandon(self) -> None:
        descriptor = self._sock.detach()
        if descriptor >= 0:
            os.close(descriptor)


class _HttpConnection(http.client.HTTPConnection):
    """``http.client`` with one deadline instead of a timeout per step."""

    def __init__(self, address: ServerAddress, tls_context: ssl.SSLContext | None) -> None:
        super().__init__(address.host, address.port)
        self._address = address
        self._tls_context = tls_context
        self.deadline = 0.0

    def seconds_left(self) -> float:
        seconds = self.deadline - monotonic()
        if seconds <= 0:
            raise TimeoutError("the deadline has passed")
        return seconds

    def connect(self) -> None:
        sock = socket.create_connection((self.host, self.port), timeout=self.seconds_left())
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._address.is_secure:
                context = self._tls_context or ssl.create_default_context()
                sock.settimeout(self.seconds_left())
                sock = context.wrap_socket(sock, server_hostname=self.host)
        except BaseException:
            sock.close()
            raise
        # http.client asks of its socket no more than _DeadlineSocket has.
        self.sock: Any = _DeadlineSocket(sock, self)


class Connection:
    """A connection that is opened by its first exchange and can be used again after each complete one."""

    def __init__(self, address: ServerAddress, tls_context: ssl.SSLContext | None) -> None:
        self._path = address.path
        self._http = _HttpConnection(address, tls_context)
        self._sock: Any = None
        self._answer: http.client.HTTPResponse | None = None
        self.was_used = False

    def exchange(self, request: Request, headers: Mapping[str, str], deadline: float) -> tuple[Response, bool]:
        """Return the answer, and whether the connection may be used again."""
        self._http.deadline = deadline
        try:
            self._http.request(request.method, self._path + request.path, body=request.body, headers=dict(headers))
            answer = self._http.getresponse()
            with answer:
                body = answer.read(_MAX_BODY_BYTES + 1)
            answer_headers = {name.lower(): value for name, value in answer.getheaders()}
            if answer_headers.get("content-encoding", "").lower() == "gzip":
                body = _unpack(body)
        except (OSError, http.client.HTTPException, ValueError, zlib.error) as error:
            raise ServerUnreachable(f"No usable answer from the server: {error!r}") from error
        if len(body) > _MAX_BODY_BYTES:
            raise ServerUnreachable(f"The server's answer is larger than {_MAX_BODY_BYTES} bytes.")
        self.was_used = True
        return Response(status=answer.status, headers=answer_headers, body=body), not answer.will_close

    def open(self, request: Request, headers: Mapping[str, str], deadline: float) -> Response:
        """Return the head of an answer without an end, whose body ``read`` gives; of any other answer all of it."""
        self._http.deadline = deadline
        try:
            self._http.request(request.method, self._path + request.path, headers=dict(headers))
            # http.client gives its socket away with an answer that says `Connection: close`.
            self._sock = self._http.sock
            self._answer = answer = self._http.getresponse()
            answer_headers = {name.lower(): value for name, value in answer.getheaders()}
            is_open = answer.status == http.HTTPStatus.OK
            body = b"" if is_open else answer.read(_MAX_REFUSAL_BYTES)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise ServerUnreachable(f"No usable answer from the server: {error!r}") from error
        return Response(status=answer.status, headers=answer_headers, body=body)

    def read(self, deadline: float) -> bytes:
        """Return what has come of an answer without an end; nothing when it has ended after all."""
        if self._answer is None:
            return b""
        self._http.deadline = deadline
        try:
            return self._answer.read1(_PIECE_BYTES)
        except TimeoutError:
            raise
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise ServerUnreachable(f"The connection to the server broke: {error!r}") from error

    def is_usable(self) -> bool:
        """Whether the server has kept the connection open; a readable idle socket means that it has not."""
        sock = self._http.sock
        return sock is not None and not _is_readable(sock.fileno())

    def interrupt(self) -> None:
        """End the connection under the hands of the thread that waits on it."""
        sock = self._http.sock or self._sock
        if sock is not None:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # It was closed already, which is what we want.

    def abandon(self) -> None:
        """Close the socket alone: in a forked child, the reader above it may be locked by a thread of the parent."""
        sock = self._http.sock or self._sock
        if sock is not None:
            sock.abandon()

    def forget(self) -> None:
        """Close our end."""
        if self._answer is not None:
            self._answer.close()
        self._http.close()


def _unpack(body: bytes) -> bytes:
    """Unpack gzip, never to more than the largest body we would have read."""
    return zlib.decompressobj(_GZIP_WINDOW).decompress(body, _MAX_BODY_BYTES + 1)


def _is_readable(descriptor: int) -> bool:
    if hasattr(select, "poll"):
        poller = select.poll()
        poller.register(descriptor, select.POLLIN)
        return bool(poller.poll(0))
    return bool(select.select([descriptor], [], [], 0)[0])
