"""Real servers on 127.0.0.1: one that works, and each way in which one does not."""

from __future__ import annotations

import contextlib
import gzip
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from liftgate.errors import ServerUnreachable
from liftgate.messages import Request
from tests.sdk.fake_server import FakeServer

Streaming = Callable[[BaseHTTPRequestHandler], None]
"""Answers ``GET /v1/stream`` as long as it likes; the connection is closed after it."""


@contextmanager
def http_server(
    fake: FakeServer,
    *,
    zipped: bool = False,
    protocol: str = "HTTP/1.1",
    stream: Streaming | None = None,
    port: int = 0,
) -> Iterator[str]:
    """Serve a fake server over HTTP/1.1 with keep-alive, or 1.0 that closes after each answer; yield its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = protocol

        def answer(self) -> None:
            if stream is not None and self.path.startswith("/v1/stream"):
                self.close_connection = True
                with contextlib.suppress(OSError):
                    stream(self)
                return
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            try:
                response = fake.send(Request(self.command, self.path, dict(self.headers), body), timeout_seconds=1)
            except ServerUnreachable:
                self.close_connection = True  # hangs up without a word
                return
            text = gzip.compress(response.body) if zipped and response.body else response.body
            self.send_response(response.status)
            for name, value in response.headers.items():
                self.send_header(name, value)
            if zipped and response.body:
                self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_PUT = do_POST = answer  # noqa: N815 - as the standard library calls them

        def log_message(self, *_arguments: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


Conversation = Callable[[socket.socket, threading.Event], None]


def stay_silent(_peer: socket.socket, over: threading.Event) -> None:
    over.wait()


def drip(peer: socket.socket, over: threading.Event) -> None:
    """Send one byte of an endless header at a time, which no timeout per read would ever notice."""
    peer.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while not over.wait(0.02):
        peer.sendall(b"a")


def talk_nonsense(peer: socket.socket, _over: threading.Event) -> None:
    peer.recv(65536)
    peer.sendall(b"\x00\xff SSH-2.0 what?\r\n\r\n" * 100)


def answer_html(peer: socket.socket, _over: threading.Event) -> None:
    peer.recv(65536)
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>")


def reset(peer: socket.socket, _over: threading.Event) -> None:
    peer.recv(65536)
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def hang_up(peer: socket.socket, _over: threading.Event) -> None:
    peer.recv(65536)


def break_off(peer: socket.socket, _over: threading.Event) -> None:
    peer.recv(65536)
    peer.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{"wire": 1, "env')


def pack_badly(peer: socket.socket, _over: threading.Event) -> None:
    peer.recv(65536)
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope")


MISBEHAVIOURS: list[Conversation] = [
    stay_silent,
    drip,
    talk_nonsense,
    answer_html,
    reset,
    hang_up,
    break_off,
    pack_badly,
]


@contextmanager
def misbehaving_server(conversation: Conversation) -> Iterator[str]:
    """Accept every connection and hold this conversation on it; yield the address."""
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []

    def talk(peer: socket.socket) -> None:
        with peer, contextlib.suppress(OSError):
            conversation(peer, over)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while not over.is_set():
                peer, _ = listener.accept()
                threads.append(threading.Thread(target=talk, args=(peer,), daemon=True))
                threads[-1].start()

    acceptor = threading.Thread(target=accept, daemon=True)
    acceptor.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        # A blocked accept does not notice that its listener is closed, so it gets one last visitor.
        with contextlib.suppress(OSError), socket.create_connection(listener.getsockname(), 1):
            pass
        acceptor.join()
        listener.close()
        for thread in threads:
            thread.join()


@contextmanager
def refusing_address() -> Iterator[str]:
    """Yield an address where nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{unused.getsockname()[1]}"
