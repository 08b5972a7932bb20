"""Databases for tests: on SQLite a file each, on PostgreSQL a few that are emptied and lent again."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import psycopg
import redis

from liftgate_server.app import create_app
from liftgate_server.plumbing.config import Config
from liftgate_server.plumbing.db import detach_database
from liftgate_server.plumbing.devstack import Devstack
from liftgate_server.plumbing.migrating import upgrade_database

_TEMPLATE = "template_of_tests"


class Databases(Protocol):
    """Gives databases to tests; each is the test's alone and wants no tidying up, and so is the Redis beside them."""

    redis_url: str | None

    def lend_upgraded(self, directory: Path) -> str:
        """Give the URL of a database with the newest schema and no rows."""

    def lend_empty(self, directory: Path) -> str:
        """Give the URL of a database without any table."""

    def take_back(self) -> None:
        """Use again what was lent."""


class SqliteDatabases:
    """Files in the test's own folder."""

    redis_url: str | None = None

    def __init__(self, directory: Path) -> None:
        self._template = directory / "liftgate.db"
        _upgrade(f"sqlite:///{self._template}")

    def lend_upgraded(self, directory: Path) -> str:
        shutil.copy(self._template, directory / "liftgate.db")
        return self.lend_empty(directory)

    def lend_empty(self, directory: Path) -> str:
        return f"sqlite:///{directory / 'liftgate.db'}"

    def take_back(self) -> None:
        """Nothing to do: pytest removes the folders."""


class PostgresqlDatabases:
    """Databases of one server. To empty one takes a millisecond, to make one eighty."""

    def __init__(self, stack: Devstack) -> None:
        self.redis_url: str | None = stack.redis.url
        self._server = stack.postgresql
        self._redis = redis.Redis.from_url(stack.redis.url)
        _upgrade(self._server.create_database(_TEMPLATE))
        self._numbers = count(1)
        self._free: list[str] = []
        self._lent: list[str] = []

    def lend_upgraded(self, directory: Path) -> str:
        self._redis.flushall()  # what the last test counted there is not this one's: attempts to sign in, for instance
        if self._free:
            name = self._free.pop()
            self._clear(name)
        else:
            name = f"test_{next(self._numbers)}"
            self._server.create_database(name, template=_TEMPLATE)
        self._lent.append(name)
        return self._server.url(name)

    def lend_empty(self, directory: Path) -> str:
        self._redis.flushall()
        return self._server.create_database(f"empty_{next(self._numbers)}")

    def take_back(self) -> None:
        self._free.extend(self._lent)
        self._lent.clear()

    def _clear(self, name: str) -> None:
        with self._server.as_superuser(name) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            # Without foreign keys and triggers, so that the order is of no matter and nothing is written down.
            connection.execute("SET session_replication_role = replica")
            connection.execute(_empty_every_table(connection))


def _empty_every_table(connection: psycopg.Connection[Any]) -> str:
    tables = connection.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        " AND relname <> 'alembic_version'"
    ).fetchall()
    sequences = connection.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace"
    ).fetchall()
    deletes = [f'DELETE FROM "{name}"' for (name,) in tables]  # noqa: S608 - the names come from the catalogue
    return "; ".join([*deletes, *(f'ALTER SEQUENCE "{name}" RESTART' for (name,) in sequences)])


def _upgrade(url: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(make_config(Path(folder), database_url=url))
        with app.app_context():
            upgrade_database(lock_directory=Path(folder))
        detach_database(app)


def make_config(directory: Path, **changes: Any) -> Config:
    """Give the settings of a server of tests; on SQLite in that folder unless told otherwise."""
    settings = {
        "database_url": f"sqlite:///{directory / 'liftgate.db'}",
        "secret": "a secret that only tests know",
        "data_directory": directory,
        # Nothing listens there; requests are told that the stream does.
        "stream_port": 8788,
    }
    return Config(**{**settings, **changes})


@contextmanager
def open_databases(kind: str, directory: Path) -> Iterator[Databases]:
    """Give the databases of the stack that was asked for, with its servers while the block lasts."""
    if kind == "sqlite":
        yield SqliteDatabases(directory)
        return
    with Devstack() as stack:
        yield PostgresqlDatabases(stack)
