"""A server of our own to measure: a process on a free port of this machine, with a database that is thrown away."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from liftgate_server.access.caller import CallerKind, Role
from liftgate_server.access.service import NewEnvironment, create_environment, create_key
from liftgate_server.app import create_app
from liftgate_server.plumbing.config import Config, load_config
from liftgate_server.plumbing.db import detach_database
from liftgate_server.plumbing.migrating import upgrade_database

HOST = "127.0.0.1"
START_SECONDS = 30
STOP_SECONDS = 10
STANDARD_ERROR = 2
FIRST_ERROR_STATUS = 400


class UnexpectedAnswerError(Exception):
    """The server answered what the measurement cannot go on with."""


@dataclass(frozen=True, slots=True)
class Keys:
    """One key of either kind for the environment that is measured."""

    secret: str
    management: str


@dataclass(frozen=True, slots=True)
class RunningServer:
    """Where the server listens and what opens it."""

    port: int
    keys: Keys

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def manage(self, method: str, path: str, body: object = None) -> Any:
        """Make one management call and return its answer; anything but success ends the measurement."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=START_SECONDS)
        headers = {"Authorization": f"Bearer {self.keys.management}", "Content-Type": "application/json"}
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        if answer.status >= FIRST_ERROR_STATUS:
            message = f"{method} {path} answered {answer.status}: {text}"
            raise UnexpectedAnswerError(message)
        return json.loads(text) if text else None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_server(environment: str = "bench", *, self_confirm: bool = False) -> Iterator[RunningServer]:
    """Start a server with one empty environment, and leave nothing of it behind."""
    with tempfile.TemporaryDirectory(prefix="liftgate-bench-") as folder:
        config = load_config({}, data=Path(folder), port=free_port())
        keys = prepare(config, environment, self_confirm=self_confirm)
        settings = {"LIFTGATE_DATA": folder, "LIFTGATE_PORT": str(config.port), "LIFTGATE_LOG_LEVEL": "warning"}
        with started(
            [sys.executable, "-m", "liftgate_server.cli", "serve"], settings, port=config.port, path="/readyz"
        ):
            yield RunningServer(config.port, keys)


@contextmanager
def started(command: list[str], settings: dict[str, str], *, port: int, path: str) -> Iterator[None]:
    """Run a program until the block ends; the block begins once the program answers on a port."""
    # Settings of whoever measures, such as LIFTGATE_SECRET in their shell, must not reach the server measured.
    outside = {name: value for name, value in os.environ.items() if not name.startswith("LIFTGATE_")}
    # What it says goes to stderr; stdout is for our own result.
    with subprocess.Popen(command, env={**outside, **settings}, stdout=STANDARD_ERROR) as process:
        try:
            wait_until_ready(port, path, process)
            yield
        finally:
            stop(process)


def prepare(config: Config, environment: str, *, self_confirm: bool) -> Keys:
    """Make the schema, the environment and its keys before anything listens."""
    app = create_app(config)
    try:
        with app.app_context():
            upgrade_database(lock_directory=config.data_directory)
            made = create_environment(NewEnvironment(environment, name=environment, self_confirm=self_confirm))
            return Keys(
                secret=create_key(made.id, CallerKind.SECRET, name="bench", role=None).text,
                management=create_key(made.id, CallerKind.MANAGEMENT, name="bench", role=Role.OWNER).text,
            )
    finally:
        detach_database(app)


def wait_until_ready(port: int, path: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection(HOST, port, timeout=1)
        try:
            connection.request("GET", path)
            if connection.getresponse().status == http.client.OK:
                return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    message = f"{path} was not ready within {START_SECONDS} s (exit code {process.poll()})"
    raise UnexpectedAnswerError(message)


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
