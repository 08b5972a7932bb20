"""The real statements on a real SQLite in memory, under SQLite's discipline: one writer at a time.

The database itself sees one connection. That only one session writes, and what a crash loses, is kept here, where the
scheduler can see it: a session that begins waits until nobody else writes, and who reads meanwhile waits as well, which
comes to the same as having read before.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from sqlalchemy import Table, create_engine

from liftgate_server.plumbing.db import Model
from liftgate_server.plumbing.hot_writes import _STORED
from liftgate_server.usage.models import (
    UsageCounterRow,
    UsageCrossingRow,
    UsageDayRow,
    UsageEventRow,
    UsageReservationRow,
)
from liftgate_server.usage.posting_statements import Statement
from tests.simulation.terms import CUSTOMERS

ENVIRONMENT = 1
_TABLES = (UsageEventRow, UsageCounterRow, UsageReservationRow, UsageCrossingRow, UsageDayRow)
_TERMS = """
    CREATE TABLE change_counters (environment_id, catalogue_number, access_number, publication);
    CREATE TABLE customers (environment_id, id, version, plan, gift);
    INSERT INTO change_counters VALUES (1, 1, 1, 0);
"""


@dataclass(eq=False)
class SqlSession:
    """One connection of a server."""

    name: str
    is_open: bool = False


class SqlStore:
    """A database in memory that begins, commits and forgets as it is told."""

    def __init__(self) -> None:
        self.commits = 0
        self._connection = sqlite3.connect(":memory:", isolation_level=None, cached_statements=256)
        self._connection.deserialize(_empty_database())
        self._writer: SqlSession | None = None
        self._changes = self._connection.total_changes

    def connect(self, name: str) -> SqlSession:
        """Open a connection."""
        return SqlSession(name)

    def is_blocked(self, session: SqlSession, step: Statement) -> bool:
        """Whether another session writes."""
        return self._writer not in {None, session}

    def take(self, session: SqlSession, step: Statement) -> list[tuple[Any, ...]]:
        """Carry out one statement."""
        if step.text == "BEGIN":
            assert not session.is_open, "a transaction within a transaction"
            session.is_open, self._writer = True, session
            self._connection.execute("BEGIN")
            return []
        if step.text == "COMMIT":
            assert session.is_open, "nothing was begun"
            self._connection.execute("COMMIT")
            self._end(session)
            return []
        rows = self.rows(step.text, step.values)
        if not session.is_open:
            self._end(session)
        return rows

    def abandon(self, session: SqlSession) -> None:
        """Forget what was not committed."""
        if session.is_open:
            self._connection.execute("ROLLBACK")
            self._changes = self._connection.total_changes
            session.is_open, self._writer = False, None

    def rows(self, text: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Carry out a statement as the driver does."""
        stored = [_STORED[type(value)](value) if type(value) in _STORED else value for value in values]
        return self._connection.execute(text, stored).fetchall()

    def close(self) -> None:
        """Give the memory back."""
        self._connection.close()

    def _end(self, session: SqlSession) -> None:
        session.is_open = False
        if self._writer is session:
            self._writer = None
        if self._connection.total_changes != self._changes:
            self._changes = self._connection.total_changes
            self.commits += 1


@cache
def _empty_database() -> bytes:
    engine = create_engine("sqlite://")
    Model.metadata.create_all(engine, tables=[cast("Table", table.__table__) for table in _TABLES])
    borrowed = engine.raw_connection()
    connection = borrowed.driver_connection
    assert isinstance(connection, sqlite3.Connection)
    connection.executescript(_TERMS)
    for customer in CUSTOMERS:
        row = (ENVIRONMENT, customer, 1, "free", customer == CUSTOMERS[0])
        connection.execute("INSERT INTO customers VALUES (?, ?, ?, ?, ?)", row)
    connection.commit()
    content = connection.serialize()
    borrowed.close()
    engine.dispose()
    return content
