"""A parent that does the periodic work and keeps the workers alive."""

from __future__ import annotations

import multiprocessing
import os
import threading
from typing import Any

import click
from granian.constants import HTTPModes, Interfaces
from granian.server import Server

from liftgate_server.app import create_app
from liftgate_server.cli.announcing import announce
from liftgate_server.jobs import Jobs
from liftgate_server.plumbing.config import Config, settings_of
from liftgate_server.plumbing.db import detach_database
from liftgate_server.plumbing.metrics import metrics_shared_by
from liftgate_server.plumbing.ports import probe_port

# Connections a worker holds at once. Granian's own default is the backlog divided by the workers, and keep-alive
# connections of a pool of hosts soon reach that; the rest would wait without being told.
_CONNECTIONS_PER_WORKER = 4096
_KILL_AFTER_SECONDS = 10


def run_server(config: Config) -> None:
    """Answer requests until a signal ends it; the database has its schema already."""
    port = _bindable_port(config)
    # A forked worker would inherit this process's threads half dead.
    multiprocessing.set_start_method("spawn", force=True)
    os.environ.update(settings_of(config))
    app = create_app(config)
    jobs = Jobs(app)
    try:
        with metrics_shared_by(config.workers):
            jobs.start()
            threading.Thread(target=announce, args=(config.host, port), daemon=True).start()
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


def _bindable_port(config: Config) -> int:
    """Give the port, or a free one for 0. Workers share their port, so a second server would quietly join the first."""
    try:
        return probe_port(config.host, config.port)
    except OSError as failure:
        raise click.ClickException(f"Cannot listen on {config.host}:{config.port}: {failure.strerror}") from failure
