"""Writes so hot that the session and the pool would cost more than they do; `db` hands them out.

A work is given a function that carries out one statement, and begins and commits by itself. It may be carried out
**twice**: when a connection breaks after a statement was sent, nobody knows whether it took effect. So only what an
idempotency key protects may come here.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, ClassVar, TypeVar

import orjson
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from liftgate_server.plumbing.hot_reads import BUSY_TIMEOUT_SECONDS, LinesByThread

__all__ = ["Execute", "HotWrites", "Work", "sqlite_hot_writes"]

T = TypeVar("T")

Execute = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]
"""Carries out a statement with values for its `?`, and gives the rows it answers."""

Work = Callable[[Execute], T]


class HotWrites:
    """What one app writes with; `dialect` is the database's."""

    dialect: ClassVar[str]

    def run(self, work: Work[T]) -> T:
        """Carry out a work on this thread's connection; what it leaves open when it fails is rolled back."""
        raise NotImplementedError

    def close(self) -> None:
        """Close what is held."""


class _PooledSqliteWrites(HotWrites):
    """For a database in memory, which has one connection."""

    dialect = "sqlite"

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def run(self, work: Work[T]) -> T:
        borrowed = self._engine.raw_connection()
        try:
            connection: Any = borrowed.driver_connection
            return _carry_out(connection, work)
        finally:
            borrowed.close()


class _SqliteHotWrites(LinesByThread, HotWrites):
    dialect = "sqlite"

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path
        # SQLite lets writers sleep and look again, for longer and longer; threads of one process can do better.
        self._turn = threading.Lock()
        self._process = os.getpid()

    def run(self, work: Work[T]) -> T:
        if self._process != os.getpid():
            # Whoever held it stayed in the parent.
            self._turn, self._process = threading.Lock(), os.getpid()
        with self._turn:
            line = getattr(self._local, "line", None)
            if line is None or line.process != os.getpid():
                line = self._open()
            while True:
                with line.lock:
                    if line.is_open:
                        return _carry_out(line.connection, work)
                line = self._open()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path,
            timeout=BUSY_TIMEOUT_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        connection.execute("PRAGMA synchronous = FULL")
        return connection


def sqlite_hot_writes(engine: Engine) -> HotWrites:
    """Give the writes of a SQLite database."""
    path = engine.url.database
    return _SqliteHotWrites(path) if path and path != ":memory:" else _PooledSqliteWrites(engine)


def _carry_out(connection: sqlite3.Connection, work: Work[T]) -> T:
    def execute(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        stored = [_STORED[type(value)](value) if type(value) in _STORED else value for value in values]
        return connection.execute(statement, stored).fetchall()

    try:
        return work(execute)
    except sqlite3.OperationalError as failure:
        raise OperationalError("a hot write", None, failure) from failure
    finally:
        if connection.in_transaction:
            connection.rollback()


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _document(document: Mapping[str, Any]) -> str:
    return orjson.dumps(document).decode()


# As the session stores them.
_STORED: dict[type, Callable[[Any], Any]] = {datetime: _instant, date: date.isoformat, dict: _document}
