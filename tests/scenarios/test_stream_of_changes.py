"""A host app hears from a real server what a product manager changed, over the stream, whatever happens on the way."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from liftgate import Client
from loadtests.bench import sample
from loadtests.running_server import RunningServer
from loadtests.server_process import running_server
from tests.sdk.conftest import eventually

GATE = sample.granted_gates(5)[0]


@pytest.fixture
def server(stack_settings: dict[str, str]) -> Iterator[RunningServer]:
    """`liftgate serve`: two request workers and the stream, each a process of its own."""
    with running_server(settings=stack_settings, options=["--workers", "2"]) as server:
        server.manage("POST", "/v1/catalogue/publish", sample.catalogue_document(5))
        server.manage("PUT", f"/v1/customers/{sample.CUSTOMER}", {"name": "Acme"})
        yield server


@pytest.fixture
def client(server: RunningServer) -> Iterator[Client]:
    """A host app that asks only once an hour: what it hears in time came over the stream."""
    with Client(server.url, server.keys.secret, poll_seconds=3600, load_budget_seconds=10) as client:
        yield client


@pytest.fixture
def publish(server: RunningServer) -> Callable[[str], Any]:
    """Publish the gate with another mode."""

    def put(mode: str) -> Any:
        document = sample.catalogue_document(5)
        document["gates"][GATE]["mode"] = mode
        return server.manage("POST", "/v1/catalogue/publish", document)

    return put


def is_listening(client: Client) -> bool:
    return client._feed._poller.is_listening


def test_publications_and_changes_of_the_customer_are_heard(server, client, publish):
    with client.customer(sample.CUSTOMER):
        assert eventually(lambda: is_listening(client))
        publish("closed")
        assert eventually(lambda: not client.check(GATE).granted)
        publish("enforce")
        assert eventually(lambda: client.check(GATE).granted)

        refused = sample.refused_gates(5)[0]
        body = {"plan": "pro", "interval": "month", "currency": "EUR"}
        server.manage("POST", f"/v1/customers/{sample.CUSTOMER}/subscription", body)
        assert eventually(lambda: client.check(refused).granted)


def test_a_stream_that_was_killed_is_missed_by_nobody(client, publish, monkeypatch):
    monkeypatch.setattr("liftgate.streaming._RECONNECT_WITHIN_SECONDS", 0.5)
    with client.customer(sample.CUSTOMER):
        assert eventually(lambda: is_listening(client))
        os.kill(pid_of_our_stream(), signal.SIGKILL)
        publish("closed")

        assert eventually(lambda: not client.check(GATE).granted, seconds=30)
        assert eventually(lambda: is_listening(client), seconds=30)


def pid_of_our_stream() -> int:
    """Find the stream among the children of our child, the server; other servers of this machine are not ours."""
    told = subprocess.run(["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True)
    processes = {int(line.split()[0]): (int(line.split()[1]), line) for line in told.stdout.splitlines()}
    ours = [pid for pid, (parent, _) in processes.items() if parent == os.getpid()]
    (pid,) = [pid for pid, (parent, line) in processes.items() if parent in ours and "serving.streaming" in line]
    return pid


def test_what_gates_counted_arrives(server, client):
    create = client.gate(GATE)(lambda: None)
    with client.customer(sample.CUSTOMER):
        for _ in range(3):
            create()
    client.close()

    answer = server.manage("POST", "/v1/reports", {"batch": "another"})
    assert answer == {"batch": "another", "replayed": False}
    assert client._feed.reporter.dropped == 0
    assert client.last_error is None
