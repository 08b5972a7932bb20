"""Everything that only PostgreSQL does; `db` imports it when the URL says so, and psycopg with it.

Writers of one environment queue on an advisory lock, so the body of a transaction may read, decide and write as it does
on SQLite. Each of its statements sees what was committed before it (READ COMMITTED), the first one after the lock
therefore all that the writer before has done. Readers see one moment (REPEATABLE READ), as they do on SQLite.
"""

from __future__ import annotations

import time
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from sqlalchemy import Connection, Engine, event, text

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


def connect_bare(engine: Engine, **settings: str) -> BoundedConnection:
    """Open a connection beside the engine's, in autocommit and with prepared statements."""
    _, parameters = engine.dialect.create_connect_args(engine.url)
    options = _options({**_SESSION, **settings})
    return BoundedConnection.connect(
        **{**parameters, **_CONNECT, "options": options}, autocommit=True, prepare_threshold=0
    )


def _connect(_dialect: object, _record: object, arguments: list[Any], parameters: dict[str, Any]) -> BoundedConnection:
    return BoundedConnection.connect(*arguments, **parameters)


def _options(settings: dict[str, str]) -> str:
    return " ".join(f"-c {name}={value}" for name, value in settings.items())
