"""The past of a customer's use: pages of it for programs, and all of it as a file for people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any, TypeVar

import orjson

from liftgate_server.plumbing.db import reading
from liftgate_server.plumbing.paging import Page
from liftgate_server.plumbing.shapes import write_instant
from liftgate_server.usage.history import days_of_use, users_of_feature
from liftgate_server.usage.ledger_pages import LedgerFilter, ledger_page
from liftgate_server.usage.readings import DayOfUse, DaysWanted, LedgerEntry, UserOfFeature

__all__ = [
    "DAY_COLUMNS",
    "ENTRY_COLUMNS",
    "USER_COLUMNS",
    "entries",
    "every_day",
    "every_entry",
    "every_user",
    "history",
]

# Between two pages the connection is given back: who reads a file slowly must not hold one.
_ROWS_AT_ONCE = 2_000

DAY_COLUMNS = ("day", "units", "uses", "users", "last_at")
USER_COLUMNS = ("user", "units", "uses", "last_at")
ENTRY_COLUMNS = (
    "at",
    "received_at",
    "key",
    "operation",
    "feature",
    "gate",
    "user",
    "quantity",
    "uses",
    "refused",
    "properties",
    "receipt",
)

T = TypeVar("T")


def history(
    environment_id: int, customer: str, wanted: DaysWanted, *, by_user: bool, cursor: str | None, limit: int
) -> Page[dict[str, Any]]:
    """List what was used of a feature, by day or by user."""
    if by_user:
        return users_of_feature(environment_id, customer, wanted, cursor=cursor, limit=limit).map(_user)
    return days_of_use(environment_id, customer, wanted, cursor=cursor, limit=limit).map(_day)


def entries(
    environment_id: int, customer: str, wanted: LedgerFilter, *, cursor: str | None, limit: int
) -> Page[dict[str, Any]]:
    """List the entries of the ledger, the latest first."""
    return ledger_page(environment_id, customer, wanted=wanted, cursor=cursor, limit=limit).map(_entry)


def every_day(environment_id: int, customer: str, wanted: DaysWanted) -> Iterator[tuple[object, ...]]:
    """Give all days as rows of a file."""
    for day in _every(lambda at: days_of_use(environment_id, customer, wanted, cursor=at, limit=_ROWS_AT_ONCE)):
        yield day.day.isoformat(), day.units, day.uses, day.users, write_instant(day.last_at)


def every_user(environment_id: int, customer: str, wanted: DaysWanted) -> Iterator[tuple[object, ...]]:
    """Give all users as rows of a file."""
    for user in _every(lambda at: users_of_feature(environment_id, customer, wanted, cursor=at, limit=_ROWS_AT_ONCE)):
        yield user.user or "", user.units, user.uses, write_instant(user.last_at)


def every_entry(environment_id: int, customer: str, wanted: LedgerFilter) -> Iterator[tuple[object, ...]]:
    """Give all entries of the ledger as rows of a file."""
    for entry in _every(
        lambda at: ledger_page(environment_id, customer, wanted=wanted, cursor=at, limit=_ROWS_AT_ONCE)
    ):
        yield _entry_row(entry)


def _every(page_after: Callable[[str | None], Page[T]]) -> Iterator[T]:
    cursor: str | None = None
    while True:
        page = page_after(cursor)
        reading().rollback()
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def _day(day: DayOfUse) -> dict[str, Any]:
    return {"day": day.day, "units": day.units, "uses": day.uses, "users": day.users, "last_at": day.last_at}


def _user(user: UserOfFeature) -> dict[str, Any]:
    return {"user": user.user, "units": user.units, "uses": user.uses, "last_at": user.last_at}


def _entry(entry: LedgerEntry) -> dict[str, Any]:
    return asdict(entry) | {"receipt": [{"bucket": bucket, "units": units} for bucket, units in entry.receipt]}


def _entry_row(entry: LedgerEntry) -> tuple[object, ...]:
    return (
        write_instant(entry.at),
        write_instant(entry.received_at),
        entry.key,
        entry.operation,
        entry.feature,
        entry.gate or "",
        entry.user or "",
        entry.quantity,
        entry.uses,
        "yes" if entry.refused else "no",
        orjson.dumps(dict(entry.properties)).decode() if entry.properties else "",
        ", ".join(f"{bucket} {units}" for bucket, units in entry.receipt),
    )
