"""A server of our own to measure: a process on a free port of this machine, with a database that is thrown away."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from liftgate_server.access.caller import CallerKind, Role
from liftgate_server.access.service import NewEnvironment, create_environment, create_key
from liftgate_server.app import create_app
from liftgate_server.plumbing.config import Config, load_config
from liftgate_server.plumbing.db import detach_database
from liftgate_server.plumbing.migrating import upgrade_database
from loadtests.processes import free_port, started
from loadtests.running_server import Keys, RunningServer


@contextmanager
def running_server(
    environment: str = "bench",
    *,
    self_confirm: bool = False,
    options: Sequence[str] = (),
    settings: Mapping[str, str] | None = None,
) -> Iterator[RunningServer]:
    """Start a server with one empty environment, further options and settings; leave nothing of it behind."""
    with tempfile.TemporaryDirectory(prefix="liftgate-bench-") as folder:
        chosen = dict(settings or {})
        config = load_config(chosen, data=Path(folder), port=free_port())
        keys = prepare(config, environment, self_confirm=self_confirm)
        chosen |= {"LIFTGATE_DATA": folder, "LIFTGATE_PORT": str(config.port), "LIFTGATE_LOG_LEVEL": "warning"}
        command = [sys.executable, "-m", "liftgate_server.cli", "serve", *options]
        with started(command, chosen, port=config.port, path="/readyz"):
            yield RunningServer(config.port, keys)


def prepare(config: Config, environment: str, *, self_confirm: bool) -> Keys:
    """Make the schema, the environment and its keys before anything listens."""
    app = create_app(config)
    try:
        with app.app_context():
            upgrade_database(lock_directory=config.data_directory)
            made = create_environment(NewEnvironment(environment, name=environment, self_confirm=self_confirm))
            return Keys(
                secret=create_key(made.id, CallerKind.SECRET, name="bench", role=None).text,
                management=create_key(made.id, CallerKind.MANAGEMENT, name="bench", role=Role.OWNER).text,
            )
    finally:
        detach_database(app)
