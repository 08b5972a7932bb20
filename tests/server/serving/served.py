"""`liftgate serve` as a real process, with the processes that belong to it."""

from __future__ import annotations

import http.client
import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Self, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")
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

    def ask(self, method: str, path: str, key: str, body: object = None, *, url: str | None = None) -> Answer:
        """Make a request with a key and leave the answer open: streams have no end."""
        address = urlsplit(url or self.url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=PATIENCE_SECONDS)
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        return Answer(connection, connection.getresponse())

    def listen(self, key: str) -> Answer:
        """Open the stream the way readers do: by asking the server where it is."""
        with self.ask("GET", "/v1/stream", key) as told:
            address = told.response.headers["Location"]
        return self.ask("GET", "/v1/stream", key, url=address)

    def pid_of(self, part: str) -> int:
        """Wait for the process whose command names this part."""
        return until(
            lambda: next((pid for pid, line in descendants(self.process.pid).items() if part in (line or "")), None)
        )

    def has_another(self, part: str, pid: int) -> bool:
        return self.pid_of(part) != pid

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


class Answer:
    """An answer with the connection it comes over."""

    def __init__(self, connection: http.client.HTTPConnection, response: http.client.HTTPResponse) -> None:
        self._connection = connection
        self.response = response

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.response.close()
        self._connection.close()

    def line(self) -> str:
        return self.response.readline().decode()


def until(look: Callable[[], T | None]) -> T:
    """Wait until there is something, whatever stands in the way meanwhile."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            found = look()
        except OSError:
            found = None
        if found:
            return found
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)


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
