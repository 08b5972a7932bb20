"""The fault proxy as a process of its own, so that its work is not that of whoever steers the storm."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from loadtests.processes import HOST, free_port
from loadtests.storm import offspring


class ProxyProcess:
    """Where the hosts go, and how the proxy is told what to do."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self.url = f"http://{HOST}:{port}"
        self._process = process

    def lead_to(self, ports: Sequence[int]) -> None:
        self._command(ports=list(ports))

    def calm(self) -> dict[str, int]:
        """Let everything pass from now on; give the faults so far by their kinds."""
        faults: dict[str, int] = self._command(share=0)["faults"]
        return faults

    def _command(self, **command: object) -> dict[str, dict[str, int]]:
        commands, answers = self._pipes()
        commands.write(json.dumps(command).encode() + b"\n")
        commands.flush()
        answer: dict[str, dict[str, int]] = json.loads(answers.readline())
        return answer

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        return self._process.stdin, self._process.stdout


@contextmanager
def running_proxy(seed: str, share: float, log: Path) -> Iterator[ProxyProcess]:
    """Run the proxy until the block ends."""
    port = free_port()
    command = [sys.executable, "-m", "loadtests.storm.proxy", str(port), seed, str(share)]
    with log.open("ab") as output:
        process = offspring.start(command, {}, log=output, piped=True)
    try:
        yield ProxyProcess(port, process)
    finally:
        offspring.end(process)
