"""Keeping processes alive: each is started, started again when it dies, and ended in order when a signal asks for it.

Everything happens in the main thread, which sleeps until a signal or the next start that is due.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

__all__ = ["CLEAN", "KILLED", "Role", "Supervisor"]

CLEAN = 0
"""Exit code: a signal asked for the end, and every process ended by itself."""
KILLED = 3
"""Exit code: something did not end in time and was killed."""

_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
# Who has run for this long had another reason to die than the last time.
_STEADY_AFTER_SECONDS = 30.0
# A signal that comes while the process is about to sleep wakes it anyway; this is for clocks and debuggers.
_LONGEST_SLEEP_SECONDS = 5.0
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

Say = Callable[..., object]
"""Writes one line of the log: an event and what belongs to it."""


@dataclass(frozen=True, slots=True)
class Role:
    """One process: its command, what it finds in its environment, and the open files it inherits."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    files: Sequence[int] = ()


class _Kept:
    """A role with the process that plays it now."""

    def __init__(self, role: Role) -> None:
        self.role = role
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.due_at = 0.0
        self.pause_seconds = _FIRST_PAUSE_SECONDS

    def start(self) -> int:
        """Start the process and give its id."""
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - our own programs
            self.role.command,
            env={**os.environ, **self.role.environment},
            pass_fds=self.role.files,
            # Ctrl-C in a terminal reaches the whole group; only the supervisor may act on it, in order.
            start_new_session=True,
        )
        return self.process.pid

    def collect(self) -> int | None:
        """Give the exit code of a process that ended since the last look, and plan the next start."""
        code = None if self.process is None else self.process.poll()
        if code is None:
            return None
        self.process = None
        now = time.monotonic()
        if now - self.started_at >= _STEADY_AFTER_SECONDS:
            self.pause_seconds = _FIRST_PAUSE_SECONDS
        self.due_at = now + self.pause_seconds
        self.pause_seconds = min(self.pause_seconds * 2, _LONGEST_PAUSE_SECONDS)
        return code


class Supervisor:
    """Runs its roles until a signal; call `run` in the main thread."""

    def __init__(self, roles: Sequence[Role], say: Say, *, drain_within_seconds: float) -> None:
        self._kept = tuple(_Kept(role) for role in roles)
        self._say = say
        self._drain_within_seconds = drain_within_seconds
        self._asked_to_end = 0

    def run(self) -> int:
        """Return the exit code once everything has ended."""
        with self._signals() as woken:
            try:
                self._keep_running(woken)
            finally:
                code = self._end(woken)
        return code

    def _keep_running(self, woken: int) -> None:
        while not self._asked_to_end:
            self._collect()
            self._start_due()
            _sleep(woken, self._seconds_to_next_start())

    def _collect(self) -> None:
        for kept in self._kept:
            process = kept.process
            code = kept.collect()
            if code is not None and process is not None:
                again = round(kept.due_at - time.monotonic(), 1)
                self._say("process_ended", role=kept.role.name, pid=process.pid, code=code, again_in_seconds=again)

    def _start_due(self) -> None:
        for kept in self._kept:
            if kept.process is None and kept.due_at <= time.monotonic():
                is_first = kept.started_at == 0.0
                pid = kept.start()
                if not is_first:
                    self._say("process_restarted", role=kept.role.name, pid=pid)

    def _seconds_to_next_start(self) -> float:
        waiting = [kept.due_at - time.monotonic() for kept in self._kept if kept.process is None]
        return max(min([*waiting, _LONGEST_SLEEP_SECONDS]), 0.0)

    def _end(self, woken: int) -> int:
        """Ask everybody to end, wait, and kill who does not; a second signal is impatient."""
        asked, code = self._asked_to_end, CLEAN
        deadline = time.monotonic() + self._drain_within_seconds
        running = self._running()
        for process in running.values():
            process.terminate()
        while running and time.monotonic() < deadline and self._asked_to_end == asked:
            _sleep(woken, min(deadline - time.monotonic(), _LONGEST_SLEEP_SECONDS))
            running = self._running()
        for name, process in running.items():
            self._say("process_killed", role=name, pid=process.pid)
            process.kill()
            process.wait()
            code = KILLED
        return code

    def _running(self) -> dict[str, subprocess.Popen[bytes]]:
        return {
            kept.role.name: kept.process
            for kept in self._kept
            if kept.process is not None and kept.process.poll() is None
        }

    @contextmanager
    def _signals(self) -> Iterator[int]:
        """Turn signals into bytes of a pipe while the block lasts; handlers that do next to nothing cannot block."""
        reading, writing = os.pipe()
        for end in (reading, writing):
            os.set_blocking(end, False)
        handlers = {number: signal.signal(number, self._ask_to_end) for number in _SIGNALS}
        if handlers[signal.SIGHUP] is signal.SIG_IGN:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)  # by `nohup`, which promises to outlive the terminal
        handlers[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, _only_wake)
        woken_before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        try:
            yield reading
        finally:
            signal.set_wakeup_fd(woken_before)
            for number, handler in handlers.items():
                signal.signal(number, handler)
            os.close(reading)
            os.close(writing)

    def _ask_to_end(self, _number: int, _frame: object) -> None:
        self._asked_to_end += 1


def _only_wake(_number: int, _frame: object) -> None:
    """Have the wake-up pipe written to; without a handler the signal would be discarded."""


def _sleep(woken: int, seconds: float) -> None:
    """Sleep until a signal came; the pipe holds one byte for each."""
    if select.select([woken], [], [], max(seconds, 0.0))[0]:
        os.read(woken, 4096)
