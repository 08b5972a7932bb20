"""The HTTP drivers count what a server really answered."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from loadtests.bench.http_driver import FRESH, Call, Flow, drive, drive_with_sockets, request_text

SHORT = 0.3


class Echo(BaseHTTPRequestHandler):
    """Answers 200 to a body that says "good" and 404 to everything else."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200 if body == b"good" and self.headers["X-Key"] == "secret" else 404)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@dataclass
class Heard:
    """What a server that answers 200 to everything has heard: the keys and bodies."""

    port: int
    requests: list[tuple[str, bytes]]


class Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """A driver that has seen enough drops its connections; that is no news."""


@pytest.fixture
def port() -> Iterator[int]:
    server = Server(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def heard(port: int, monkeypatch: pytest.MonkeyPatch) -> Heard:
    listening = Heard(port, [])

    def answer(handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        listening.requests.append((handler.headers["X-Key"], body))
        handler.send_response(200)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    monkeypatch.setattr(Echo, "do_POST", answer)
    return listening


def by_wrk_or_sockets(port: int, call: Call) -> Flow:
    return drive("127.0.0.1", port, call, seconds=SHORT)


def by_sockets(port: int, call: Call) -> Flow:
    return drive_with_sockets("127.0.0.1", port, call, SHORT)


DRIVERS = pytest.mark.parametrize("send", [by_wrk_or_sockets, by_sockets])


@DRIVERS
def test_answers_are_counted(port: int, send: Callable[[int, Call], Flow]):
    flow = send(port, Call("POST", "/", {"X-Key": "secret"}, "good"))

    assert flow.requests_per_second > 0
    assert flow.errors == 0


@DRIVERS
def test_every_other_status_is_an_error(port: int, send: Callable[[int, Call], Flow]):
    flow = send(port, Call("POST", "/", {"X-Key": "secret"}, "bad"))

    assert flow.errors > 0


@DRIVERS
def test_bodies_take_turns_and_fresh_values_never_come_twice(heard: Heard, send: Callable[[int, Call], Flow]):
    flow = send(heard.port, Call("POST", "/", {"X-Key": FRESH}, bodies=["good", "better"]))

    assert flow.errors == 0
    assert {body for _, body in heard.requests} == {b"good", b"better"}
    keys = [key for key, _ in heard.requests]
    assert len(set(keys)) == len(keys)
    assert {len(key) for key in keys} == {len(FRESH)}


def test_a_body_is_sent_with_its_length_in_bytes():
    text = request_text("127.0.0.1", 80, Call("POST", "/v1/check", {"X-Key": "k"}), "€")

    assert text == "POST /v1/check HTTP/1.1\r\nHost: 127.0.0.1:80\r\nX-Key: k\r\nContent-Length: 3\r\n\r\n€"
