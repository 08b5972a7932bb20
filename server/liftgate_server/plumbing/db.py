"""The database: types, sessions and transactions.

Everything that only SQLite does stays here and in `hot_reads`. Its writers queue at BEGIN IMMEDIATE instead of failing
when they upgrade a read; its readers never wait (WAL).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, MetaData, event, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection
from sqlalchemy.engine.url import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import DeclarativeBase, Session, registry
from sqlalchemy.types import TypeDecorator

from liftgate_server.plumbing.hot_reads import BUSY_TIMEOUT_SECONDS, HotReads, hot_reads

_HOT_READS_EXTENSION = "liftgate.hot_reads"
_WRITING = "liftgate_writing"
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
    if url.database not in {None, "", ":memory:"}:
        # The threads bound the connections. A bound of the pool's own would be a deadlock: whoever holds the lock to
        # write may need a second connection while all the others hold theirs and wait for that lock.
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"max_overflow": -1}
    db.init_app(app)
    with app.app_context():
        engine = db.engine
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite_connection)
        event.listen(engine, "begin", _begin_sqlite)
    app.extensions[_HOT_READS_EXTENSION] = hot_reads(engine)


def detach_database(app: Flask) -> None:
    """Close every connection of the app."""
    app.extensions[_HOT_READS_EXTENSION].close()
    with app.app_context():
        db.engine.dispose()


def reading() -> Session:
    """Give the session of the running request, for reads."""
    return db.session()


@contextmanager
def transaction(environment_id: int | None = None) -> Iterator[Session]:  # noqa: ARG001 - PostgreSQL locks by it
    """Carry out one use case wholly or not at all; inside another one it joins that one.

    Writers of one environment queue, and so do those that name none, behind all others.

    A joined transaction that fails undoes its own part only, so a caller may go on after a refusal.
    """
    session = db.session()
    if session.info.get(_WRITING):
        with session.begin_nested():
            yield session
        return
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("rows were changed outside of transaction()")
    session.rollback()  # a read that is still open would have to be upgraded, which SQLite refuses when others wrote
    session.info[_WRITING] = True
    try:
        session.connection(execution_options={_BEGIN: "BEGIN IMMEDIATE"})
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop(_WRITING, None)


@contextmanager
def schema_connection() -> Iterator[Connection]:
    """Give a connection on which tables may be changed; migrations use it."""
    is_sqlite = db.engine.dialect.name == "sqlite"
    with db.engine.connect().execution_options(**{_BEGIN: "BEGIN IMMEDIATE"}) as connection:
        bare = cast("sqlite3.Connection", connection.connection.driver_connection)
        if is_sqlite:
            # Copying a table drops the old one, which others point at; inside a transaction this would be ignored.
            bare.execute("PRAGMA foreign_keys = OFF")
        try:
            yield connection
        finally:
            if is_sqlite:
                bare.execute("PRAGMA foreign_keys = ON")


def hot_row(statement: str, *values: Any) -> tuple[Any, ...] | None:
    """Read one row outside of any transaction, as it is committed now; for the hottest reads only.

    Values stand for the `?` of the statement.
    """
    return cast("HotReads", current_app.extensions[_HOT_READS_EXTENSION]).row(statement, values)


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
