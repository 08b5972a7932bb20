"""Watching the demo's processes from their start to an end that nobody asked for."""

from __future__ import annotations

import os
import signal
import subprocess
from dataclasses import dataclass

import click

from liftgate_server.demo.database import SeededDemo
from liftgate_server.demo.processes import ChildEnded, wait_until_it_answers

__all__ = ["Watch"]

_WITHIN_SECONDS = 30


@dataclass
class Watch:
    """Welcomes once both answer, and ends the demo when the host app has ended without being asked to."""

    host: subprocess.Popen[bytes]
    url: str
    host_port: int
    seeded: SeededDemo
    failure: str | None = None

    def run(self) -> None:
        try:
            wait_until_it_answers(
                self.host, int(self.url.rpartition(":")[2]), "/healthz", within_seconds=_WITHIN_SECONDS
            )
            wait_until_it_answers(self.host, self.host_port, "/", within_seconds=_WITHIN_SECONDS)
            _welcome(self.url, self.host_port, self.seeded)
            self.host.wait()
            self.failure = "The host app ended; see above."
        except ChildEnded as failure:
            self.failure = f"The demo did not start: {failure}."
        os.kill(os.getpid(), signal.SIGTERM)


def _welcome(url: str, host_port: int, seeded: SeededDemo) -> None:
    click.echo(
        f"""
  Corkboard, the host app   http://127.0.0.1:{host_port}
  Liftgate, its admin pages {url}/admin   {seeded.email}, password {seeded.password}
  Liftgate, the server      {url}   (OpenAPI: {url}/openapi.json)

  Try it: “New board” on Tall Pines Co-op is one too many, “Export PDF” is locked on Free. Give Free more boards under
  “Plans & features”, publish, and press “New board” again.
  Look around: liftgate catalog pull --server {url} --key {seeded.keys.management}

  Everything is thrown away at the end. Ctrl-C ends both."""
    )
