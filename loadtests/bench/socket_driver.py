"""The stand-in for wrk: keep-alive connections over plain sockets, in one process; reads its task from stdin."""

from __future__ import annotations

import itertools
import json
import re
import selectors
import socket
import sys
from collections.abc import Iterator
from time import perf_counter_ns
from typing import Any

from loadtests.bench.measure import percentile

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
END_OF_HEADERS = b"\r\n\r\n"
RECEIVE_BYTES = 65_536


class Connection:
    """One connection with at most one request under way."""

    def __init__(self, address: tuple[str, int], requests: Iterator[bytes]) -> None:
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._requests = requests
        self._received = b""
        self._sent_ns = 0

    def send(self) -> None:
        self._received = b""
        self._sent_ns = perf_counter_ns()
        self.socket.sendall(next(self._requests))

    def receive(self) -> tuple[bool, int] | None:
        """Take what has come; return success and nanoseconds once the answer is whole."""
        data = self.socket.recv(RECEIVE_BYTES)
        if not data:
            message = "the server closed a kept-alive connection"
            raise ConnectionError(message)
        self._received += data
        head, separator, body = self._received.partition(END_OF_HEADERS)
        length = LENGTH.search(head)
        if not separator or (length is not None and len(body) < int(length.group(1))):
            return None
        return head.startswith(b"HTTP/1.1 200 "), perf_counter_ns() - self._sent_ns


def drive(task: dict[str, Any]) -> dict[str, int]:
    """Keep every connection busy until the time is over."""
    address, requests = (task["host"], task["port"]), requests_of(task)
    connections = [Connection(address, requests) for _ in range(task["connections"])]
    taken: list[int] = []
    errors = 0
    with selectors.DefaultSelector() as ready:
        for connection in connections:
            ready.register(connection.socket, selectors.EVENT_READ, connection)
            connection.send()
        started = perf_counter_ns()
        while perf_counter_ns() - started < task["seconds"] * 1e9:
            for key, _ in ready.select(timeout=1):
                answer = key.data.receive()
                if answer is not None:
                    errors += not answer[0]
                    taken.append(answer[1])
                    key.data.send()
        lasted = perf_counter_ns() - started
    for connection in connections:
        connection.socket.close()
    return result(taken, errors, lasted)


def requests_of(task: dict[str, Any]) -> Iterator[bytes]:
    """Give the requests in turn, each with a value of its own where one is wanted."""
    texts, prefix = [text.encode() for text in task["requests"]], task["prefix"]
    if prefix is None:
        return itertools.cycle(texts)
    mark = task["fresh"].encode()
    width = len(mark) - len(prefix)
    numbered = enumerate(itertools.cycle(texts))
    return (text.replace(mark, f"{prefix}{number:0{width}d}".encode(), 1) for number, text in numbered)


def result(taken: list[int], errors: int, lasted_ns: int) -> dict[str, int]:
    ordered = sorted(taken) or [0]
    return {
        "requests": len(taken),
        "microseconds": lasted_ns // 1000,
        "p50_us": int(percentile(ordered, 0.5)) // 1000,
        "p99_us": int(percentile(ordered, 0.99)) // 1000,
        "errors": errors,
    }


if __name__ == "__main__":
    json.dump(drive(json.load(sys.stdin)), sys.stdout)
