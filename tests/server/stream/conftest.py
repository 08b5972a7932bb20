"""A stream on an event loop of its own, beside a server in this process."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest
from flask import Flask

from liftgate_server.access.queries import Environment
from liftgate_server.customers.service import UpsertCustomer, upsert_customer
from liftgate_server.stream.listener import Audience
from liftgate_server.stream.server import Stream
from liftgate_server.stream.settings import StreamSettings
from tests.server.stream.waiting import PATIENCE_SECONDS, wait_until

T = TypeVar("T")


@dataclass
class Event:
    name: str
    id: int | None
    data: Any


@dataclass
class Reader:
    """One reader over a bare socket, so that a test sees every byte, or leaves them unread."""

    socket: socket.socket
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def read_head(self) -> Reader:
        while b"\r\n\r\n" not in self.body:
            self._receive()
        head, self.body = self.body.split(b"\r\n\r\n", 1)
        first, *lines = head.decode("latin-1").split("\r\n")
        self.status = int(first.split()[1])
        self.headers = dict(line.split(": ", 1) for line in lines)
        return self

    def next_event(self) -> Event:
        """Wait for the next event, passing over heartbeats; which come for ever, so they do not count as patience."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            block = self.next_block()
            assert time.monotonic() < deadline, "only heartbeats came"
            if not block.startswith(":"):
                fields = dict(line.split(": ", 1) for line in block.split("\n"))
                if "data" in fields:
                    number = int(fields["id"]) if "id" in fields else None
                    return Event(fields["event"], number, json.loads(fields["data"]))

    def hear(self, kinds: set[str]) -> list[dict[str, Any]]:
        """Wait until changes of all these kinds have come, in however many events, and give all that came."""
        heard: list[dict[str, Any]] = []
        while not kinds <= {change["kind"] for change in heard}:
            heard += self.next_event().data["changes"]
        return heard

    def next_block(self) -> str:
        while b"\n\n" not in self.body:
            self._receive()
        block, self.body = self.body.split(b"\n\n", 1)
        return block.decode()

    def read_to_the_end(self) -> bytes:
        """Read until the server closes."""
        try:
            while True:
                self._receive()
        except EOFError:
            return self.body

    def problem(self) -> dict[str, Any]:
        return dict(json.loads(self.read_to_the_end()))

    def close(self) -> None:
        self.socket.close()

    def _receive(self) -> None:
        received = self.socket.recv(65_536)
        if not received:
            raise EOFError
        self.body += received


class RunningStream:
    """A stream with its event loop in a thread."""

    def __init__(self, app: Flask, settings: StreamSettings, wakeups: Any = None) -> None:
        self._app, self._settings, self._wakeups = app, settings, wakeups
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._readers: list[Reader] = []
        self.stream = self.on_loop(self._open())

    async def _open(self) -> Stream:
        stream = Stream(self._app, self._settings, wakeups=self._wakeups)
        await stream.open(self._listening)
        return stream

    def on_loop(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_SECONDS)
        finally:
            work.close()  # nothing for work that was done; without a loop to do it, Python would warn of it later

    def request(self, head: str, *, receive_bytes: int | None = None) -> Reader:
        connection = socket.socket()
        if receive_bytes is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        reader = Reader(connection)
        self._readers.append(reader)
        connection.settimeout(PATIENCE_SECONDS)
        connection.connect(("127.0.0.1", self.port))
        connection.sendall(head.encode("latin-1"))
        return reader

    def listen(
        self, credential: str | None, *, after: int | None = None, method: str = "GET", **headers: str
    ) -> Reader:
        """Ask for the stream; `Last_Event_ID="3"` becomes the header."""
        query = "" if after is None else f"?after={after}"
        lines = [f"{method} /v1/stream{query} HTTP/1.1", "Host: liftgate.example"]
        if credential is not None:
            lines.append(f"Authorization: Bearer {credential}")
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        return self.request("\r\n".join(lines) + "\r\n\r\n").read_head()

    def audience_of(self, environment_id: int, readers: int = 1) -> Audience:
        """Wait until so many have caught up: a reader is greeted before that."""
        wait_until(lambda: len(self.stream.hub.audience(environment_id) or ()) >= readers)
        audience = self.stream.hub.audience(environment_id)
        assert audience is not None
        return audience

    def connections(self) -> tuple[object, ...]:
        """Look at who is connected, without a race with the event loop."""

        async def look() -> tuple[object, ...]:
            return tuple(self.stream._connections)

        return self.on_loop(look())

    def drain(self) -> None:
        self.on_loop(self.stream.drain())

    def close(self) -> None:
        self.drain()
        for reader in self._readers:
            reader.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE_SECONDS)
        self._loop.close()
        self._listening.close()


@pytest.fixture
def open_stream(app: Flask) -> Iterator[Callable[..., RunningStream]]:
    """Open a stream: `open_stream(heartbeat_seconds=0.1)`."""
    opened: list[RunningStream] = []

    def open_one(*, wakeups: Any = None, **settings: Any) -> RunningStream:
        running = RunningStream(app, StreamSettings(**settings), wakeups)
        opened.append(running)
        return running

    yield open_one
    for running in opened:
        running.close()


@pytest.fixture
def stream(open_stream: Callable[..., RunningStream]) -> RunningStream:
    return open_stream()


@pytest.fixture
def change(app: Flask, environment: Environment) -> Callable[..., None]:
    """Change a customer, which is the smallest change there is."""
    counter = iter(range(1, 10_000))

    def change(customer: str = "acme", *, environment_id: int | None = None) -> None:
        with app.app_context():
            upsert_customer(environment_id or environment.id, customer, UpsertCustomer(attributes={"n": next(counter)}))

    return change
