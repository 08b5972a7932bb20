"""`liftgate demo`: a seeded server and Corkboard, in two processes, until Ctrl-C."""

from __future__ import annotations

import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import click

from liftgate_server.app import create_app
from liftgate_server.demo.processes import ChildEnded, running, wait_until_it_answers
from liftgate_server.demo.seed import DemoKeys, seed
from liftgate_server.plumbing.config import Config, load_config, settings_of
from liftgate_server.plumbing.db import detach_database
from liftgate_server.plumbing.migrating import upgrade_database

__all__ = ["run_demo"]

_WITHIN_SECONDS = 30


def run_demo(*, port: int | None, host_port: int | None) -> None:
    """Run the demo on these ports (``None`` takes the usual ones, or free ones) until a signal ends it."""
    server_port, app_port = _free_port(port, 8787), _free_port(host_port, 8788)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _setting(ended))
    with tempfile.TemporaryDirectory(prefix="liftgate-demo-") as folder:
        _run(Path(folder), server_port, app_port, ended)


def _run(folder: Path, port: int, host_port: int, ended: threading.Event) -> None:
    # An empty environment: settings of a real server must never lead the demo to its database.
    config = load_config({}, data=str(folder), port=port, log_level="warning", log_format="console")
    keys = _seeded(config, host_origin=f"http://127.0.0.1:{host_port}")
    url = f"http://127.0.0.1:{port}"
    server_command = [sys.executable, "-m", "liftgate_server.cli", "serve"]
    host_command = [sys.executable, "-m", "liftgate_server.demo.host", str(host_port)]
    settings = {"LIFTGATE_URL": url, "LIFTGATE_API_KEY": keys.secret}
    with running(server_command, settings_of(config)) as server, running(host_command, settings) as host:
        try:
            wait_until_it_answers(server, port, "/healthz", within_seconds=_WITHIN_SECONDS)
            wait_until_it_answers(host, host_port, "/", within_seconds=_WITHIN_SECONDS)
        except ChildEnded as failure:
            raise click.ClickException(f"The demo did not start: {failure}.") from failure
        _welcome(url, host_port, keys)
        while not ended.wait(0.5):
            if server.poll() is not None or host.poll() is not None:
                raise click.ClickException("One of the demo's processes ended; see above.")
        click.echo("\nEnding the demo.")


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


def _setting(event: threading.Event) -> Callable[[int, FrameType | None], None]:
    def handler(_number: int, _frame: FrameType | None) -> None:
        event.set()

    return handler


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
