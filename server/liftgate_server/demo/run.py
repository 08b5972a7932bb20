"""`liftgate demo`: a seeded server and Corkboard, with the host app in a process of its own, until Ctrl-C."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import click

from liftgate_server.app import create_app
from liftgate_server.demo.processes import ChildEnded, running, wait_until_it_answers
from liftgate_server.demo.seed import DemoKeys, seed
from liftgate_server.plumbing.config import Config, load_config
from liftgate_server.plumbing.db import detach_database
from liftgate_server.plumbing.migrating import upgrade_database

__all__ = ["run_demo"]

_WITHIN_SECONDS = 30


def run_demo(*, port: int | None, host_port: int | None, serve: Callable[[Config], None]) -> None:
    """Run the demo on these ports (``None`` takes the usual ones, or free ones) until a signal ends it.

    ``serve`` answers requests in this process until the signal; the host app is a process of its own.
    """
    server_port, app_port = _free_port(port, 8787), _free_port(host_port, 8788)
    for number in (signal.SIGINT, signal.SIGTERM):
        # Until the server takes the signals over, they end the demo the way an exception does: with its folder removed.
        signal.signal(number, _leave)
    with tempfile.TemporaryDirectory(prefix="liftgate-demo-") as folder:
        _run(Path(folder), server_port, app_port, serve)
        click.echo("\nEnding the demo.")


def _run(folder: Path, port: int, host_port: int, serve: Callable[[Config], None]) -> None:
    # An empty environment: settings of a real server must never lead the demo to its database.
    config = load_config({}, data=str(folder), port=port, log_level="warning", log_format="console")
    keys = _seeded(config, host_origin=f"http://127.0.0.1:{host_port}")
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "liftgate_server.demo.host", str(host_port)]
    with running(command, {"LIFTGATE_URL": url, "LIFTGATE_API_KEY": keys.secret}) as host:
        watch = Watch(host, url, host_port, keys)
        threading.Thread(target=watch.run, daemon=True).start()
        serve(config)
        if watch.failure is not None:
            raise click.ClickException(watch.failure)


@dataclass
class Watch:
    """Welcomes once both answer, and ends the demo when the host app has ended without being asked to."""

    host: subprocess.Popen[bytes]
    url: str
    host_port: int
    keys: DemoKeys
    failure: str | None = None

    def run(self) -> None:
        try:
            wait_until_it_answers(
                self.host, int(self.url.rpartition(":")[2]), "/healthz", within_seconds=_WITHIN_SECONDS
            )
            wait_until_it_answers(self.host, self.host_port, "/", within_seconds=_WITHIN_SECONDS)
            _welcome(self.url, self.host_port, self.keys)
            self.host.wait()
            self.failure = "The host app ended; see above."
        except ChildEnded as failure:
            self.failure = f"The demo did not start: {failure}."
        os.kill(os.getpid(), signal.SIGTERM)


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)


def _seeded(config: Config, *, host_origin: str) -> DemoKeys:
    app = create_app(config)
    try:
        with app.app_context():
            upgrade_database(lock_directory=config.data_directory)
            return seed(host_origin=host_origin)
    finally:
        detach_database(app)


def _welcome(url: str, host_port: int, keys: DemoKeys) -> None:
    click.echo(
        f"""
  Corkboard, the host app   http://127.0.0.1:{host_port}
  Liftgate, the server      {url}   (OpenAPI: {url}/openapi.json)

  Try it: “New board” on Tall Pines Co-op is one too many, “Export PDF” is locked on Free.
  Look around: liftgate catalog pull --server {url} --key {keys.management}

  Everything is thrown away at the end. Ctrl-C ends both."""
    )


def _free_port(wanted: int | None, usual: int) -> int:
    """Return the wanted port, or say that it is taken; without a wish the usual one, or any that is free."""
    if wanted is not None and wanted != 0:
        if not _is_free(wanted):
            raise click.ClickException(f"Port {wanted} is taken; choose another one, or 0 for any.")
        return wanted
    if wanted is None and _is_free(usual):
        return usual
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
