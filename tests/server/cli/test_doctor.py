"""The doctor says what is wrong and what to do."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy

from liftgate_server.cli import place_examinations
from liftgate_server.plumbing.changes import ChangeRow
from liftgate_server.plumbing.config import load_config, secret_file
from liftgate_server.plumbing.db import normalise_url
from liftgate_server.plumbing.resources import MissingResource


@pytest.fixture
def healthy(liftgate, data, monkeypatch, tmp_path):
    """An installation that is well, with its port free and its widget built."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        monkeypatch.setenv("LIFTGATE_PORT", str(probe.getsockname()[1]))
    widget = tmp_path / "liftgate.js"
    widget.write_text("export {}")
    monkeypatch.setattr(place_examinations, "widget_file", lambda: widget)
    liftgate("environments", "create", "demo")
    liftgate("keys", "create", "--environment", "demo")
    return liftgate


def ills(liftgate, *options: str) -> set[str]:
    told = liftgate("doctor", "--json", *options)
    report = json.loads(told.stdout)
    assert report["ok"] is (told.exit_code == 0)
    return {finding["name"] for finding in report["findings"] if not finding["ok"]}


def test_a_healthy_installation_is_well(healthy):
    told = healthy("doctor")

    assert (told.exit_code, "ILL" in told.stdout) == (0, False)


def test_an_empty_installation_is_told_what_to_do_and_left_empty(liftgate, data):
    told = liftgate("doctor")

    assert told.exit_code == 1
    assert "Run: liftgate db upgrade" in told.output
    assert not data.exists()


@pytest.mark.only_on("sqlite")
def test_a_missing_database_file_is_ill_and_not_made(healthy, data):
    for file in data.glob("liftgate.db*"):
        file.unlink()

    assert "database" in ills(healthy)
    assert list(data.glob("liftgate.db*")) == []


def test_an_environment_without_keys_is_ill(healthy):
    healthy("environments", "create", "empty")

    assert ills(healthy) == {"keys of empty"}


def test_a_secret_that_others_can_read_is_ill(healthy, data):
    secret_file(data).chmod(0o644)

    assert ills(healthy) == {"secret"}


def test_a_port_that_is_taken_is_ill(healthy, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("LIFTGATE_PORT", str(taken.getsockname()[1]))

        assert ills(healthy) == {"port"}


def test_a_clock_behind_what_was_written_is_ill(healthy, data):
    engine = sqlalchemy.create_engine(normalise_url(load_config().database_url))
    with engine.begin() as connection:
        connection.execute(sqlalchemy.update(ChangeRow).values(at=datetime.now(UTC) + timedelta(days=1)))
    engine.dispose()

    assert ills(healthy) == {"clock"}


def test_a_missing_widget_is_ill(healthy, monkeypatch):
    def missing():
        raise MissingResource("gone")

    monkeypatch.setattr(place_examinations, "widget_file", missing)

    assert ills(healthy) == {"widget"}


@pytest.mark.only_on("sqlite")
def test_a_damaged_database_is_ill(healthy, data):
    path = data / "liftgate.db"
    for log in data.glob("liftgate.db-*"):
        log.unlink()
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    path.write_bytes(content)

    assert "database" in ills(healthy)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_a_redis_that_does_not_answer_is_ill(healthy, monkeypatch):
    monkeypatch.setenv("LIFTGATE_REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")

    assert ills(healthy) == {"redis"}


def test_a_server_and_a_stream_that_do_not_run_are_ill(healthy, monkeypatch):
    monkeypatch.setenv("LIFTGATE_STREAM_PORT", str(free_port()))

    assert ills(healthy, "--running") == {"server", "stream"}


def test_what_runs_is_asked_and_found_well(healthy, monkeypatch):
    monkeypatch.setenv("LIFTGATE_STREAM_PORT", str(free_port()))
    command = [sys.executable, "-m", "liftgate_server.cli", "serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            assert server.stdout is not None
            server.stdout.readline()  # it says that it serves
            told = healthy("doctor", "--running")
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)

    assert told.exit_code == 0, told.output
    assert {"server:", "server's", "stream:"} <= set(told.output.split())
