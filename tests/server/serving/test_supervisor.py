"""The supervisor, with roles that are a line of Python each."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import Any

import pytest

from liftgate_server.serving import supervisor
from liftgate_server.serving.supervisor import CLEAN, KILLED, Role, Supervisor

SLEEP = "import time; time.sleep(60)"


def role(name: str, program: str, **environment: str) -> Role:
    return Role(name, (sys.executable, "-c", program), environment)


class Log:
    """Remembers what was said, and asks this process to end after so many lines."""

    def __init__(self, lines: int, number: int = signal.SIGTERM) -> None:
        self.said: list[tuple[str, dict[str, Any]]] = []
        self._lines, self._number = lines, number

    def __call__(self, event: str, **about: Any) -> None:
        self.said.append((event, about))
        if len(self.said) == self._lines:
            os.kill(os.getpid(), self._number)


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(supervisor, "_FIRST_PAUSE_SECONDS", 0.01)


def test_who_dies_is_started_again_after_ever_longer_pauses(quick):
    log = Log(lines=6)

    code = Supervisor([role("short", "raise SystemExit(7)")], log, drain_within_seconds=20).run()

    pauses = [about["again_in_seconds"] for event, about in log.said if event == "process_ended"]
    assert [event for event, _ in log.said] == ["process_ended", "process_restarted"] * 3
    assert {about["code"] for event, about in log.said if event == "process_ended"} == {7}
    assert (code, len(pauses)) == (CLEAN, 3)


def test_pauses_double_up_to_a_bound():
    kept = supervisor._Kept(role("short", "pass"))
    pauses = []
    for _ in range(9):
        kept.start()
        while kept.collect() is None:
            time.sleep(0.001)
        pauses.append(round(kept.due_at - kept.started_at, 1))

    assert pauses[0] < 5
    assert kept.pause_seconds == supervisor._LONGEST_PAUSE_SECONDS


def test_who_does_not_end_in_time_is_killed(tmp_path):
    ready = tmp_path / "ready"
    deaf = "import pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    stubborn = f"{deaf}; pathlib.Path({str(ready)!r}).touch(); time.sleep(60)"
    log = Log(lines=1)
    # The second role dies once the first one is deaf; its death is the line that asks for the end.
    waiting = f"import pathlib, time\nwhile not pathlib.Path({str(ready)!r}).exists(): time.sleep(0.01)"
    roles = [role("stubborn", stubborn), role("short", waiting)]

    code = Supervisor(roles, log, drain_within_seconds=0.2).run()

    assert code == KILLED
    assert [about["role"] for event, about in log.said if event == "process_killed"] == ["stubborn"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_all_and_handlers_are_put_back(number):
    before = signal.signal(number, signal.SIG_DFL)  # these tests may run under `nohup` themselves
    log = Log(lines=1, number=number)

    code = Supervisor([role("long", SLEEP), role("short", "pass")], log, drain_within_seconds=20).run()

    assert code == CLEAN
    assert signal.signal(number, before) is signal.SIG_DFL


def test_a_role_finds_its_settings(tmp_path):
    found = tmp_path / "found"
    program = f"import os, pathlib; pathlib.Path({str(found)!r}).write_text(os.environ['LIFTGATE_PORT'])"

    Supervisor([role("short", program, LIFTGATE_PORT="1234")], Log(lines=1), drain_within_seconds=20).run()

    assert found.read_text() == "1234"


def test_a_terminal_that_closes_ends_nothing_that_nohup_started():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        log = Log(lines=1, number=signal.SIGTERM)
        program = "import os, signal; os.kill(os.getppid(), signal.SIGHUP)"

        code = Supervisor([role("hangs up", program)], log, drain_within_seconds=20).run()
    finally:
        signal.signal(signal.SIGHUP, before)
    assert (code, [event for event, _ in log.said]) == (CLEAN, ["process_ended"])
