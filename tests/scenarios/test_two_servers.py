"""Two servers on one database: what is changed through one reaches the hosts of the other, whichever process dies."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import liftgate
from liftgate_server.app import create_app
from liftgate_server.demo.seed import DemoKeys, seed
from liftgate_server.plumbing.config import load_config
from liftgate_server.plumbing.db import detach_database
from liftgate_server.plumbing.migrating import upgrade_database

PATIENCE_SECONDS = 30
ROLES = ("requests", "streaming", "periodic")
ROLE = re.compile(r"liftgate_server\.serving\.(\w+)")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(is_so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if is_so():
            return True
        time.sleep(0.02)
    return False


@dataclass
class Server:
    """One `liftgate serve` with its processes."""

    settings: dict[str, str]
    key: str
    log: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it; `wait` waits until it says that it serves."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("LIFTGATE_")}
        own = {"LIFTGATE_PORT": str(self.port), "LIFTGATE_STREAM_PORT": "0", "LIFTGATE_LOG_LEVEL": "warning"}
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "liftgate_server.cli", "serve"],
                env={**inherited, **self.settings, **own},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def wait(self) -> None:
        assert self.process is not None
        assert self.process.stdout is not None
        assert select.select([self.process.stdout], [], [], 90)[0], self.log.read_text()
        assert self.process.stdout.readline().startswith("Liftgate serves "), self.log.read_text()

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        if self.process is None:
            return
        process, self.process = self.process, None
        process.send_signal(number)
        process.communicate(timeout=PATIENCE_SECONDS)

    def pids(self) -> dict[str, int]:
        """Name the processes that play the roles now."""
        assert self.process is not None
        listed = subprocess.run(
            ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(self.process.pid)],
            capture_output=True,
            text=True,
            check=False,
        ).stdout
        lines = (line.split(None, 1) for line in listed.splitlines())
        return {found[1]: int(pid) for pid, command in lines if (found := ROLE.search(command))}

    def manage(self, method: str, path: str, body: Any = None) -> Any:
        """Act as the product manager; the server may be on its way back."""
        request = urllib.request.Request(  # noqa: S310 - this machine
            self.url + path,
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
        )
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - this machine
                    return json.loads(answer.read())
            except urllib.error.HTTPError as refusal:
                with refusal:
                    raise AssertionError(refusal.read()) from None
            except OSError:
                assert time.monotonic() < deadline, "the server did not come back"
                time.sleep(0.1)


@pytest.fixture
def installation(tmp_path: Path, stack_settings: dict[str, str]) -> tuple[dict[str, str], DemoKeys]:
    """Settings that two servers share, and the keys of a seeded database."""
    settings = {**stack_settings, "LIFTGATE_DATA": str(tmp_path)}
    app = create_app(load_config(settings))
    with app.app_context():
        upgrade_database(lock_directory=tmp_path)
        keys = seed(host_origin="http://app.example.test")
    detach_database(app)
    return settings, keys


@pytest.fixture
def servers(installation: tuple[dict[str, str], DemoKeys], tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    settings, keys = installation
    both = (
        Server(settings, keys.management, tmp_path / "first.log"),
        Server(settings, keys.management, tmp_path / "second.log"),
    )
    try:
        for server in both:
            server.start()
        for server in both:
            server.wait()
        yield both
    finally:
        for server in both:
            server.end()


@pytest.fixture
def hosts(
    servers: tuple[Server, Server], installation: tuple[dict[str, str], DemoKeys]
) -> Iterator[tuple[liftgate.Client, liftgate.Client]]:
    """A host at either server, with a customer in use, so that it follows the changes."""
    key = installation[1].secret
    # Polling would hide a stream that does not come back.
    both = [liftgate.Client(server.url, key, load_budget_seconds=20, poll_seconds=600) for server in servers]
    first, second = both
    yield first, second
    for client in both:
        client.close()


class Switch:
    """Closes and opens a gate through one server; a host sees it or does not."""

    def __init__(self, server: Server) -> None:
        self._document = server.manage("GET", "/v1/catalogue")["document"]
        self.gate = next(iter(self._document["gates"]))

    def turn(self, server: Server, mode: str) -> None:
        self._document["gates"][self.gate]["mode"] = mode
        server.manage("POST", "/v1/catalogue/publish", self._document)

    def is_open_at(self, host: liftgate.Client) -> bool:
        with host.customer("tall-pines"):
            return bool(host.check(self.gate).reason == "gate_open")


def all_see(switch: Switch, hosts: Sequence[liftgate.Client], *, is_open: bool) -> bool:
    return wait_until(lambda: all(switch.is_open_at(host) is is_open for host in hosts))


def kill(server: Server, role: str) -> None:
    """Kill the process of a role, and wait until another one plays it."""
    killed = server.pids()[role]
    os.kill(killed, signal.SIGKILL)
    assert wait_until(lambda: server.pids().get(role, killed) != killed)


def test_whichever_process_dies_what_is_published_through_one_server_reaches_the_hosts_of_both(servers, hosts):
    switch = Switch(servers[0])
    assert all_see(switch, hosts, is_open=False)

    switch.turn(servers[0], "open")
    assert all_see(switch, hosts, is_open=True)

    for role in ROLES:
        for server in servers:
            kill(server, role)
        switch.turn(servers[1], "enforce")
        assert all_see(switch, hosts, is_open=False), role
        switch.turn(servers[0], "open")
        assert all_see(switch, hosts, is_open=True), role


def test_a_server_that_dies_leaves_the_other_in_peace_and_its_hosts_catch_up_when_it_is_back(servers, hosts):
    switch = Switch(servers[0])
    assert all_see(switch, hosts, is_open=False)

    servers[0].end(signal.SIGKILL)
    switch.turn(servers[1], "open")
    assert all_see(switch, hosts[1:], is_open=True)
    assert not switch.is_open_at(hosts[0])  # it goes on with what it knew

    servers[0].start()
    servers[0].wait()
    assert all_see(switch, hosts[:1], is_open=True)
