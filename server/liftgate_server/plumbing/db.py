"""The database: types, sessions and transactions.

Everything that only SQLite does stays here and in `hot_reads`. Its writers queue at BEGIN IMMEDIATE instead of failing
when they upgrade a read; its readers never wait (WAL). What only PostgreSQL does is in `postgresql`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, cast

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    URL,
    BigInteger,
    Connection,
    CursorResult,
    DateTime,
    Delete,
    Dialect,
    Integer,
    MetaData,
    TypeDecorator,
    Update,
    event,
    make_url,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import DeclarativeBase, Session, registry

from liftgate_server.plumbing.hot_reads import BUSY_TIMEOUT_SECONDS, HotReads, hot_reads
from liftgate_server.plumbing.hot_writes import HotWrites, sqlite_hot_writes

_HOT_READS_EXTENSION = "liftgate.hot_reads"
_HOT_WRITES_EXTENSION = "liftgate.hot_writes"
_WRITING = "liftgate_writing"
_AFTERWARDS = "liftgate_afterwards"
_BEGIN = "liftgate_begin"

# Batch migrations on SQLite can only drop a constraint that has a name.
_NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in, aware UTC out; SQLite itself would hand back naive ones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the base's signature
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone before it can be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the base's signature
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# A whole document in one column; JSONB where the database can look into it.
JsonDocument = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class _Base(DeclarativeBase):
    # `type_annotation_map` on the class itself is refused by Flask-SQLAlchemy.
    registry = registry(
        metadata=MetaData(naming_convention=_NAMING),
        type_annotation_map={
            datetime: UtcDateTime(),
            dict[str, Any]: JsonDocument,
            list[str]: JsonDocument,
            int: BigInteger().with_variant(Integer(), "sqlite"),  # only INTEGER can count up by itself on SQLite
        },
    )


db = SQLAlchemy(model_class=_Base, disable_autonaming=True)

if TYPE_CHECKING:

    class Model(_Base):
        """What the tables of every room derive from."""

        __abstract__ = True

else:
    Model = db.Model


def normalise_url(url: str) -> URL:
    """Read a database URL; raises ValueError for what is neither SQLite nor PostgreSQL."""
    try:
        parsed = make_url(url)
    except ArgumentError as failure:
        raise ValueError("not a database URL") from failure
    backend = parsed.drivername.partition("+")[0]
    if backend in {"postgres", "postgresql"}:
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise ValueError("not a SQLite or PostgreSQL URL")
    return parsed


def attach_database(app: Flask, url: URL) -> None:
    """Give the app its engine and its lean reads."""
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    options: dict[str, Any] = {}
    if url.database not in {None, "", ":memory:"}:
        # The threads bound the connections. A bound of the pool's own would be a deadlock: whoever holds the lock to
        # write may need a second connection while all the others hold theirs and wait for that lock.
        options["max_overflow"] = -1
    is_sqlite = url.get_backend_name() == "sqlite"
    if not is_sqlite:
        options |= _postgresql().engine_options()
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    db.init_app(app)
    with app.app_context():
        engine = db.engine
    if is_sqlite:
        event.listen(engine, "connect", _prepare_sqlite_connection)
        event.listen(engine, "begin", _begin_sqlite)
        app.extensions[_HOT_READS_EXTENSION] = hot_reads(engine)
        app.extensions[_HOT_WRITES_EXTENSION] = sqlite_hot_writes(engine)
    else:
        _postgresql().prepare_engine(engine)
        app.extensions[_HOT_READS_EXTENSION] = _postgresql_lines().PostgresqlHotReads(engine)
        app.extensions[_HOT_WRITES_EXTENSION] = _postgresql_lines().PostgresqlHotWrites(engine)


def detach_database(app: Flask) -> None:
    """Close every connection of the app."""
    app.extensions[_HOT_READS_EXTENSION].close()
    app.extensions[_HOT_WRITES_EXTENSION].close()
    with app.app_context():
        db.engine.dispose()


def reading() -> Session:
    """Give the session of the running request, for reads."""
    return db.session()


@contextmanager
def transaction(environment_id: int | None = None) -> Iterator[Session]:
    """Carry out one use case wholly or not at all; inside another one it joins that one.

    Writers of one environment queue, and so do those that name none, behind all others: what the body reads, nobody
    else changes before it has written. (On SQLite all writers of the file queue.) One that names none and joins one
    that names an environment queues for no more than that.

    A joined transaction that fails undoes its own part only, so a caller may go on after a refusal.
    """
    session = db.session()
    if _WRITING in session.info:
        # Before the savepoint: to go back there would let go of the lock.
        _queue(session, environment_id)
        with session.begin_nested():
            yield session
        return
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("rows were changed outside of transaction()")
    session.rollback()  # a read that is still open would have to be upgraded, which SQLite refuses when others wrote
    session.info[_WRITING] = set()
    try:
        session.connection(execution_options=_writing_options(session))
        _queue(session, environment_id)
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        session.info.pop(_AFTERWARDS, None)
        raise
    finally:
        session.info.pop(_WRITING, None)
    for action in session.info.pop(_AFTERWARDS, ()):
        action()


def after_commit(action: Callable[[], None]) -> None:
    """Do this once when the running transaction has been committed, however often it is asked for; it may not fail."""
    db.session().info.setdefault(_AFTERWARDS, {})[action] = None


def changed_rows(session: Session, statement: Update | Delete) -> int:
    """Carry out an UPDATE or DELETE without a look for loaded objects; give how many rows it changed."""
    result = session.execute(statement.execution_options(synchronize_session=False))
    return int(cast("CursorResult[Any]", result).rowcount)


def _writing_options(session: Session) -> dict[str, str]:
    if session.get_bind().dialect.name == "sqlite":
        return {_BEGIN: "BEGIN IMMEDIATE"}
    return {"isolation_level": "READ COMMITTED"}


def _queue(session: Session, environment_id: int | None) -> None:
    held: set[int | None] = session.info[_WRITING]
    if None in held or environment_id in held or session.get_bind().dialect.name == "sqlite":
        return
    if held and environment_id is None:
        # To wait for all writers while they may be waiting for us would be a deadlock. What belongs to no environment
        # and is made within the transaction of one relies on the constraints of its table.
        return
    _postgresql().lock_writers(session.connection(), environment_id)
    held.add(environment_id)


@contextmanager
def schema_connection() -> Iterator[Connection]:
    """Give a connection on which tables may be changed; migrations use it."""
    with db.engine.connect().execution_options(**{_BEGIN: "BEGIN IMMEDIATE"}) as connection:
        if connection.dialect.name != "sqlite":
            _postgresql().be_patient(connection)
            try:
                yield connection
            finally:
                connection.invalidate()
            return
        bare = cast("sqlite3.Connection", connection.connection.driver_connection)
        # Copying a table drops the old one, which others point at; inside a transaction this would be ignored.
        bare.execute("PRAGMA foreign_keys = OFF")
        try:
            yield connection
        finally:
            bare.execute("PRAGMA foreign_keys = ON")


def finish_schema(connection: Connection) -> None:
    """Make alike what the databases would have made differently; the last step of a migration, in its transaction."""
    if connection.dialect.name != "sqlite":
        _postgresql().compare_by_bytes(connection)


@contextmanager
def one_server_at_a_time() -> Iterator[None]:
    """Keep every other server on this database from migrating; on SQLite the caller locks a file beside it."""
    if db.engine.dialect.name == "sqlite":
        yield
        return
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        _postgresql().lock_migrations(connection)
        try:
            yield
        finally:
            connection.invalidate()


@contextmanager
def chosen_among_servers() -> Iterator[bool]:
    """Say whether this server does the periodic work while the block lasts; of those on one database, one is chosen."""
    if db.engine.dialect.name == "sqlite":
        yield True
        return
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        is_chosen = _postgresql().try_to_lead(connection)
        try:
            yield is_chosen
        finally:
            if is_chosen:
                connection.invalidate()


def hot_row(statement: str, *values: Any) -> tuple[Any, ...] | None:
    """Read one row outside of any transaction, as it is committed now; for the hottest reads only.

    Values stand for the `?` of the statement.
    """
    return cast("HotReads", current_app.extensions[_HOT_READS_EXTENSION]).row(statement, values)


def hot_rows(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """Read all rows of a statement that bounds their number, in the way of `hot_row`."""
    return cast("HotReads", current_app.extensions[_HOT_READS_EXTENSION]).rows(statement, values)


def stored(moment: date) -> Any:
    """Give a day or an instant as the value of a `hot_row` that compares it with what is stored."""
    return cast("HotReads", current_app.extensions[_HOT_READS_EXTENSION]).stored(moment)


def read_stored(value: Any) -> datetime:
    """Read an instant that a `hot_row` gave."""
    at: datetime = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def hot_writes() -> HotWrites:
    """Give what the hottest writes are done with, outside of any session; read in `hot_writes` what may come there."""
    if db.session.registry.has() and _WRITING in db.session().info:
        # On SQLite it would wait for the very transaction it stands in.
        raise RuntimeError("a hot write cannot be part of a transaction()")
    return cast("HotWrites", current_app.extensions[_HOT_WRITES_EXTENSION])


def lock_terms(subject: str) -> None:
    """Wait until nobody counts by the terms of a subject, and let nobody begin until the running transaction ends.

    Writers of the file queue on SQLite as it is. `changes` names the subjects.
    """
    session = db.session()
    if session.get_bind().dialect.name != "sqlite":
        _postgresql().lock_terms(session.connection(), subject)


def _postgresql() -> Any:
    from liftgate_server.plumbing import postgresql  # noqa: PLC0415 - psycopg is an extra that SQLite does not need

    return postgresql


def _postgresql_lines() -> Any:
    from liftgate_server.plumbing import postgresql_lines  # noqa: PLC0415 - as above

    return postgresql_lines


def _prepare_sqlite_connection(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin on its own; `_begin_sqlite` does
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_SECONDS * 1000}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN"))


def integrity_problems() -> list[str]:
    """Look whether the database is whole and can be written; say what is wrong."""
    with db.engine.connect().execution_options(**{_BEGIN: "BEGIN IMMEDIATE"}) as connection:
        # The transaction itself shows that the file can be locked for writing; nothing is written.
        if connection.dialect.name != "sqlite":
            connection.execute(text("SELECT 1"))
            return []
        found = [row[0] for row in connection.exec_driver_sql("PRAGMA quick_check") if row[0] != "ok"]
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
        if mode != "wal":
            found.append(f"the journal mode is {mode}, not WAL: readers would block writers")
        return found
