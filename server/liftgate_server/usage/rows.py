"""Rows that add up: one statement per table and batch, whether or not a row is there already."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, case, func
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from liftgate_server.plumbing.db import Model
from liftgate_server.usage.facts import GateReport, LevelReport, Outcome, UseReport
from liftgate_server.usage.models import (
    GateHourRow,
    GateTotalRow,
    RefusedAccountRow,
    ReportBatchRow,
    ReportedLevelRow,
    UsageDayRow,
)

__all__ = ["add_gates", "add_levels", "add_uses", "claim_batch"]

_HOUR = timedelta(hours=1)

_Columns = dict[str, Any]


def claim_batch(session: Session, environment_id: int, batch: str, digest: bytes, *, at: datetime) -> bool:
    """Note that a batch is counted now; ``False`` when it has been already."""
    statement = (
        _insert(session, ReportBatchRow)
        .values(environment_id=environment_id, id=batch, digest=digest, received_at=at)
        .on_conflict_do_nothing()
        .returning(ReportBatchRow.id)
    )
    return session.execute(statement).one_or_none() is not None


def add_gates(session: Session, environment_id: int, reports: Iterable[GateReport], *, at: datetime) -> None:
    """Add counts to their hours, to the totals and to the accounts that were refused."""
    by_customer: Counter[tuple[str, str, datetime, str, str]] = Counter()
    by_gate: Counter[tuple[datetime, str, str, str]] = Counter()
    for it in reports:
        by_customer[it.customer, it.gate, it.hour, it.outcome.value, it.reason] += it.times
        by_gate[it.hour, it.gate, it.outcome.value, it.reason] += it.times
    # Sorted, so that two writers that meet take the rows in one order.
    hours: list[_Columns] = [
        {
            "environment_id": environment_id,
            "customer": customer,
            "gate": gate,
            "hour": hour,
            "outcome": outcome,
            "reason": reason,
            "times": times,
            "last_at": _last_instant(hour, at),
        }
        for (customer, gate, hour, outcome, reason), times in sorted(by_customer.items())
    ]
    totals: list[_Columns] = [
        {
            "environment_id": environment_id,
            "hour": hour,
            "gate": gate,
            "outcome": outcome,
            "reason": reason,
            "times": times,
            "last_at": _last_instant(hour, at),
        }
        for (hour, gate, outcome, reason), times in sorted(by_gate.items())
    ]
    _add_up(session, GateHourRow, hours)
    _add_up(session, GateTotalRow, totals)
    _note_accounts(session, _refused_accounts(hours))


def add_levels(session: Session, environment_id: int, reports: Iterable[LevelReport]) -> None:
    """Take over the levels that are newer than what is known."""
    newest: dict[tuple[str, str], LevelReport] = {}
    for it in sorted(reports, key=lambda report: report.at):
        newest[it.feature, it.customer] = it
    rows: list[_Columns] = [
        {"environment_id": environment_id, "feature": feature, "customer": customer, "used": it.used, "at": it.at}
        for (feature, customer), it in sorted(newest.items())
    ]
    statement = _insert(session, ReportedLevelRow)
    told = statement.excluded
    _execute(
        session,
        statement.on_conflict_do_update(
            index_elements=_key_of(ReportedLevelRow),
            set_={"used": told.used, "at": told.at},
            where=told.at >= ReportedLevelRow.at,
        ),
        rows,
    )


def add_uses(session: Session, environment_id: int, reports: Iterable[UseReport], *, at: datetime) -> None:
    """Add uses to the days of the features; how many units were used up is the ledger's business."""
    times: Counter[tuple[str, str, str, date]] = Counter()
    last_at: dict[tuple[str, str, str, date], datetime] = {}
    for it in reports:
        day = (it.customer, it.feature, it.user or "", it.hour.date())
        times[day] += it.times
        last_at[day] = max(last_at.get(day, it.hour), _last_instant(it.hour, at))
    table = UsageDayRow
    statement = _insert(session, table)
    told = statement.excluded
    added = {
        "uses": table.uses + told.uses,
        "last_at": case((told.last_at > table.last_at, told.last_at), else_=table.last_at),
    }
    rows: list[_Columns] = [
        {
            "environment_id": environment_id,
            "customer": customer,
            "feature": feature,
            "user": user,
            "day": day,
            "units": 0,
            "uses": count,
            "last_at": last_at[customer, feature, user, day],
        }
        for (customer, feature, user, day), count in sorted(times.items())
    ]
    _execute(session, statement.on_conflict_do_update(index_elements=_key_of(table), set_=added), rows)


def _refused_accounts(hours: Iterable[_Columns]) -> list[_Columns]:
    accounts: dict[tuple[str, str], _Columns] = {}
    for row in hours:
        if row["outcome"] == Outcome.GRANTED:
            continue
        last_at: datetime = row["last_at"]
        account = accounts.setdefault(
            (row["gate"], row["customer"]),
            {name: row[name] for name in ("environment_id", "gate", "customer", "last_at")}
            | {"refused_at": None, "observed_at": None},
        )
        at = "refused_at" if row["outcome"] == Outcome.REFUSED else "observed_at"
        account[at] = max(account[at] or last_at, last_at)
        account["last_at"] = max(account["last_at"], last_at)
    return [account for _, account in sorted(accounts.items())]


def _note_accounts(session: Session, rows: Sequence[_Columns]) -> None:
    table = RefusedAccountRow
    statement = _insert(session, table)
    told = statement.excluded
    newer = {
        name: case((told[name] > func.coalesce(known, told[name]), told[name]), else_=func.coalesce(known, told[name]))
        for name, known in (
            ("refused_at", table.refused_at),
            ("observed_at", table.observed_at),
            ("last_at", table.last_at),
        )
    }
    _execute(session, statement.on_conflict_do_update(index_elements=_key_of(table), set_=newer), rows)


def _add_up(session: Session, table: type[GateHourRow | GateTotalRow], rows: Sequence[_Columns]) -> None:
    statement = _insert(session, table)
    told = statement.excluded
    _execute(
        session,
        statement.on_conflict_do_update(
            index_elements=_key_of(table),
            set_={
                "times": table.times + told.times,
                "last_at": case((told.last_at > table.last_at, told.last_at), else_=table.last_at),
            },
        ),
        rows,
    )


def _last_instant(hour: datetime, at: datetime) -> datetime:
    """Return when the last of an hour's calls was at the latest; reports say no more than the hour."""
    return max(hour, min(at, hour + _HOUR - timedelta(microseconds=1)))


def _insert(session: Session, table: type[Model]) -> postgresql.Insert:
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(_table_of(table))
    # Both databases have the same clause, in SQLAlchemy two classes with the same methods.
    return cast("postgresql.Insert", sqlite.insert(_table_of(table)))


def _key_of(table: type[Model]) -> list[str]:
    return [column.name for column in _table_of(table).primary_key]


def _table_of(row: type[Model]) -> Table:
    return cast("Table", row.__table__)


def _execute(session: Session, statement: postgresql.Insert, rows: Sequence[_Columns]) -> None:
    if rows:
        # Below the session, which would look for objects to bring up to date.
        session.connection().execute(statement, rows)
