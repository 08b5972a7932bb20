"""The commands that judge a checkout must themselves be right."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests import house
from tests.network_guard import ForeignAddressError


def run_dev(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, house.ROOT / "dev", *arguments], capture_output=True, text=True, check=False)


def test_help_lists_every_command():
    shown = run_dev("help").stdout

    for command in ("demo", "test", "check", "bench", "load", "serve", "shots", "build-widget", "help"):
        assert f"\n  {command} " in shown


def test_an_unknown_command_is_refused_by_name():
    answer = run_dev("lunch")

    assert answer.returncode == 1
    assert "no command 'lunch'" in answer.stderr


def test_a_summary_names_the_groups_that_failed():
    outcomes = [house.Outcome("python", 5, 0, 0), house.Outcome("browser", 2, 1, 0)]

    assert house.summary(outcomes) == "7 passed, 1 failed (browser)"


def test_failures_of_pytest_are_counted_and_change_the_exit_code(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    (tmp_path / "test_sample.py").write_text("def test_right(): pass\ndef test_wrong(): assert False\n")

    code = house.test([str(tmp_path), "-c", str(house.ROOT / "pyproject.toml")])

    assert code == 1
    assert capfd.readouterr().out.splitlines()[-1].startswith("==> 1 passed, 1 failed (as named)")


def test_a_group_that_cannot_be_collected_counts_as_a_failure(tmp_path: Path):
    (tmp_path / "test_sample.py").write_text("import a_module_that_is_not_there\n")

    outcome = house.run_pytest("broken", [str(tmp_path), "-c", str(house.ROOT / "pyproject.toml")])

    assert outcome.failed == 1


def test_a_node_run_that_ended_without_a_report_counts_as_a_failure():
    assert house.node_outcome("", ran=False) == house.Outcome("widget", 0, 1, 0)


def test_a_node_report_is_read_from_its_totals():
    report = "ok 1 - opens\n# tests 3\n# pass 2\n# fail 1\n# skipped 0\n"

    assert house.node_outcome(report, ran=False) == house.Outcome("widget", 2, 1, 0)


def test_a_signal_ends_the_child_and_is_the_exit_code():
    program = "import os, signal, time; os.kill(os.getppid(), signal.SIGTERM); time.sleep(60)"

    with pytest.raises(SystemExit) as ended:
        house.run(sys.executable, "-c", program)

    assert ended.value.code == 128 + 15


def test_a_test_cannot_reach_another_machine():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, pytest.raises(ForeignAddressError):
        probe.connect(("192.0.2.1", 9))


def test_a_test_cannot_look_up_a_name():
    with pytest.raises(ForeignAddressError):
        socket.getaddrinfo("example.org", 80)


def test_a_test_may_talk_to_itself():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()
