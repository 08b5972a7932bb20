"""What the database holds when all is quiet, read without the product: the other side of the journals."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from typing import Any, TypeVar, cast

import psycopg
from psycopg.rows import class_row

from loadtests.processes import UnexpectedAnswerError

Fact = TypeVar("Fact")

_QUIET_FOR_SECONDS = 1.0
_QUIET_WITHIN_SECONDS = 60.0
_BUSY = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
"""
_BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
_FOREVER = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class EventFact:
    """One row of the ledger."""

    customer: str
    key: str
    operation: str
    feature: str
    user: str
    quantity: int
    base_quantity: int
    at: datetime
    received_at: datetime
    refused: bool
    of_key: str | None = None
    receipt: Mapping[str, Any] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ReservationFact:
    customer: str
    key: str
    feature: str
    user: str
    units: int
    base_units: int
    state: str
    settled: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CounterFact:
    customer: str
    feature: str
    user: str
    window: str
    used: int
    held: int
    starts_at: datetime = _BEGINNING
    ends_at: datetime = _FOREVER

    @property
    def name(self) -> str:
        return " ".join(word for word in (self.customer, self.feature, self.user, self.window) if word)


@dataclass(frozen=True, slots=True)
class DayFact:
    customer: str
    feature: str
    user: str
    day: date
    units: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything the storm left behind, read at one moment."""

    events: tuple[EventFact, ...] = ()
    reservations: tuple[ReservationFact, ...] = ()
    counters: tuple[CounterFact, ...] = ()
    days: tuple[DayFact, ...] = ()


def wait_until_quiet(connection: psycopg.Connection[Any]) -> None:
    """Wait until nothing has been under way in the database for a while: late twins of requests among it."""
    deadline = time.monotonic() + _QUIET_WITHIN_SECONDS
    quiet_since = time.monotonic()
    while time.monotonic() - quiet_since < _QUIET_FOR_SECONDS:
        if time.monotonic() > deadline:
            message = f"the database was still at work {_QUIET_WITHIN_SECONDS:.0f} s after the storm"
            raise UnexpectedAnswerError(message)
        busy = connection.execute(_BUSY).fetchone()
        if busy is not None and busy[0]:
            quiet_since = time.monotonic()
        time.sleep(0.05)


def read_evidence(connection: psycopg.Connection[Any]) -> Evidence:
    """Read all of it as of one moment."""
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        return Evidence(
            events=_rows(connection, EventFact, "usage_events"),
            reservations=_rows(connection, ReservationFact, "usage_reservations"),
            counters=_rows(connection, CounterFact, "usage_counters"),
            days=_rows(connection, DayFact, "usage_days"),
        )


def _rows(connection: psycopg.Connection[Any], fact: type[Fact], table: str) -> tuple[Fact, ...]:
    names = ", ".join(f'"{one.name}"' for one in fields(cast("Any", fact)))
    with connection.cursor(row_factory=class_row(fact)) as cursor:
        return tuple(cursor.execute(f"SELECT {names} FROM {table} ORDER BY customer"))  # noqa: S608 - our own names
