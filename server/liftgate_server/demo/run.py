"""`liftgate demo`: a seeded server and Corkboard, with the host app in a process of its own, until Ctrl-C."""

from __future__ import annotations

import signal
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import click

from liftgate_server.demo.database import seeded_database
from liftgate_server.demo.ports import free_port
from liftgate_server.demo.processes import running
from liftgate_server.demo.watching import Watch
from liftgate_server.plumbing.config import Config, load_config

__all__ = ["run_demo"]


def run_demo(*, port: int | None, host_port: int | None, serve: Callable[[Config], int]) -> None:
    """Run the demo on these ports (``None`` takes the usual ones, or free ones) until a signal ends it.

    ``serve`` answers requests in this process until the signal; the host app is a process of its own.
    """
    server_port, app_port = free_port(port, 8787), free_port(host_port, 8788)
    for number in (signal.SIGINT, signal.SIGTERM):
        # Until the server takes the signals over, they end the demo the way an exception does: with its folder removed.
        signal.signal(number, _leave)
    with tempfile.TemporaryDirectory(prefix="liftgate-demo-") as folder:
        _run(Path(folder), server_port, app_port, serve)
        click.echo("\nEnding the demo.")


def _run(folder: Path, port: int, host_port: int, serve: Callable[[Config], int]) -> None:
    # An empty environment: settings of a real server must never lead the demo to its database.
    # The port after the server's is the usual one of the host app, so the stream takes any.
    config = load_config({}, data=str(folder), port=port, stream_port=0, log_level="warning", log_format="console")
    seeded = seeded_database(config, host_origin=f"http://127.0.0.1:{host_port}")
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "liftgate_server.demo.host", str(host_port)]
    with running(command, {"LIFTGATE_URL": url, "LIFTGATE_API_KEY": seeded.keys.secret}) as host:
        watch = Watch(host, url, host_port, seeded)
        threading.Thread(target=watch.run, daemon=True).start()
        serve(config)
        if watch.failure is not None:
            raise click.ClickException(watch.failure)


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)
