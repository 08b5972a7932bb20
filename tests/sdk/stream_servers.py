"""Streams that work, and each way in which one does not."""

from __future__ import annotations

import json
import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.sdk.fake_server import FakeServer

HEARTBEAT = b": \n\n"


class GoodStream:
    """Tells the changes of a fake server, and beats."""

    def __init__(self, fake: FakeServer, *, heartbeat_seconds: float = 0.05) -> None:
        self.fake = fake
        self.heartbeat_seconds = heartbeat_seconds
        self.afters: list[int] = []
        self.keys: list[str | None] = []
        self.over = threading.Event()

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        number = int(handler.path.rpartition("after=")[2])
        self.afters.append(number)
        self.keys.append(handler.headers["Authorization"])
        begin(handler)
        say_hello(handler, self.heartbeat_seconds)
        over = self.over  # of this connection: `end_all` gives the next ones another
        while not over.is_set():
            with self.fake.lock:
                changes = self.fake.changes[number:]
            if changes:
                number = len(self.fake.changes)
                tell(handler, {"latest": number, "reset": False, "changes": changes})
            else:
                handler.wfile.write(HEARTBEAT)
            over.wait(self.heartbeat_seconds)

    def end_all(self) -> None:
        """End the streams there are; later ones go on."""
        over, self.over = self.over, threading.Event()
        over.set()


def begin(handler: BaseHTTPRequestHandler, content_type: str = "text/event-stream; charset=utf-8") -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nConnection: close\r\n\r\n"
    handler.wfile.write(head.encode())


def say_hello(handler: BaseHTTPRequestHandler, heartbeat_seconds: Any = 0.05) -> None:
    document = json.dumps({"latest": 0, "heartbeat_seconds": heartbeat_seconds})
    handler.wfile.write(f"event: hello\ndata: {document}\n\n".encode())


def tell(handler: BaseHTTPRequestHandler, page: dict[str, Any]) -> None:
    handler.wfile.write(f"id: {page['latest']}\nevent: changes\ndata: {json.dumps(page)}\n\n".encode())


def hold_back(handler: BaseHTTPRequestHandler) -> None:
    """Be a proxy that collects the answer."""
    begin(handler)
    handler.connection.recv(1)


def hold_back_after_hello(handler: BaseHTTPRequestHandler) -> None:
    """Be a proxy that passes the first piece on and collects what follows."""
    begin(handler)
    say_hello(handler)
    handler.connection.recv(1)


def answer_a_page(handler: BaseHTTPRequestHandler) -> None:
    begin(handler, "text/html")
    handler.wfile.write(b"<html>Welcome to the hotel network</html>")


def talk_nonsense(handler: BaseHTTPRequestHandler) -> None:
    begin(handler)
    handler.wfile.write(b"\x00\xff\xfe data\n\n\nevent: hello\ndata: {]\n\n")


def send_one_huge_line(handler: BaseHTTPRequestHandler) -> None:
    begin(handler)
    handler.wfile.write(b"data: " + b"x" * 3_000_000)
    handler.connection.recv(1)


def beat_absurdly(handler: BaseHTTPRequestHandler) -> None:
    begin(handler)
    say_hello(handler, float("nan"))
    handler.connection.recv(1)


def redirect_in_circles(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /v1/stream\r\nContent-Length: 0\r\n\r\n")


def be_unavailable(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\n{}")


REFUSING = [
    hold_back,
    hold_back_after_hello,
    answer_a_page,
    talk_nonsense,
    send_one_huge_line,
    beat_absurdly,
    redirect_in_circles,
    be_unavailable,
]


def fall_silent(handler: BaseHTTPRequestHandler) -> None:
    begin(handler)
    say_hello(handler)
    handler.wfile.write(HEARTBEAT)
    handler.connection.recv(1)


def drip(handler: BaseHTTPRequestHandler) -> None:
    """Send byte after byte of a line that never ends, which no timeout per read would ever notice."""
    begin(handler)
    say_hello(handler)
    handler.wfile.write(HEARTBEAT)
    while True:
        handler.wfile.write(b"a")
        threading.Event().wait(0.01)


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    begin(handler)
    say_hello(handler)


def reset(handler: BaseHTTPRequestHandler) -> None:
    begin(handler)
    say_hello(handler)
    handler.wfile.write(HEARTBEAT)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def say_the_end(handler: BaseHTTPRequestHandler) -> None:
    begin(handler)
    say_hello(handler)
    handler.wfile.write(b'event: end\ndata: {"code": "draining"}\n\n')
    handler.connection.recv(1)


def be_overrun(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")


ENDING = [fall_silent, drip, hang_up, reset, say_the_end, be_overrun]
