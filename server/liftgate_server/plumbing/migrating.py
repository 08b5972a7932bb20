"""The schema of the database: which version it has, which one the code wants, and the way there."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from liftgate_server.plumbing.db import db, one_server_at_a_time
from liftgate_server.plumbing.resources import migrations_directory


@cache
def wanted_revision() -> str | None:
    """Give the revision this code was written for."""
    return ScriptDirectory.from_config(_alembic()).get_current_head()


def current_revision() -> str | None:
    """Give the revision of the app's database; None for an empty one."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade_database(*, lock_directory: Path) -> None:
    """Bring the app's database to the wanted revision; of two servers that start together, one does and one waits."""
    with _only_one(lock_directory), one_server_at_a_time():
        if current_revision() != wanted_revision():
            command.upgrade(_alembic(), "head")


def _alembic() -> AlembicConfig:
    directory = migrations_directory()
    config = AlembicConfig(directory / "alembic.ini")
    config.set_main_option("script_location", str(directory).replace("%", "%%"))
    return config


@contextmanager
def _only_one(directory: Path) -> Iterator[None]:
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "migrating.lock").open("w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # the kernel lets go of it when the process ends, however it ends
        yield
