"""Many processes that listen, and the pipe on which they say what they have heard."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from loadtests.processes import STOP_SECONDS, UnexpectedAnswerError

READY_SECONDS = 90
HEARD_SECONDS = 10


class Listeners:
    """The processes of one measurement; a message is the listener's number, a version, and an instant in ns."""

    def __init__(self, count: int, pipe: int) -> None:
        self.count = count
        self._pipe = pipe
        self._unread = b""

    def wait_for(self, version: int, *, seconds: float = HEARD_SECONDS) -> list[int]:
        """Wait until every listener has told of a version, and return when each had it."""
        told: dict[int, int] = {}
        deadline = time.monotonic() + seconds
        while len(told) < self.count:
            for number, heard, at in self._messages(deadline):
                if heard >= version:
                    told.setdefault(number, at)
        return list(told.values())

    def _messages(self, deadline: float) -> Iterator[tuple[int, int, int]]:
        readable, _, _ = select.select([self._pipe], [], [], max(0.0, deadline - time.monotonic()))
        if not readable:
            message = "not every listener has told what was to be heard"
            raise UnexpectedAnswerError(message)
        *lines, self._unread = (self._unread + os.read(self._pipe, 65536)).split(b"\n")
        for line in lines:
            number, version, at = (int(word) for word in line.split())
            yield number, version, at


@contextmanager
def listening(module: str, arguments: Sequence[str], count: int, settings: Mapping[str, str]) -> Iterator[Listeners]:
    """Start so many processes of a module, wait until all are ready, and end them with the block."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("LIFTGATE_")}
    reading, writing = os.pipe()
    children: list[subprocess.Popen[bytes]] = []
    try:
        for number in range(count):
            command = [sys.executable, "-m", module, *arguments, str(number), str(writing)]
            children.append(
                subprocess.Popen(
                    command, env={**outside, **settings}, stdin=subprocess.PIPE, pass_fds=[writing], stdout=2
                )
            )
        listeners = Listeners(count, reading)
        listeners.wait_for(0, seconds=READY_SECONDS)
        yield listeners
    finally:
        for child in children:
            child.kill()
        for child in children:
            child.communicate(timeout=STOP_SECONDS)
        os.close(writing)
        os.close(reading)
