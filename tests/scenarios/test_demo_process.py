"""The demo starts with one command, and nothing of it is left when it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.demo import RunningDemo, start_demo


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_both_processes_and_removes_the_data(number: int, tmp_path: Path) -> None:
    demo = start_demo(TMPDIR=str(tmp_path))
    family = _descendants(demo.process.pid)
    assert len(family) >= 2
    assert list(tmp_path.iterdir())

    code = demo.end(number)

    assert code == 0
    # Python's resource tracker ends when it notices that its parent has, which is a moment later.
    assert _left_after_a_while(family) == []
    assert list(tmp_path.iterdir()) == []


def test_the_children_end_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    demo = start_demo(TMPDIR=str(tmp_path))
    family = _descendants(demo.process.pid)

    demo.end(signal.SIGKILL)

    assert _left_after_a_while(family) == []


def test_a_real_server_s_settings_never_reach_the_demo(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    demo = start_demo(LIFTGATE_DATA=str(precious), LIFTGATE_DATABASE_URL=f"sqlite:///{tmp_path}/precious.db")

    answers = _get(demo, "/")
    demo.end()

    assert "Corkboard" in answers
    assert not precious.exists()
    assert not (tmp_path / "precious.db").exists()


def test_a_taken_port_is_said_so() -> None:
    demo = start_demo()
    port = demo.host.rpartition(":")[2]
    command = [sys.executable, "-m", "liftgate_server.cli", "demo", "--host-port", port]

    second = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    demo.end()

    assert second.returncode == 1
    assert f"Port {port} is taken" in second.stderr


def _get(demo: RunningDemo, path: str) -> str:
    with urllib.request.urlopen(demo.host + path, timeout=20) as answer:  # noqa: S310 - the demo, on this machine
        return str(answer.read().decode())


def _descendants(pid: int) -> list[int]:
    """Return the children of a process and their children, as the kernel tells them."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [found for child in children for found in (int(child), *_descendants(int(child)))]


def _left_after_a_while(family: list[int]) -> list[int]:
    """Return who of the family is still there once all have had time to go."""
    deadline = time.monotonic() + 20
    while any(map(_is_alive, family)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return [pid for pid in family if _is_alive(pid)]


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        # A process that has ended but was not waited for by its parent still has a number.
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False
