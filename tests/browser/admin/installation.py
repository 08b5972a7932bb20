"""A server on an empty folder, as somebody starts it for the first time."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Self

from liftgate_server.plumbing.ports import probe_port
from tests.server.serving.served import Served, descendants, until

HOST = "127.0.0.1"


class Installation:
    """`liftgate serve` with all its processes, and what it says about its first owner."""

    def __init__(self, folder: Path) -> None:
        self._said = folder / "said"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("LIFTGATE_")}
        command = [sys.executable, "-m", "liftgate_server.cli", "serve", "--port", str(probe_port(HOST, 0))]
        with self._said.open("w") as log:
            self._process = subprocess.Popen(
                [*command, "--stream-port", "0"],
                env={**inherited, "LIFTGATE_DATA": str(folder / "data")},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def __enter__(self) -> Self:
        self.url = Served(self._process).url
        return self

    def __exit__(self, *_: object) -> None:
        family = descendants(self._process.pid)
        self._process.terminate()
        try:
            self._process.communicate(timeout=30)
        finally:
            for member in family:
                if member in descendants(self._process.pid):
                    os.kill(member, signal.SIGKILL)
            self._process.kill()

    def set_up_link(self) -> str:
        found = until(lambda: re.search(r"http://\S+/admin/setup\?code=\w+", self._said.read_text()))
        return found.group()
