"""`liftgate serve`: a parent that migrates, does the periodic work and keeps the workers alive."""

from __future__ import annotations

import http.client
import multiprocessing
import os
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from granian.constants import HTTPModes, Interfaces
from granian.server import Server

from liftgate_server.access.queries import all_environments
from liftgate_server.app import create_app
from liftgate_server.cli.opening import opened_server, read_config
from liftgate_server.jobs import Jobs
from liftgate_server.plumbing.config import Config, settings_of
from liftgate_server.plumbing.db import detach_database
from liftgate_server.plumbing.logs import configure_logs

# Connections a worker holds at once. Granian's own default is the backlog divided by the workers, and keep-alive
# connections of a pool of hosts soon reach that; the rest would wait without being told.
_CONNECTIONS_PER_WORKER = 4096
_KILL_AFTER_SECONDS = 10
_READY_WITHIN_SECONDS = 30


@click.command()
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=int, help="Port to listen on; 0 finds a free one.  [default: 8787]")
@click.option("--workers", type=int, help="Processes that answer requests.")
@click.option("--threads", type=int, help="Threads of each worker.")
def serve(host: str | None, port: int | None, workers: int | None, threads: int | None) -> None:
    """Serve the HTTP faces until Ctrl-C or SIGTERM."""
    config = read_config(host=host, port=port, workers=workers, threads=threads)
    configure_logs(level=config.log_level, as_json=config.log_format == "json")
    with opened_server(config):
        is_empty = not all_environments()
    if is_empty:
        click.echo("No environment yet. Create one: liftgate environments create production", err=True)
    run_server(config)


def run_server(config: Config) -> None:
    """Answer requests until a signal ends it; the database has its schema already."""
    port = _bindable_port(config)
    # A forked worker would inherit this process's threads half dead.
    multiprocessing.set_start_method("spawn", force=True)
    os.environ.update(settings_of(config))
    app = create_app(config)
    jobs = Jobs(app)
    try:
        with _shared_metrics(config.workers):
            jobs.start()
            threading.Thread(target=_announce, args=(config.host, port), daemon=True).start()
            _server(config, port).serve()
    finally:
        jobs.stop()
        detach_database(app)


def _server(config: Config, port: int) -> Any:  # the name stands for one of two classes
    return Server(
        "liftgate_server.cli.worker:make_application",
        factory=True,
        address=config.host,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=config.workers,
        blocking_threads=config.threads,
        backlog=_CONNECTIONS_PER_WORKER,
        backpressure=_CONNECTIONS_PER_WORKER,
        respawn_failed_workers=True,
        workers_kill_timeout=_KILL_AFTER_SECONDS,
        log_enabled=False,
    )


@contextmanager
def _shared_metrics(workers: int) -> Iterator[None]:
    """Let several workers count in one directory; see plumbing.metrics."""
    if workers == 1:
        yield
        return
    directory = Path(tempfile.mkdtemp(prefix="liftgate-metrics-"))
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(directory)
    try:
        yield
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _announce(host: str, port: int) -> None:
    """Say where the server is once it answers, not before."""
    deadline = time.monotonic() + _READY_WITHIN_SECONDS
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection(_reachable(host), port, timeout=1)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == http.client.OK:
                click.echo(f"Liftgate serves http://{_in_url(host)}:{port}")
                return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    click.echo(f"The server does not answer on port {port}; is it taken?", err=True)


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _bindable_port(config: Config) -> int:
    """Give the port, or a free one for 0. Workers share their port, so a second server would quietly join the first."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((config.host, config.port))
        except OSError as failure:
            raise click.ClickException(f"Cannot listen on {config.host}:{config.port}: {failure.strerror}") from failure
        return int(probe.getsockname()[1])
