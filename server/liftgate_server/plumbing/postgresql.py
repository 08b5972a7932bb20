"""Everything that only PostgreSQL does; `db` imports it when the URL says so, and psycopg with it.

Writers of one environment queue on an advisory lock, so the body of a transaction may read, decide and write as it does
on SQLite. Each of its statements sees what was committed before it (READ COMMITTED), the first one after the lock
therefore all that the writer before has done. Readers see one moment (REPEATABLE READ), as they do on SQLite.
"""

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
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus
from psycopg.types.numeric import Int8
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import DBAPIError, OperationalError

from liftgate_server.plumbing.hot_reads import Fetch, Line, LinesByThread, ReadsByThread
from liftgate_server.plumbing.hot_writes import HotWrites, Work

RV = TypeVar("RV")

# A writer waits for others as long as on SQLite.
_LOCK_SECONDS = 10
_STATEMENT_SECONDS = 12
# `statement_timeout` is kept by the very process that may have stopped, and its kernel goes on answering for it: only
# we can end the waiting. Longer than what the server ends by itself.
ANSWER_SECONDS = 15.0
_CONNECT_SECONDS = 5
_SESSION = {
    "statement_timeout": f"{_STATEMENT_SECONDS}s",
    "lock_timeout": f"{_LOCK_SECONDS}s",
    # A process that was stopped in the middle of a transaction must not hold its locks for ever.
    "idle_in_transaction_session_timeout": "60s",
    "TimeZone": "UTC",
}
_CONNECT = {
    "connect_timeout": _CONNECT_SECONDS,
    "application_name": "liftgate",
    # A machine or a route that is gone is noticed within seconds.
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}

# Advisory locks are numbers that a whole database shares, so ours come in a class of their own.
_LOCK_CLASS = 0x4C67
_ALL_WRITERS = 0
_MIGRATING = -1
_LEADING = -2


class BoundedConnection(psycopg.Connection[Any]):
    """Waits for an answer as long as it is told to and then gives the connection up."""

    answer_seconds: float | None = None

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        limit = ANSWER_SECONDS if self.answer_seconds is None else self.answer_seconds
        started = time.monotonic()
        try:
            return super().wait(gen, interval, limit if timeout is None else timeout)
        except psycopg.OperationalError as failure:
            if timeout is not None or time.monotonic() - started < limit:
                raise
            self.close()  # the answer may still come, and nobody would know to which question
            raise psycopg.OperationalError(f"the database did not answer within {limit:.0f} seconds") from failure


def engine_options() -> dict[str, Any]:
    """Give what the engine is made with."""
    return {
        "pool_pre_ping": True,
        "isolation_level": "REPEATABLE READ",
        "connect_args": {**_CONNECT, "options": _options(_SESSION)},
    }


def prepare_engine(engine: Engine) -> None:
    event.listen(engine, "do_connect", _connect)


def lock_writers(connection: Connection, environment_id: int | None) -> None:
    """Queue behind the writers of the environment, or behind all when none is named; until the transaction ends."""
    # First the environment, so that who waits for it holds nothing that somebody else might wait for.
    if environment_id is not None:
        connection.execute(_EXCLUSIVE, {"key": environment_id})
        connection.execute(_SHARED, {"key": _ALL_WRITERS})
    else:
        connection.execute(_EXCLUSIVE, {"key": _ALL_WRITERS})


def lock_terms(connection: Connection, subject: str) -> None:
    """Take alone, until the transaction ends, the lock that the functions of migration 0007 share while they count."""
    connection.execute(_TERMS, {"name": f"liftgate {subject}"})


_TERMS = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
_EXCLUSIVE = text(f"SELECT pg_advisory_xact_lock({_LOCK_CLASS}, :key)")
_SHARED = text(f"SELECT pg_advisory_xact_lock_shared({_LOCK_CLASS}, :key)")


def lock_migrations(connection: Connection) -> None:
    """Wait until no other server migrates; the lock goes with the connection."""
    be_patient(connection)
    connection.execute(text(f"SELECT pg_advisory_lock({_LOCK_CLASS}, {_MIGRATING})"))


def try_to_lead(connection: Connection) -> bool:
    """Take the lock of the periodic work if nobody has it; it goes with the connection."""
    return bool(connection.scalar(text(f"SELECT pg_try_advisory_lock({_LOCK_CLASS}, {_LEADING})")))


def be_patient(connection: Connection) -> None:
    """Let this connection take its time: a migration may have to wait, and to work for long. Never pool it again."""
    bare = connection.connection.driver_connection
    assert isinstance(bare, BoundedConnection)  # noqa: S101 - for the type checker; `_connect` makes all of them
    bare.answer_seconds = 24 * 3600.0
    bare.execute("SET statement_timeout = 0")
    bare.execute("SET lock_timeout = 0")
    bare.commit()


def compare_by_bytes(connection: Connection) -> None:
    """Give each text column the order of bytes, which is SQLite's; the last step of every migration.

    The order of a database follows its language: ids would be paged otherwise than on SQLite, and what begins with a
    prefix would not lie together.
    """
    tables: dict[str, list[str]] = {}
    for table, column, kind in connection.execute(_SORTED_BY_LANGUAGE):
        tables.setdefault(table, []).append(f'ALTER COLUMN "{column}" TYPE {kind} COLLATE "C"')
    for table, changes in tables.items():
        connection.execute(text(f'ALTER TABLE "{table}" {", ".join(changes)}'))


_SORTED_BY_LANGUAGE = text("""
    SELECT tables.relname, columns.attname, format_type(columns.atttypid, columns.atttypmod)
    FROM pg_attribute AS columns
    JOIN pg_class AS tables ON tables.oid = columns.attrelid
    JOIN pg_collation AS collations ON collations.oid = columns.attcollation
    WHERE tables.relkind = 'r' AND tables.relnamespace = current_schema()::regnamespace
      AND NOT columns.attisdropped AND collations.collname <> 'C' AND tables.relname <> 'alembic_version'
    ORDER BY tables.relname, columns.attnum
""")


class PostgresqlHotReads(ReadsByThread):
    """One bare connection per thread, in autocommit and with prepared statements."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        _, self._parameters = engine.dialect.create_connect_args(engine.url)
        self._options = _options({**_SESSION, "default_transaction_read_only": "on"})

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
        return BoundedConnection.connect(
            **{**self._parameters, **_CONNECT, "options": self._options}, autocommit=True, prepare_threshold=0
        )


class PostgresqlHotWrites(LinesByThread, HotWrites):
    """One bare connection per thread: a statement alone is a transaction of its own."""

    dialect = "postgresql"

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        _, self._parameters = engine.dialect.create_connect_args(engine.url)
        # Each statement of a function has to see what was committed before it, whatever the database's default is.
        self._options = _options({**_SESSION, "default_transaction_isolation": r"read\ committed"})

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
        return BoundedConnection.connect(
            **{**self._parameters, **_CONNECT, "options": self._options}, autocommit=True, prepare_threshold=0
        )


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
        if not connection.closed and connection.info.transaction_status != TransactionStatus.IDLE:
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


def _connect(_dialect: object, _record: object, arguments: list[Any], parameters: dict[str, Any]) -> BoundedConnection:
    return BoundedConnection.connect(*arguments, **parameters)


def _options(settings: dict[str, str]) -> str:
    return " ".join(f"-c {name}={value}" for name, value in settings.items())
