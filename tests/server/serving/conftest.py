"""Servers as real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from liftgate_server.access.caller import CallerKind
from liftgate_server.access.service import NewEnvironment, create_environment, create_key
from liftgate_server.app import create_app
from liftgate_server.plumbing.config import load_config
from liftgate_server.plumbing.db import detach_database
from liftgate_server.plumbing.migrating import upgrade_database
from tests.server.serving.served import descendants


@pytest.fixture
def serve(tmp_path: Path, stack_settings: dict[str, str]) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start `liftgate serve`, and end its processes after the test if it did not."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("LIFTGATE_")}
        process = subprocess.Popen(
            [sys.executable, "-m", "liftgate_server.cli", "serve", *arguments],
            env={**inherited, **stack_settings, "LIFTGATE_DATA": str(tmp_path / "data")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        for member in descendants(process.pid):
            os.kill(member, signal.SIGKILL)
        process.kill()
        process.communicate()


@pytest.fixture
def installed(tmp_path: Path, stack_settings: dict[str, str]) -> Iterator[Flask]:
    """The server's database, seen from this process."""
    config = load_config({**stack_settings, "LIFTGATE_DATA": str(tmp_path / "data")})
    app = create_app(config)
    with app.app_context():
        upgrade_database(lock_directory=config.data_directory)
        yield app
    detach_database(app)


@pytest.fixture
def key(installed: Flask) -> str:
    """A secret key of the one environment there is."""
    return create_key(create_environment(NewEnvironment("demo")).id, CallerKind.SECRET, name="a test").text
