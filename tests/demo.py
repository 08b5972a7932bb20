"""The demo as its users start it: one command, two addresses, one signal to end it."""

from __future__ import annotations

import os
import re
import selectors
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
_WITHIN_SECONDS = 60


@dataclass
class RunningDemo:
    """A demo that answers. ``host`` and ``server`` are its addresses, ``management_key`` looks behind the scenes.

    ``email`` and ``password`` are those of the owner who may sign in to the pages.
    """

    process: subprocess.Popen[str]
    host: str
    server: str
    management_key: str
    email: str
    password: str

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send the signal and return the exit code."""
        self.process.send_signal(number)
        code = self.process.wait(30)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


def start_demo(**environment: str) -> RunningDemo:
    """Start the demo on free ports and wait until it has said where it is."""
    command = [sys.executable, "-m", "liftgate_server.cli", "demo", "--port", "0", "--host-port", "0"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, **environment}
    )
    said = _read_until(process, "Ctrl-C")
    host = _ADDRESS.search(said[said.index("Corkboard") :])
    server = _ADDRESS.search(said[said.index("the server") :])
    key = re.search(r"lgmk_\S+", said)
    owner = re.search(r"/admin +(\S+), password (\S+)", said)
    assert host is not None, said
    assert server is not None, said
    assert key is not None, said
    assert owner is not None, said
    return RunningDemo(process, host.group(), server.group(), key.group(), owner[1], owner[2])


def _read_until(process: subprocess.Popen[str], words: str) -> str:
    assert process.stdout is not None
    said = ""
    deadline = time.monotonic() + _WITHIN_SECONDS
    os.set_blocking(process.stdout.fileno(), False)
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while words not in said:
            assert time.monotonic() < deadline, f"the demo said only: {said}"
            if selector.select(0.2):
                said += process.stdout.read() or ""
            assert process.poll() is None, f"the demo ended: {said}"
    return said
