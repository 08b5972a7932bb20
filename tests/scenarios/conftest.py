"""A product as a customer of Liftgate runs it: a server that answers over HTTP, and a host app with the SDK."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

import liftgate
from liftgate_server import jobs
from liftgate_server.app import create_app
from liftgate_server.demo.seed import DemoKeys, seed
from liftgate_server.plumbing.clock import CLOCK_EXTENSION, FixedClock
from liftgate_server.plumbing.config import load_config
from liftgate_server.plumbing.db import detach_database
from liftgate_server.plumbing.migrating import upgrade_database

ORIGIN = "http://app.example.test"


@dataclass
class Stack:
    """The running server, with the demo's catalogue and accounts, and how to talk to it."""

    url: str
    keys: DemoKeys
    app: Flask

    def do_due_work(self) -> None:
        """Do what the server's periodic work does every other second."""
        jobs.do(self.app, jobs.DUE)

    def manage(self, method: str, path: str, body: Any = None) -> Any:
        """Act as the product manager."""
        return self._ask(method, path, body, {"Authorization": f"Bearer {self.keys.management}"})

    def usage_of(self, customer: str, *, language: str = "en", user: str | None = None) -> list[dict[str, Any]]:
        """Read what an account has used, feature by feature."""
        query = f"?language={language}" + (f"&user={user}" if user else "")
        features: list[dict[str, Any]] = self.manage("GET", f"/v1/customers/{customer}/usage{query}")["features"]
        return features

    def lines(self, path: str) -> list[Any]:
        """Read an answer that has one JSON value a line."""
        request = urllib.request.Request(  # noqa: S310 - this machine
            self.url + path, headers={"Authorization": f"Bearer {self.keys.management}"}
        )
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - this machine
            return [json.loads(line) for line in answer.read().splitlines()]

    def as_reader(self, token: object, method: str, path: str, body: Any = None) -> Any:
        """Act as the widget does, with an end user's token."""
        return self._ask(method, path, body, {"Authorization": f"Bearer {token}", "Origin": ORIGIN})

    def buy(self, token: object, option: dict[str, Any]) -> Any:
        """Order an option of a payload as it stands, and confirm it."""
        wanted = {key: option[key] for key in ("plan", "addon", "interval", "currency", "quantity")}
        order = self.as_reader(token, "POST", "/v1/client/orders", wanted)
        return self.as_reader(token, "POST", f"/v1/client/orders/{order['id']}/confirm", {})

    def _ask(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 - this machine
            self.url + path, data=data, method=method, headers={"Content-Type": "application/json", **headers}
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - this machine
                return json.loads(answer.read())
        except urllib.error.HTTPError as refusal:
            with refusal:
                return json.loads(refusal.read())


@pytest.fixture
def stack(tmp_path: Path, stack_settings: dict[str, str]) -> Iterator[Stack]:
    app = create_app(load_config(stack_settings, data=str(tmp_path)))
    with app.app_context():
        upgrade_database(lock_directory=tmp_path)
        keys = seed(host_origin=ORIGIN)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    # Closing then waits for answers under way; the database must not be closed under them.
    setattr(server, "daemon_threads", False)  # noqa: B010 - a member of the threaded kind only
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Stack(f"http://127.0.0.1:{server.server_port}", keys, app)
    server.shutdown()
    thread.join()
    server.server_close()
    detach_database(app)


@pytest.fixture
def start_host(stack: Stack) -> Iterator[Callable[[], liftgate.Client]]:
    """Start the SDK as a host process does; several of them do not know of each other."""
    started: list[liftgate.Client] = []

    def start() -> liftgate.Client:
        started.append(liftgate.Client(stack.url, stack.keys.secret, load_budget_seconds=10, poll_seconds=0.05))
        return started[-1]

    yield start
    for client in started:
        client.close()


@pytest.fixture
def lg(start_host: Callable[[], liftgate.Client]) -> liftgate.Client:
    return start_host()


@pytest.fixture
def clock(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> FixedClock:
    """The server's clock, which stands still until it is told to move; SDKs learn it from every answer."""
    clock = FixedClock(datetime.now(UTC))
    monkeypatch.setitem(stack.app.extensions, CLOCK_EXTENSION, clock)
    return clock


def publish_recordings(stack: Stack, *, minutes: int) -> None:
    """Add to the catalogue what the scenario of recordings is about."""
    document = stack.manage("GET", "/v1/catalogue")["document"]
    unit = {"en": {"one": "recorded minute", "other": "recorded minutes"}}
    name = {"en": "Recorded minutes", "de": "Aufnahmeminuten"}
    document["features"]["recorded_minutes"] = {"kind": "metered", "name": name, "unit": unit}
    document["gates"]["recordings.record"] = {"requires": "recorded_minutes"}
    for plan, limit in (("free", minutes), ("pro", 999)):
        document["plans"][plan]["entitlements"]["recorded_minutes"] = {"limit": limit, "per": "month"}
    published = stack.manage("POST", "/v1/catalogue/publish", document)
    assert "version" in published, published
