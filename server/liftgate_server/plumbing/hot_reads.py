"""Reads so hot that the session and the pool would cost more than they do; `db` hands them out."""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from collections.abc import Callable
from datetime import UTC, date, datetime
from operator import methodcaller
from typing import Any

from sqlalchemy import Engine, text

# How long SQLite waits for another writer before it gives up.
BUSY_TIMEOUT_SECONDS = 10

Fetch = Callable[[Any], Any]
"""What is taken from a cursor."""

_fetch_one: Fetch = methodcaller("fetchone")
_fetch_all: Fetch = methodcaller("fetchall")


class HotReads:
    """The portable way: a pooled connection for each read."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def row(self, statement: str, values: tuple[Any, ...]) -> tuple[Any, ...] | None:
        """Give the first row."""
        found: tuple[Any, ...] | None = self._read(statement, values, _fetch_one)
        return found

    def rows(self, statement: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        """Give all rows; whoever writes the statement bounds their number."""
        found: list[tuple[Any, ...]] = self._read(statement, values, _fetch_all)
        return found

    def stored(self, moment: date) -> Any:
        """Give a day or an aware instant as a bare statement compares it with what is stored."""
        if not isinstance(moment, datetime):
            return moment.isoformat()
        return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")

    def _read(self, statement: str, values: tuple[Any, ...], fetch: Fetch) -> Any:
        parts = statement.split("?")
        named = "".join(f"{part}:value_{index}" for index, part in enumerate(parts[:-1])) + parts[-1]
        with self._engine.connect() as connection:
            parameters = {f"value_{index}": value for index, value in enumerate(values)}
            return fetch(connection.execute(text(named), parameters))

    def close(self) -> None:
        """Nothing is held."""


class Line:
    """One thread's bare connection; closed when the thread ends, or by another thread between two reads."""

    __slots__ = ("__weakref__", "connection", "is_open", "lock", "process")

    def __init__(self, connection: Any) -> None:
        self.process = os.getpid()
        # SQLite crashes the interpreter when a connection is closed while it reads.
        self.lock = threading.Lock()
        self.is_open = True
        self.connection = connection

    def close(self) -> None:
        with self.lock:
            self.is_open = False
            self.connection.close()

    def __del__(self) -> None:
        if self.process == os.getpid():
            self.connection.close()
        else:
            _inherited.append(self.connection)


# Closing a connection that came through a fork could take the parent's file from under it, or say good-bye to the
# server in the parent's name, so these stay open.
_inherited: list[Any] = []


class LinesByThread:
    """One bare connection per thread."""

    def __init__(self) -> None:
        self._local = threading.local()
        # Weak, so that a thread takes its connection with it: servers end threads that have nothing to do.
        self._lines: weakref.WeakSet[Line] = weakref.WeakSet()
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close every thread's connection, each after what is under way; a thread that goes on opens another."""
        with self._lock:
            lines = list(self._lines)
        for line in lines:
            if line.process == os.getpid():
                line.close()

    def _open(self) -> Line:
        """Give this thread a new line; one that came through a fork must not be used either."""
        line = self._local.line = Line(self._connect())
        with self._lock:
            self._lines.add(line)
        return line

    def _connect(self) -> Any:
        raise NotImplementedError


class ReadsByThread(LinesByThread, HotReads):
    """5 µs a read on SQLite instead of 60 through the pool (measured)."""

    def __init__(self, engine: Engine) -> None:
        LinesByThread.__init__(self)
        HotReads.__init__(self, engine)


class _SqliteHotReads(ReadsByThread):
    def __init__(self, engine: Engine, path: str) -> None:
        super().__init__(engine)
        self._path = path

    def _read(self, statement: str, values: tuple[Any, ...], fetch: Fetch) -> Any:
        try:
            line: Line = self._local.line
        except AttributeError:
            line = self._open()
        if line.process != os.getpid():
            line = self._open()
        while True:
            with line.lock:
                if line.is_open:
                    return fetch(line.connection.execute(statement, values))
            line = self._open()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA query_only = ON")
        return connection


def hot_reads(engine: Engine) -> HotReads:
    path = engine.url.database
    if engine.dialect.name == "sqlite" and path and path != ":memory:":
        return _SqliteHotReads(engine, path)
    return HotReads(engine)
