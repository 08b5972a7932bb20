"""Decisions follow the server's clock, whatever the host's says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import pytest

from liftgate import Client
from liftgate.messages import Request, Response
from liftgate.server_clock import ServerClock
from tests.sdk.conftest import WallClock
from tests.sdk.fake_server import FakeServer, pro_phase


@dataclass
class TimedServer(FakeServer):
    """A server that says what time it is."""

    time: str = "2026-11-22T09:00:00Z"

    def send(self, request: Request, *, timeout_seconds: float) -> Response:
        response = super().send(request, timeout_seconds=timeout_seconds)
        now = datetime.fromisoformat(self.time).timestamp()
        return replace(response, headers={**response.headers, "liftgate-time": f"{now:.6f}"})


@pytest.mark.parametrize("here", ["2026-11-22T08:59:59.5Z", "2026-11-22T08:00:00Z", "2025-01-01T00:00:00Z"])
def test_what_was_just_bought_does_not_wait_for_a_clock_that_runs_behind(
    make_client: Callable[..., Client], wall_clock: WallClock, here: str
) -> None:
    wall_clock.set(here)
    server = TimedServer()
    server.put("acme", phases=[pro_phase(starts_at="2026-11-22T09:00:00Z")])

    client = make_client(transport=server)
    with client.customer("acme"):
        assert client.check("sso").granted


def test_what_has_ended_is_over_even_where_the_host_s_clock_runs_behind(
    make_client: Callable[..., Client], wall_clock: WallClock
) -> None:
    wall_clock.set("2026-11-22T08:00:00Z")
    server = TimedServer()
    server.put("acme", phases=[pro_phase(ends_at="2026-11-22T09:00:00Z")])
    client = make_client(transport=server)

    with client.customer("acme"):
        assert not client.check("sso").granted


def test_the_way_of_an_answer_does_not_turn_the_clock_back() -> None:
    clock = ServerClock(lambda: 1000.0)

    for told in ("1005.0", "1004.9", "1005.1"):
        clock.learn(told)

    assert clock() == 1005.1


def test_a_clock_that_was_set_right_is_believed() -> None:
    clock = ServerClock(lambda: 1000.0)
    clock.learn("4600.0")

    clock.learn("1000.0")

    assert clock() == 1000.0


@pytest.mark.parametrize("told", [None, "", "soon", "nan", "inf", "-inf", "1e300", "0"])
def test_nonsense_teaches_nothing(told: str | None) -> None:
    clock = ServerClock(lambda: 1_795_338_000.0)

    clock.learn(told)

    assert clock() == 1_795_338_000.0
