"""The servers in the storm: each a `liftgate serve` of its own on one database, started anew when it was killed."""

from __future__ import annotations

import http.client
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from loadtests.processes import HOST, STOP_SECONDS, UnexpectedAnswerError, free_port
from loadtests.storm import offspring, plants
from loadtests.storm.offspring import Process

WORKERS = (2, 1)
"""Of each server. The first one holds the stream as well."""
START_SECONDS = 90
"""A machine that is busy with other things takes its time."""
_WORKER_MARK = "spawn_main"
"""In the command of a process that granian has started to answer requests."""


class Server:
    """One server; a killed one leaves its port to the kernel and comes back on another."""

    def __init__(self, settings: Mapping[str, str], log: Path, *, workers: int, plant: str | None) -> None:
        stream = "0" if workers > 1 else "off"
        self._settings = {**settings, "LIFTGATE_WORKERS": str(workers), "LIFTGATE_STREAM_PORT": stream}
        self._log, self._plant = log, plant
        self._known: set[Process] = set()
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.port = free_port()
        settings = {
            **self._settings,
            "LIFTGATE_PORT": str(self.port),
            "LIFTGATE_LOG_LEVEL": "warning",
        }
        command = [sys.executable, "-m", "liftgate_server.cli", "serve"]
        if self._plant is not None:
            settings[plants.VARIABLE] = self._plant
            command = [sys.executable, "-m", "loadtests.storm.planted_server"]
        with self._log.open("ab") as output:
            self.process = offspring.start(command, settings, log=output, end_with=signal.SIGTERM)

    def is_ready(self) -> bool:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=2)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == http.client.OK
        except OSError:
            return False
        finally:
            connection.close()

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self.is_ready():
            if time.monotonic() > deadline:
                message = f"a server was not ready within {START_SECONDS} s: {self._log.read_text()[-2000:]}"
                raise UnexpectedAnswerError(message)
            time.sleep(0.1)

    def workers(self) -> list[Process]:
        """Give the processes that answer requests now."""
        return [process for process in self._descendants() if _WORKER_MARK in offspring.command_of(process)]

    def kill(self) -> None:
        """Kill the parent of all; its children find out by themselves, as they would after a crash."""
        self._descendants()
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        """End everything that ever belonged to this server, in order where that is possible."""
        self._descendants()
        process, self.process = self.process, None
        if process is not None:
            process.terminate()
            try:
                process.wait(2 * STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for left in self._known:
            left.send(signal.SIGKILL)

    def _descendants(self) -> list[Process]:
        if self.process is None:
            return []
        found = offspring.descendants_of(self.process.pid)
        self._known |= set(found)
        return found


@contextmanager
def running_servers(settings: Mapping[str, str], log: Path, plant: str | None) -> Iterator[Sequence[Server]]:
    """Run the servers until the block ends."""
    servers = [Server(settings, log, workers=workers, plant=plant) for workers in WORKERS]
    try:
        for server in servers:
            server.start()
        for server in servers:
            server.wait_until_ready()
        yield servers
    finally:
        for server in servers:
            server.stop()
