from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from liftgate import Client, ServerUnreachable
from liftgate.messages import Request, Response
from tests.sdk.fake_ledger import FakeLedger
from tests.sdk.fake_server import FakeServer

KEY = "lgsk_test_k1_abcdefghijklmnopqrstuvwxyz012345"


class WallClock:
    """Seconds since 1970 that move when told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 9, tzinfo=UTC).timestamp()

    def __call__(self) -> float:
        return self.now

    def set(self, text: str) -> None:
        self.now = datetime.fromisoformat(text).timestamp()


@pytest.fixture
def wall_clock() -> WallClock:
    return WallClock()


@pytest.fixture
def server() -> FakeServer:
    """A server that knows the customer acme on the default plan."""
    fake = FakeServer()
    fake.put("acme")
    return fake


@pytest.fixture
def make_client(server: FakeServer, wall_clock: WallClock) -> Iterator[Callable[..., Client]]:
    """Make clients of the fake server, which poll only when the test says so, and close them."""
    made: list[Client] = []

    def make(**settings: Any) -> Client:
        defaults = {"transport": server, "clock": wall_clock, "poll_seconds": 3600, "load_budget_seconds": 5}
        client = Client("http://liftgate.test", KEY, **{**defaults, **settings})
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(make_client: Callable[..., Client]) -> Client:
    return make_client()


@pytest.fixture
def bound(client: Client) -> Iterator[Client]:
    """A client within a binding of acme, whose background threads have come to rest."""
    with client.customer("acme", user="u1"):
        settle(client)
        yield client


@pytest.fixture
def ledger(server: FakeServer) -> FakeLedger:
    """What the fake server counts."""
    return server.ledger


@pytest.fixture
def _without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask again at once."""
    monkeypatch.setattr("liftgate.remote_meter._PAUSE_SECONDS", 0.0)


def eventually(holds: Callable[[], bool], *, seconds: float = 10.0) -> bool:
    """Wait for what another thread brings about; generous, because the machine may be busy."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


def settle(client: Client) -> None:
    """Wait for the first poll, which a first binding starts; the next one is an hour away."""
    assert eventually(lambda: client._feed._poller._number is not None)


def lose_answers(server: FakeServer, times: int) -> None:
    """Carry out what is asked for, and lose so many of the answers."""
    good, left = server._answer, [times]

    def answer(request: Request) -> Response:
        told = good(request)
        if "/usage/" in request.path and left[0]:
            left[0] -= 1
            raise ServerUnreachable("the connection broke")
        return told

    server._answer = answer  # type: ignore[method-assign]
