"""PostgreSQL's hot reads and hot writes: bare connections, one per thread."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Sequence
from datetime import date
from functools import cache
from typing import Any, TypeVar

import orjson
import psycopg
from psycopg.types.numeric import Int8
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from liftgate_server.plumbing.hot_reads import Fetch, Line, LinesByThread, ReadsByThread
from liftgate_server.plumbing.hot_writes import HotWrites, Work
from liftgate_server.plumbing.postgresql import BoundedConnection, connect_bare

RV = TypeVar("RV")


class PostgresqlHotReads(ReadsByThread):
    """One bare connection per thread, in autocommit and with prepared statements."""

    def stored(self, moment: date) -> Any:
        return moment

    def _read(self, statement: str, values: tuple[Any, ...], fetch: Fetch) -> Any:
        try:
            line: Line = self._local.line
            if line.process == os.getpid():
                return _fetched(line, statement, values, fetch)
        except (AttributeError, psycopg.OperationalError, psycopg.InterfaceError):
            pass  # the server was restarted since, or `close` was here; or there is none yet
        try:
            return _fetched(self._open(), statement, values, fetch)
        except psycopg.Error as failure:
            raise _as_sqlalchemy_raises_it(statement, values, failure) from failure

    def _connect(self) -> BoundedConnection:
        return connect_bare(self._engine, default_transaction_read_only="on")


class PostgresqlHotWrites(LinesByThread, HotWrites):
    """One bare connection per thread: a statement alone is a transaction of its own."""

    dialect = "postgresql"

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._engine = engine

    def run(self, work: Work[RV]) -> RV:
        """Carry out a work; again when it was chosen to end a deadlock, and once when its connection broke.

        Such a work may have taken effect before its answer was lost. To do it again is right because its key makes the
        second time a repetition; after a long wait it is left to the caller, who has that key as well.
        """
        started = time.monotonic()
        for attempt in itertools.count(1):
            line = self._line()
            try:
                with line.lock:
                    return _written(line.connection, work)
            except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure) as failure:
                if attempt >= _MOST_ATTEMPTS:
                    raise _as_sqlalchemy_raises_it(_HOT_WRITE, (), failure) from failure
            except psycopg.Error as failure:
                waited = time.monotonic() - started
                if not line.connection.closed or attempt > 1 or waited > _LATEST_REPETITION_SECONDS:
                    raise _as_sqlalchemy_raises_it(_HOT_WRITE, (), failure) from failure
        raise AssertionError("the attempts are counted")

    def _line(self) -> Line:
        line: Line | None = getattr(self._local, "line", None)
        if line is not None and line.process == os.getpid() and not line.connection.closed:
            return line
        try:
            return self._open()
        except psycopg.Error as failure:
            raise _as_sqlalchemy_raises_it(_HOT_WRITE, (), failure) from failure

    def _connect(self) -> BoundedConnection:
        return connect_bare(self._engine, **_FOR_WRITING)


_FOR_WRITING = {
    # Each statement of a function has to see what was committed before it, whatever the database's default is.
    "default_transaction_isolation": r"read\ committed",
    # Plans are made once, and everything is looked up by an index: one that was made while a table was small would
    # read the whole of it later.
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "jit": "off",
}
_HOT_WRITE = "a hot write"
_MOST_ATTEMPTS = 5
_LATEST_REPETITION_SECONDS = 5.0


def _written(connection: BoundedConnection, work: Work[RV]) -> RV:
    def execute(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        sent = [_SENT[type(value)](value) if type(value) in _SENT else value for value in values]
        cursor = connection.execute(_in_our_dialect(statement), sent)
        return cursor.fetchall() if cursor.description is not None else []

    try:
        return work(execute)
    finally:
        if not connection.closed and connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            connection.rollback()


# One type for whole numbers of any size, so that one plan serves them all; a document goes as text.
_SENT: dict[type, Callable[[Any], Any]] = {int: Int8, dict: lambda document: orjson.dumps(document).decode()}


def _fetched(line: Line, statement: str, values: tuple[Any, ...], fetch: Fetch) -> Any:
    with line.lock:
        return fetch(line.connection.execute(_in_our_dialect(statement), values))


@cache
def _in_our_dialect(statement: str) -> str:
    return statement.replace("%", "%%").replace("?", "%s")


def _as_sqlalchemy_raises_it(statement: str, values: tuple[Any, ...], failure: psycopg.Error) -> DBAPIError:
    known = OperationalError if isinstance(failure, psycopg.OperationalError) else DBAPIError
    return known(statement, values, failure)
