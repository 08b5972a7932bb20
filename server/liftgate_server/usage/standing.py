"""Where a customer stands now: the running counters, and the thresholds that were crossed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import select

from liftgate_server.plumbing.db import reading
from liftgate_server.plumbing.paging import DEFAULT_PAGE, Page, page_query
from liftgate_server.usage.facts import BEGINNING, FOREVER, ReservationState, is_kept_by_ledger
from liftgate_server.usage.models import UsageCounterRow, UsageCrossingRow, UsageReservationRow
from liftgate_server.usage.named_windows import named_units
from liftgate_server.usage.readings import CounterNow, CrossingOnFile

__all__ = ["counters_now", "crossings_of"]


def counters_now(
    environment_id: int,
    customer: str,
    *,
    at: datetime,
    features: Collection[str] | None = None,
    user: str | None = None,
    most: int = 1_000,
) -> tuple[CounterNow, ...]:
    """Return the counters of the windows that run at an instant: the account's, and the user's if one is named.

    A window that nobody has counted in yet has none. What an expired reservation held is not held any more.
    """
    table = UsageCounterRow
    users = ("",) if user is None else ("", user)
    query = (
        select(table)
        .where(
            table.environment_id == environment_id,
            table.customer == customer,
            table.user.in_(users),
            table.starts_at <= at,
            table.ends_at > at,
        )
        .order_by(table.feature, table.user, table.window)
        .limit(most)
    )
    if features is not None:
        query = query.where(table.feature.in_(features))
    rows = reading().scalars(query).all()
    free = _expired_units(environment_id, customer, rows, at=at)
    return tuple(_counter(row, free.get((row.feature, row.user, row.window), 0)) for row in rows)


def crossings_of(
    environment_id: int,
    customer: str,
    *,
    feature: str | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_PAGE,
) -> Page[CrossingOnFile]:
    """List the thresholds that a customer's use came to, the latest first."""
    table = UsageCrossingRow
    query = select(table).where(table.environment_id == environment_id, table.customer == customer)
    if feature is not None:
        query = query.where(table.feature == feature)
    keys = (table.at, table.feature, table.user, table.window, table.percent)
    return page_query(query, keys=keys, cursor=cursor, limit=limit, descending=True).map(
        lambda row: CrossingOnFile(row.feature, row.user or None, row.window, row.percent, row.limit, row.used, row.at)
    )


def _expired_units(
    environment_id: int, customer: str, counters: Iterable[UsageCounterRow], *, at: datetime
) -> dict[tuple[str, str, str], int]:
    """Add up what open reservations hold that have expired and that nobody has swept away yet."""
    table = UsageReservationRow
    query = select(table.feature, table.user, table.base_units, table.created_at, table.receipt).where(
        table.environment_id == environment_id,
        table.customer == customer,
        table.state == ReservationState.OPEN.value,
        table.expires_at <= at,
    )
    free: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in reading().execute(query):
        for (user, window), units in named_units(row.receipt):
            free[row.feature, user, window] += units
        for counter in counters:
            if (
                is_kept_by_ledger(counter.window)
                and counter.feature == row.feature
                and counter.user in ("", row.user)
                and counter.starts_at <= row.created_at < counter.ends_at
            ):
                free[counter.feature, counter.user, counter.window] += row.base_units
    return free


def _counter(row: UsageCounterRow, free: int) -> CounterNow:
    return CounterNow(
        feature=row.feature,
        user=row.user or None,
        window=row.window,
        used=row.used,
        held=max(0, row.held - free),
        starts_at=None if row.starts_at == BEGINNING else row.starts_at,
        ends_at=None if row.ends_at == FOREVER else row.ends_at,
    )
