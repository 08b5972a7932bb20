"""Many readers of one stream in one process: connects them, triggers changes and times each arrival.

Reads its task from stdin and writes what it found to stdout, as JSON.
"""

from __future__ import annotations

import contextlib
import json
import resource
import select
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter, perf_counter_ns
from typing import Any

HELLO = b"event: hello"
ARRIVED = b"event: changes"
GIVE_UP_SECONDS = 60.0
RECEIVE_BYTES = 65_536
CONNECT_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Task:
    """Where the readers connect, what they send, and the request that changes something; `%d` in it is the round."""

    host: str
    port: int
    readers: int
    request: str
    trigger_port: int
    trigger: str
    rounds: int
    warm_up_rounds: int


class Readers:
    """Sockets that were greeted, watched together."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._sockets: dict[int, socket.socket] = {}
        self._ready = select.epoll()

    def connect(self) -> None:
        """Connect in small crowds, each greeted before the next comes, so that no queue overflows."""
        while len(self._sockets) < self._task.readers:
            crowd = [self._open() for _ in range(min(CONNECT_AT_ONCE, self._task.readers - len(self._sockets)))]
            list(self.arrivals(HELLO, {reader.fileno() for reader in crowd}))

    def arrivals(self, mark: bytes, awaited: set[int]) -> Iterator[int]:
        """Yield the moment at which each of the awaited was reached."""
        deadline = perf_counter() + GIVE_UP_SECONDS
        while awaited:
            if perf_counter() > deadline:
                message = f"{len(awaited)} readers were not reached"
                raise TimeoutError(message)
            for number, _ in self._ready.poll(1.0):
                received = self._sockets[number].recv(RECEIVE_BYTES)
                at = perf_counter_ns()
                if not received:
                    message = "the server closed a stream"
                    raise ConnectionError(message)
                if mark in received and number in awaited:
                    awaited.remove(number)
                    yield at

    def everyone(self) -> set[int]:
        return set(self._sockets)

    def close(self) -> None:
        for reader in self._sockets.values():
            reader.close()

    def _open(self) -> socket.socket:
        reader = socket.create_connection((self._task.host, self._task.port), timeout=GIVE_UP_SECONDS)
        reader.sendall(self._task.request.encode())
        reader.setblocking(False)
        self._sockets[reader.fileno()] = reader
        self._ready.register(reader.fileno(), select.EPOLLIN)
        return reader


def measure(task: Task, readers: Readers) -> list[list[float]]:
    """Change something in each round and return the milliseconds from there to every reader."""
    found: list[list[float]] = []
    for number in range(task.warm_up_rounds + task.rounds):
        with socket.create_connection((task.host, task.trigger_port), timeout=GIVE_UP_SECONDS) as change:
            started = perf_counter_ns()
            change.sendall(trigger_of(task, number))
            found.append([(at - started) / 1e6 for at in readers.arrivals(ARRIVED, readers.everyone())])
            change.recv(RECEIVE_BYTES)
    return found[task.warm_up_rounds :]


def trigger_of(task: Task, number: int) -> bytes:
    head, _, body = task.trigger.partition("\r\n\r\n")
    body = body.replace("%d", str(number))
    return f"{head}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode()


def main() -> None:
    allow_open_files()
    task = Task(**json.loads(sys.stdin.readline()))
    readers = Readers(task)
    with contextlib.closing(readers):
        readers.connect()
        say({"connected": len(readers.everyone())})
        sys.stdin.readline()  # whoever measures looks at the memory of the server first
        say({"milliseconds": measure(task, readers)})


def allow_open_files() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def say(content: dict[str, Any]) -> None:
    print(json.dumps(content), flush=True)


if __name__ == "__main__":
    main()
