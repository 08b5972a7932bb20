"""What has to run while a journey is under way."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from loadtests.bench import sample
from loadtests.host_app import ACCOUNTS, CLOSED_GATE, FEATURES
from loadtests.journey import Journey, Stack
from loadtests.processes import HOST, free_port, started
from loadtests.running_server import RunningServer
from loadtests.server_process import running_server
from loadtests.usage_stack import USAGE_JOURNEYS


@contextmanager
def server_alone() -> Iterator[Stack]:
    """Start a server whose environment lets buyers confirm their own orders, as the demo's does."""
    with running_server("load", self_confirm=True) as server:
        server.manage("POST", "/v1/catalogue/publish", sample.catalogue_document(FEATURES))
        settings = {"LIFTGATE_LOAD_SECRET_KEY": server.keys.secret, "LIFTGATE_LOAD_CLOSED_GATE": CLOSED_GATE}
        yield Stack(server.url, settings)


@contextmanager
def server_and_host() -> Iterator[Stack]:
    """Start a server and, in a process of its own, an app behind gates."""
    with running_server("load") as server:
        server.manage("POST", "/v1/catalogue/publish", sample.catalogue_document(FEATURES))
        for number in range(ACCOUNTS):
            server.manage("PUT", f"/v1/customers/account-{number}", {"name": f"Account {number}"})
        with host_process(server) as port:
            yield Stack(f"http://{HOST}:{port}", {})


@contextmanager
def host_process(server: RunningServer) -> Iterator[int]:
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port)]
    command += [
        "--blocking-threads",
        "4",
        "--factory",
        "--no-access-log",
        "--log-level",
        "warning",
        "loadtests.host_app:create_host_app",
    ]
    settings = {"LIFTGATE_URL": server.url, "LIFTGATE_API_KEY": server.keys.secret}
    with started(command, settings, port=port, path="/healthz"):
        yield port


JOURNEYS = {
    "gates": Journey("members of 50 accounts use an app behind gates (SDK)", "gates.py", server_and_host),
    **USAGE_JOURNEYS,
    "upgrade": Journey("buyers meet a closed gate, order and pass it (client face)", "upgrade.py", server_alone),
}
