"""What changed, in order: one gapless number per environment, written in the transaction that changed it.

A reader that knows a number asks what came after it; a cache that was filled at a number is fresh while the number is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import ForeignKey, String, delete, func, select, update
from sqlalchemy.orm import Mapped, mapped_column

from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.db import Model, after_commit, changed_rows, hot_row, lock_terms, reading, transaction
from liftgate_server.plumbing.wakeups import announce

# Long enough for an SDK that slept over a long weekend to catch up by number.
RETENTION = timedelta(days=7)

_MARKS = "SELECT number, catalogue_number, access_number FROM change_counters WHERE environment_id = ?"


class ChangeKind(StrEnum):
    CATALOGUE = "catalogue"
    CUSTOMER = "customer"
    ACCESS = "access"


class ChangeCounterRow(Model):
    """The last number handed out, and the last of the kinds that caches ask for."""

    __tablename__ = "change_counters"

    environment_id: Mapped[int] = mapped_column(ForeignKey("environments.id"), primary_key=True)
    number: Mapped[int] = mapped_column(default=0)
    catalogue_number: Mapped[int] = mapped_column(default=0)
    access_number: Mapped[int] = mapped_column(default=0)


class ChangeRow(Model):
    __tablename__ = "changes"

    environment_id: Mapped[int] = mapped_column(ForeignKey("environments.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(128))
    version: Mapped[int]
    at: Mapped[datetime]


class Marks(NamedTuple):
    """The latest number of an environment, and the latest that concerned its catalogue and its access."""

    number: int
    catalogue: int
    access: int


@dataclass(frozen=True, slots=True)
class Change:
    number: int
    kind: ChangeKind
    key: str
    version: int


@dataclass(frozen=True, slots=True)
class ChangePage:
    """`reset` says that the reader's number is unknown here, so it must load everything anew."""

    latest: int
    reset: bool
    changes: tuple[Change, ...]
    newest_at: datetime | None = None


def start_counting(environment_id: int) -> None:
    """Begin an environment's numbers; inside the transaction that creates it."""
    with transaction(environment_id) as session:
        session.add(ChangeCounterRow(environment_id=environment_id, number=0, catalogue_number=0, access_number=0))
        session.flush()


def keep_from_counting(environment_id: int, kind: ChangeKind, *, key: str) -> None:
    """Let nobody count usage by the terms of the catalogue or of that customer until the transaction ends.

    Whoever counts shares this lock while it compares what an allowance was made from with what holds, and until it has
    committed. So a unit is either counted before the change, by the limits before it, or finds that they have changed.
    Take the catalogue's before a customer's, as they do.
    """
    if kind is ChangeKind.CATALOGUE:
        lock_terms(f"catalogue {environment_id}")
    elif kind is ChangeKind.CUSTOMER:
        lock_terms(f"customer {environment_id} {key}")


def append_change(environment_id: int, kind: ChangeKind, *, key: str, version: int) -> int:
    """Write down a change inside the transaction that makes it; give its number."""
    table = ChangeCounterRow
    values = {table.number: table.number + 1}
    if kind is ChangeKind.CATALOGUE:
        values[table.catalogue_number] = table.number + 1
    elif kind is ChangeKind.ACCESS:
        values[table.access_number] = table.number + 1
    with transaction(environment_id) as session:
        keep_from_counting(environment_id, kind, key=key)
        number = session.execute(
            update(table)
            .where(table.environment_id == environment_id)
            .values(values)
            .returning(table.number)
            .execution_options(synchronize_session=False)
        ).scalar_one()
        session.add(
            ChangeRow(environment_id=environment_id, number=number, kind=kind.value, key=key, version=version, at=now())
        )
        session.flush()
    after_commit(announce)
    return number


def latest_marks(environment_id: int) -> Marks:
    """Read the environment's numbers as they are committed now (hot: one bare statement)."""
    row = hot_row(_MARKS, environment_id)
    return Marks(0, 0, 0) if row is None else Marks._make(row)


def latest_number(environment_id: int) -> int:
    """Read the environment's latest number as it is committed now (hot: one bare statement)."""
    row = hot_row(_MARKS, environment_id)
    return 0 if row is None else int(row[0])


def changes_after(environment_id: int, number: int, limit: int = 1000) -> ChangePage:
    """List what came after a number; `reset` when the number is too old, or ahead of this server."""
    latest = latest_number(environment_id)
    if number == latest:
        return ChangePage(latest, reset=False, changes=())
    if number > latest:
        return ChangePage(latest, reset=True, changes=())
    rows = (
        reading()
        .execute(
            select(ChangeRow.number, ChangeRow.kind, ChangeRow.key, ChangeRow.version, ChangeRow.at)
            .where(ChangeRow.environment_id == environment_id, ChangeRow.number > number)
            .order_by(ChangeRow.number)
            .limit(limit)
        )
        .all()
    )
    changes = tuple(Change(row.number, ChangeKind(row.kind), row.key, row.version) for row in rows)
    # Numbers have no gap, so a missing successor means that retention took it.
    if not changes or changes[0].number != number + 1:
        return ChangePage(latest, reset=True, changes=())
    return ChangePage(max(latest, changes[-1].number), reset=False, changes=changes, newest_at=rows[-1].at)


def forget_old_changes(at: datetime) -> int:
    """Drop what is older than the retention; the newest change of an environment stays."""
    environments = reading().scalars(select(ChangeCounterRow.environment_id)).all()
    return sum(_forget_of(environment_id, at - RETENTION) for environment_id in environments)


def _forget_of(environment_id: int, before: datetime) -> int:
    newest = select(func.max(ChangeRow.number)).where(ChangeRow.environment_id == environment_id).scalar_subquery()
    with transaction(environment_id) as session:
        old = (ChangeRow.environment_id == environment_id, ChangeRow.number < newest, ChangeRow.at < before)
        return changed_rows(session, delete(ChangeRow).where(*old))
