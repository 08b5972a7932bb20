"""Whatever a server does, a check sends nothing, raises nothing and takes no time worth speaking of."""

from __future__ import annotations

import contextlib
import gc
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from liftgate import Client, Reason
from liftgate.configuration import parse_address
from tests.sdk.conftest import KEY, eventually
from tests.sdk.fake_server import FakeServer
from tests.sdk.socket_servers import MISBEHAVIOURS, http_server, misbehaving_server, refusing_address, stay_silent

GATES = ["reports.export", "sso", "no.such.gate"]


class Watch:
    """Counts what the watched thread does with sockets and threads, as Python's own audit events tell it."""

    def __init__(self) -> None:
        self.thread: int | None = None
        self.events: list[str] = []

    def __call__(self, event: str, _arguments: object) -> None:
        if self.thread == threading.get_ident() and event.startswith(("socket.", "_thread.start", "open", "import")):
            self.events.append(event)

    @contextlib.contextmanager
    def of_this_thread(self) -> Iterator[list[str]]:
        self.events.clear()
        # What other tests left behind is not to be cleared away, with whatever events, in the middle of ours.
        gc.disable()
        self.thread = threading.get_ident()
        try:
            yield self.events
        finally:
            self.thread = None
            gc.enable()


@pytest.fixture(scope="session")
def watch() -> Watch:
    """The one hook of this run: an audit hook cannot be removed."""
    hook = Watch()
    sys.addaudithook(hook)
    return hook


def make(url: str, **settings) -> Client:
    return Client(url, KEY, **{"load_budget_seconds": 0.05, "poll_seconds": 0.05, **settings})


def redirect(client: Client, url: str) -> Any:
    """Let the client's next requests go to another address, over new connections."""
    transport: Any = client._feed._transport
    transport._address = parse_address(url)
    transport.after_fork()
    return transport


@pytest.fixture(params=[*MISBEHAVIOURS, "refuse"], ids=lambda param: getattr(param, "__name__", param))
def bad_server(request) -> Iterator[str]:
    with refusing_address() if request.param == "refuse" else misbehaving_server(request.param) as url:
        yield url


def test_a_first_check_without_data_does_no_io(bad_server, watch):
    with make(bad_server) as client, client.customer("acme"), watch.of_this_thread() as events:
        reasons = {client.check(gate).reason for gate in GATES for _ in range(100)}

    assert reasons == {Reason.UNAVAILABLE}
    assert events == []


def test_a_server_that_turns_bad_leaves_the_answers(bad_server, watch):
    fake = FakeServer()
    fake.put("acme")
    with (
        http_server(fake) as good,
        make(good, load_budget_seconds=5, request_timeout_seconds=0.5) as client,
        client.customer("acme"),
    ):
        assert client.check("sso").reason is Reason.NOT_INCLUDED
        redirect(client, bad_server)
        assert eventually(lambda: client.last_error is not None)

        with watch.of_this_thread() as events:
            reasons = {client.check("sso").reason for _ in range(1000)}

    assert reasons == {Reason.NOT_INCLUDED}
    assert events == []


def test_a_check_does_no_io_where_use_is_counted_and_kept(bad_server, watch, tmp_path):
    settings = {"spool_dir": tmp_path / "spool", "request_timeout_seconds": 0.1}
    with make(bad_server, **settings) as client, client.customer("acme"):
        client.record("exports")
        refused = client.consume("exports")
        with watch.of_this_thread() as events:
            reasons = {client.check(gate).reason for gate in GATES for _ in range(100)}

    assert refused.decision.reason is Reason.UNAVAILABLE
    assert reasons == {Reason.UNAVAILABLE}
    assert events == []


def test_consuming_takes_no_longer_than_a_request_may(bad_server):
    with make(bad_server, request_timeout_seconds=0.3) as client, client.customer("acme"):
        started = time.monotonic()
        assert client.consume("exports").decision.reason is Reason.UNAVAILABLE

        # Generous, as the machine may be busy.
        assert time.monotonic() - started < 10


def test_recording_waits_for_nothing(bad_server, watch):
    with make(bad_server, request_timeout_seconds=0.3) as client, client.customer("acme"):
        client.record("exports")
        with watch.of_this_thread() as events:
            for _ in range(100):
                client.record("exports")

    assert events == []


def test_binding_waits_no_longer_than_its_budget(bad_server):
    with make(bad_server, load_budget_seconds=0.05, request_timeout_seconds=30) as client:
        started = time.monotonic()
        with client.customer("acme"):
            assert client.check("sso").reason is Reason.UNAVAILABLE

        # A generous bound: without one the request's own thirty seconds would pass.
        assert time.monotonic() - started < 5


def test_closing_is_bounded(bad_server):
    client = make(bad_server, request_timeout_seconds=60)
    with client.customer("acme"):
        pass
    started = time.monotonic()
    client.close()

    assert time.monotonic() - started < 10


def test_closing_interrupts_a_poll_that_hangs():
    fake = FakeServer()
    fake.put("acme")
    with http_server(fake) as good, misbehaving_server(stay_silent) as hung:
        client = make(good, load_budget_seconds=5, request_timeout_seconds=60)
        with client.customer("acme"):
            pass
        transport = redirect(client, hung)
        assert eventually(lambda: any(each._http.sock for each in transport._in_use))
        client.close()

        assert eventually(lambda: not any(thread.name == "liftgate-poll" for thread in threading.enumerate()))


def test_a_process_ends_although_the_server_hangs():
    program = """
import sys, liftgate
client = liftgate.Client(sys.argv[1], sys.argv[2], request_timeout_seconds=600)
with client.customer("acme"):
    print(client.check("sso").reason)
"""
    with misbehaving_server(stay_silent) as url:
        ended = subprocess.run(
            [sys.executable, "-c", program, url, KEY], capture_output=True, text=True, check=True, timeout=60
        )

    assert ended.stdout == "unavailable\n"


def test_a_request_has_one_deadline_however_slowly_the_answer_drips():
    drip: Callable = next(each for each in MISBEHAVIOURS if each.__name__ == "drip")
    with misbehaving_server(drip) as url, make(url, request_timeout_seconds=0.2) as client:
        started = time.monotonic()
        with pytest.raises(Exception, match="No usable answer"):
            client.upsert_customer("acme")

        assert time.monotonic() - started < 10


def test_a_client_recovers_with_its_server():
    fake = FakeServer()
    fake.put("acme")
    fake.is_down = True
    client = Client("http://x", KEY, transport=fake, poll_seconds=0.02)

    def is_answered() -> bool:
        with client.customer("acme"):
            return client.check("sso").reason is Reason.NOT_INCLUDED

    with client:
        assert not is_answered()
        fake.is_down = False
        assert eventually(is_answered)
