"""The SDK processes in the storm: each in a place where the next one finds the spool of one that was killed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from loadtests.processes import UnexpectedAnswerError
from loadtests.storm import offspring

END_SECONDS = 90


@dataclass(frozen=True, slots=True)
class Script:
    """What a host process is told: where its things lie, and when the storm began."""

    seed: int
    place: int
    generation: int
    folder: str
    began_at: float
    seconds: float
    """How long the storm lasts; a host that is only to deliver what was left behind is told 0."""
    threads: int

    @property
    def name(self) -> str:
        return f"{self.place}.{self.generation}"

    @property
    def journal(self) -> Path:
        return Path(self.folder) / f"{self.name}.journal"

    @property
    def spool(self) -> Path:
        return Path(self.folder) / f"spool-{self.place}"


class HostPlace:
    """One place for a host: at any time one process stands in it, and takes over what the last one left."""

    def __init__(self, first: Script, settings: Mapping[str, str], log: Path) -> None:
        self._script, self._settings, self._log = first, settings, log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *, seconds: float | None = None) -> None:
        fields = asdict(self._script) | ({} if seconds is None else {"seconds": seconds})
        command = [sys.executable, "-m", "loadtests.storm.host", json.dumps(fields)]
        with self._log.open("ab") as output:
            self.process = offspring.start(command, self._settings, log=output, piped=True)
        self._script = Script(**asdict(self._script) | {"generation": self._script.generation + 1})

    def kill(self) -> None:
        process, self.process = self.process, None
        if process is not None:
            offspring.end(process)

    def ask_to_end(self) -> None:
        """Close its standard input, which tells a host to deliver what it has and to end."""
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()

    def wait(self) -> None:
        """Wait until the host has ended by itself; one that cannot is a failure of its own."""
        process, self.process = self.process, None
        if process is None:
            return
        try:
            code = process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            code = -signal.SIGKILL
        offspring.end(process)
        if code != 0:
            message = f"a host ended with {code}: {self._log.read_text()[-2000:]}"
            raise UnexpectedAnswerError(message)

    @property
    def has_died(self) -> bool:
        """Whether the host ended although nobody asked it to."""
        return self.process is not None and self.process.poll() is not None


@contextmanager
def running_hosts(scripts: list[Script], settings: Mapping[str, str], log: Path) -> Iterator[list[HostPlace]]:
    """Run a host in every place until the block ends."""
    places = [HostPlace(script, settings, log) for script in scripts]
    try:
        for place in places:
            place.start()
        yield places
    finally:
        for place in places:
            place.kill()


def finish(places: list[HostPlace]) -> None:
    """Let every host deliver and end; then let one more in each place deliver what those that were killed left."""
    for place in places:
        place.ask_to_end()
    for place in places:
        place.wait()
    for place in places:
        place.start(seconds=0)
        place.ask_to_end()
        place.wait()
