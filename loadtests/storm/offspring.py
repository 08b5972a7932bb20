"""Processes that cannot outlive the storm: each dies with us, and with each whatever it has started."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, NamedTuple

_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)


class Process(NamedTuple):
    """A process of this machine. Its number may be used again, so when it began belongs to its name."""

    pid: int
    began: str

    @property
    def is_there(self) -> bool:
        found = _status(self.pid)
        return found is not None and found[1] == self.began

    def send(self, number: signal.Signals) -> bool:
        """Send a signal if this very process is still there; say whether it was."""
        if not self.is_there:
            return False
        try:
            os.kill(self.pid, number)
        except ProcessLookupError:
            return False
        return True


def start(
    command: Sequence[str],
    settings: Mapping[str, str],
    *,
    log: IO[bytes] | None = None,
    end_with: signal.Signals = signal.SIGKILL,
    piped: bool = False,
) -> subprocess.Popen[bytes]:
    """Start a program that gets a signal when we die. Call it in the main thread: the kernel watches the thread."""
    # Settings of whoever blows the storm, such as LIFTGATE_SECRET in their shell, must not reach what it blows over.
    outside = {name: value for name, value in os.environ.items() if not name.startswith("LIFTGATE_")}
    return subprocess.Popen(
        command,
        env={**outside, **settings},
        stdin=subprocess.PIPE if piped else subprocess.DEVNULL,
        stdout=subprocess.PIPE if piped else log,
        stderr=log,
        start_new_session=True,
        preexec_fn=_signal_with_parent(end_with),  # noqa: PLW1509 - one system call, no lock is taken
    )


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process that is to say nothing any more."""
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()


def descendants_of(pid: int) -> list[Process]:
    """Give the children of a process, their children and so on, the oldest generation first."""
    by_parent: dict[int, list[Process]] = {}
    for process, parent in _processes():
        by_parent.setdefault(parent, []).append(process)
    found: list[Process] = []
    waiting = [pid]
    while waiting:
        born = by_parent.get(waiting.pop(), [])
        found += born
        waiting += [process.pid for process in born]
    return found


def command_of(process: Process) -> str:
    """Give the command line of a process, empty when it is gone."""
    try:
        return Path(f"/proc/{process.pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def itself(pid: int) -> Process | None:
    """Give the process that has this number now."""
    found = _status(pid)
    return None if found is None else Process(pid, found[1])


def _processes() -> Iterator[tuple[Process, int]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            found = _status(int(entry.name))
            if found is not None:
                parent, began = found
                yield Process(int(entry.name), began), parent


def _status(pid: int) -> tuple[int, str] | None:
    """Read parent and instant of birth of a process; `None` when it is gone, or only waits to be buried."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return None
    # The command's name stands in brackets and may hold anything, brackets included.
    fields = text.rpartition(")")[2].split()
    state, parent, began = fields[0], int(fields[1]), fields[19]
    return None if state in "ZX" else (parent, began)


def _signal_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)  # looked up here, because after a fork nothing may be loaded
    return lambda: library.prctl(_PARENT_DEATH_SIGNAL, number)
