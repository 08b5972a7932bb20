"""Reads of what was reported; none of them takes longer because there are more customers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from liftgate_server.plumbing.db import reading
from liftgate_server.plumbing.paging import DEFAULT_PAGE, Page, page_query
from liftgate_server.usage.facts import GateActivity, MetGate, Outcome, RefusedAccount
from liftgate_server.usage.models import (
    GateHourRow,
    GateTotalRow,
    RefusedAccountRow,
    ReportedLevelRow,
    UsageCounterRow,
)

__all__ = [
    "MOST_ACCOUNTS_COUNTED",
    "gate_activity",
    "gate_checks",
    "gates_met",
    "levels",
    "refused_accounts",
]

# Whoever reads the page learns as much from "1,000 and more" as from the exact number, and counting stops there.
MOST_ACCOUNTS_COUNTED = 1_000

# A statement cannot have any number of columns.
_GATES_AT_ONCE = 100


def gate_checks(environment_id: int, *, since: datetime, gate: str | None = None) -> Mapping[str, int]:
    """Return how often each gate was asked since an instant, from the hour on that it lies in; or one of them."""
    table = GateTotalRow
    query = select(table.gate, func.sum(table.times)).where(
        table.environment_id == environment_id, table.hour >= _hour_of(since)
    )
    if gate is not None:
        query = query.where(table.gate == gate)
    return {row[0]: int(row[1]) for row in reading().execute(query.group_by(table.gate))}


def gate_activity(
    environment_id: int, *, since: datetime, gates: Collection[str] | None = None
) -> Mapping[str, GateActivity]:
    """Return what happened at each gate since an instant, from the hour on that it lies in; or at some of them."""
    table = GateTotalRow
    query = (
        select(
            table.gate,
            table.outcome,
            table.reason,
            func.sum(table.times).label("times"),
            func.max(table.last_at).label("last_at"),
        )
        .where(table.environment_id == environment_id, table.hour >= _hour_of(since))
        .group_by(table.gate, table.outcome, table.reason)
    )
    if gates is not None:
        query = query.where(table.gate.in_(gates))
    by_gate: dict[str, list[Any]] = defaultdict(list)
    for row in reading().execute(query):
        by_gate[row.gate].append(row)
    accounts = _count_accounts(environment_id, list(by_gate), since=_hour_of(since))
    return {gate: _activity(rows, accounts.get(gate, 0)) for gate, rows in by_gate.items()}


def refused_accounts(
    environment_id: int,
    gate: str,
    *,
    since: datetime,
    outcome: Outcome = Outcome.REFUSED,
    cursor: str | None = None,
    limit: int = DEFAULT_PAGE,
) -> Page[RefusedAccount]:
    """List who was refused at a gate, or who would have been (observed), the latest first."""
    table = RefusedAccountRow
    at = table.refused_at if outcome is Outcome.REFUSED else table.observed_at
    query: Any = select(table.customer, at.label("at")).where(
        table.environment_id == environment_id,
        table.gate == gate,
        table.last_at >= _hour_of(since),
        at >= _hour_of(since),
    )
    page = page_query(query, keys=(table.last_at, table.customer), cursor=cursor, limit=limit, descending=True)
    customers = [customer for customer, _ in page.items]
    counted = _reasons(environment_id, gate, customers, since=_hour_of(since), outcome=outcome)
    return page.map(lambda item: _account(item[0], item[1], counted.get(item[0], {})))


def gates_met(environment_id: int, customer: str, *, since: datetime) -> tuple[MetGate, ...]:
    """Return where a customer was refused since an instant, or would have been, the latest first."""
    table = GateHourRow
    query = (
        select(
            table.gate,
            table.outcome,
            table.reason,
            func.sum(table.times).label("times"),
            func.max(table.last_at).label("last_at"),
        )
        .where(
            table.environment_id == environment_id,
            table.customer == customer,
            table.hour >= _hour_of(since),
            table.outcome != Outcome.GRANTED.value,
        )
        .group_by(table.gate, table.outcome, table.reason)
    )
    met = (
        MetGate(row.gate, Outcome(row.outcome), row.reason, int(row.times), row.last_at)
        for row in reading().execute(query)
    )
    return tuple(sorted(met, key=lambda it: (it.last_at, it.gate, it.reason), reverse=True))


def levels(environment_id: int, customer: str) -> Mapping[str, int]:
    """Return the level of each feature of a customer: what the ledger counts, else what the host last reported."""
    reported, counter = ReportedLevelRow, UsageCounterRow
    told = select(reported.feature, reported.used).where(
        reported.environment_id == environment_id, reported.customer == customer
    )
    counted = select(counter.feature, counter.used).where(
        counter.environment_id == environment_id,
        counter.customer == customer,
        counter.user == "",
        counter.window == "never",
    )
    return {row.feature: row.used for query in (told, counted) for row in reading().execute(query)}


def _activity(rows: list[Any], accounts: int) -> GateActivity:
    times: dict[str, int] = defaultdict(int)
    reasons: dict[str, int] = defaultdict(int)
    for row in rows:
        times[row.outcome] += int(row.times)
        if row.outcome != Outcome.GRANTED:
            reasons[row.reason] += int(row.times)
    return GateActivity(
        granted=times[Outcome.GRANTED],
        refused=times[Outcome.REFUSED],
        observed=times[Outcome.OBSERVED],
        accounts=accounts,
        reasons=dict(sorted(reasons.items(), key=lambda item: (-item[1], item[0]))),
        last_at=max(row.last_at for row in rows),
    )


def _count_accounts(environment_id: int, gates: list[str], *, since: datetime) -> dict[str, int]:
    """Count the accounts of each gate, each only so far, and a hundred gates in one statement."""
    counted: dict[str, int] = {}
    for start in range(0, len(gates), _GATES_AT_ONCE):
        some = gates[start : start + _GATES_AT_ONCE]
        counts = reading().execute(select(*_account_counts(environment_id, some, since=since))).one()
        counted.update(zip(some, counts, strict=True))
    return counted


def _account_counts(environment_id: int, gates: list[str], *, since: datetime) -> list[Any]:
    table = RefusedAccountRow
    counts = []
    for index, gate in enumerate(gates):
        some = (
            select(table.customer)
            .where(table.environment_id == environment_id, table.gate == gate, table.last_at >= since)
            .limit(MOST_ACCOUNTS_COUNTED)
            .subquery(f"gate_{index}")
        )
        counts.append(select(func.count()).select_from(some).scalar_subquery().label(f"count_{index}"))
    return counts


def _reasons(
    environment_id: int, gate: str, customers: list[str], *, since: datetime, outcome: Outcome
) -> dict[str, dict[str, int]]:
    table = GateHourRow
    query = (
        select(table.customer, table.reason, func.sum(table.times).label("times"))
        .where(
            table.environment_id == environment_id,
            table.customer.in_(customers),
            table.gate == gate,
            table.hour >= since,
            table.outcome == outcome.value,
        )
        .group_by(table.customer, table.reason)
    )
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in reading().execute(query):
        found[row.customer][row.reason] = int(row.times)
    return found


def _account(customer: str, last_at: datetime, reasons: Mapping[str, int]) -> RefusedAccount:
    reason = max(sorted(reasons), key=lambda it: reasons[it], default="")
    return RefusedAccount(customer, reason, sum(reasons.values()), last_at)


def _hour_of(at: datetime) -> datetime:
    return at - timedelta(minutes=at.minute, seconds=at.second, microseconds=at.microsecond)
