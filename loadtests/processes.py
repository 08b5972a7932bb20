"""Programs that run while something is measured: started, waited for, and ended with the measurement."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

HOST = "127.0.0.1"
START_SECONDS = 60
STOP_SECONDS = 10
STANDARD_ERROR = 2


class UnexpectedAnswerError(Exception):
    """The server answered what the measurement cannot go on with."""


def end_in_order() -> None:
    """Let a request to terminate unwind the stack, so that nothing we started outlives us."""
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def started(command: list[str], settings: dict[str, str], *, port: int, path: str) -> Iterator[None]:
    """Run a program until the block ends; the block begins once the program answers on a port."""
    # Settings of whoever measures, such as LIFTGATE_SECRET in their shell, must not reach the server measured.
    outside = {name: value for name, value in os.environ.items() if not name.startswith("LIFTGATE_")}
    # What it says goes to stderr; stdout is for our own result.
    with subprocess.Popen(command, env={**outside, **settings}, stdout=STANDARD_ERROR) as process:
        try:
            wait_until_ready(port, path, process)
            yield
        finally:
            stop(process)


def wait_until_ready(port: int, path: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection(HOST, port, timeout=1)
        try:
            connection.request("GET", path)
            if connection.getresponse().status == http.client.OK:
                return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    message = f"{path} was not ready within {START_SECONDS} s (exit code {process.poll()})"
    raise UnexpectedAnswerError(message)


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
