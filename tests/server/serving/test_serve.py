"""`liftgate serve` as a real process: it answers, refuses a taken port, and leaves nothing behind however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PATIENCE_SECONDS = 60


class Served:
    """A running server and the processes that belong to it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        line = process.stdout.readline() if process.stdout else ""
        assert line.startswith("Liftgate serves "), line
        self.url = line.split()[-1]
        self.family = {process.pid: command_of(process.pid), **descendants(process.pid)}

    def get(self, path: str) -> int:
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as answer:  # noqa: S310 - our own server
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            refused.close()
            return refused.code

    def survivors(self) -> list[int]:
        """Wait until all are gone; say who is not."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            self.process.poll()  # collects it, so that it is no zombie
            alive = [pid for pid, command in self.family.items() if command_of(pid) == command]
            if not alive:
                return []
            time.sleep(0.05)
        return alive


def processes() -> dict[int, tuple[int, str]]:
    """Every process with its parent and its command."""
    told = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,stat=,args="], capture_output=True, text=True, check=True
    )
    lines = (line.split(None, 3) for line in told.stdout.splitlines())
    return {int(pid): (int(parent), command) for pid, parent, state, command in lines if not state.startswith("Z")}


def command_of(pid: int) -> str | None:
    return processes().get(pid, (0, None))[1]


def descendants(pid: int) -> dict[int, str | None]:
    found: dict[int, str | None] = {}
    for child, (parent, command) in processes().items():
        if parent == pid:
            found |= {child: command, **descendants(child)}
    return found


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


def test_two_workers_answer_and_a_signal_ends_them_all(serve):
    served = Served(serve("--port", "0", "--workers", "2"))

    statuses = {path: served.get(path) for path in ("/healthz", "/readyz", "/metrics", "/v1/ping")}
    served.process.send_signal(signal.SIGTERM)

    assert statuses == {"/healthz": 200, "/readyz": 200, "/metrics": 200, "/v1/ping": 401}
    assert served.process.wait(PATIENCE_SECONDS) == 0
    assert served.survivors() == []


def test_ctrl_c_ends_it_without_a_traceback(serve):
    served = Served(serve("--port", "0"))

    served.process.send_signal(signal.SIGINT)
    _, told = served.process.communicate(timeout=PATIENCE_SECONDS)

    assert "Traceback" not in told
    assert served.survivors() == []


def test_workers_do_not_outlive_a_parent_that_was_killed(serve):
    served = Served(serve("--port", "0"))

    served.process.kill()

    assert len(served.family) > 1
    assert served.survivors() == []


def test_a_worker_that_was_killed_is_replaced(serve):
    served = Served(serve("--port", "0"))
    worker = next(pid for pid, command in served.family.items() if "spawn_main" in (command or ""))

    os.kill(worker, signal.SIGKILL)

    deadline = time.monotonic() + PATIENCE_SECONDS
    answered = 0
    while not answered and time.monotonic() < deadline:
        try:
            answered = served.get("/healthz")
        except OSError:
            time.sleep(0.1)
    assert answered == 200


def test_a_taken_port_is_refused(serve):
    served = Served(serve("--port", "0"))

    second = serve("--port", served.url.rpartition(":")[2])
    _, told = second.communicate(timeout=PATIENCE_SECONDS)

    assert second.returncode == 1
    assert "Cannot listen on" in told


def test_an_empty_installation_says_how_to_begin(serve):
    served = Served(serve("--port", "0"))
    served.process.terminate()
    _, told = served.process.communicate(timeout=PATIENCE_SECONDS)

    assert "liftgate environments create" in told
