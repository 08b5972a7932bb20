"""Child processes that end with their parent, whatever way the parent ends."""

from __future__ import annotations

import ctypes
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

__all__ = ["ChildEnded", "running", "wait_until_it_answers"]

_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)
_END_WITHIN_SECONDS = 8


class ChildEnded(Exception):
    """A child process ended before it answered."""


@contextmanager
def running(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command while the block lasts. It gets no Ctrl-C of its own: the parent ends it, in order."""
    child = subprocess.Popen(  # noqa: S603 - our own programs, named by the demo
        command,
        env={**os.environ, **environment},
        start_new_session=True,
        preexec_fn=_end_with_parent,  # noqa: PLW1509 - the demo has no thread of its own when it starts its children
    )
    try:
        yield child
    finally:
        _end(child)


def wait_until_it_answers(child: subprocess.Popen[bytes], port: int, path: str, *, within_seconds: float) -> None:
    """Return once ``path`` answers on the port; raise when the child ends or the time is up."""
    deadline = time.monotonic() + within_seconds
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise ChildEnded(f"it ended with exit code {child.returncode}")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", path)
            if connection.getresponse().status < http.client.INTERNAL_SERVER_ERROR:
                return
        except OSError:
            time.sleep(0.03)
        finally:
            connection.close()
    raise ChildEnded(f"nothing answered on port {port} within {within_seconds:.0f} seconds")


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.terminate()
    try:
        child.wait(_END_WITHIN_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _end_with_parent() -> None:
    # Where there is no such call the child is still ended by `running`, unless the parent was killed outright.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGTERM)
