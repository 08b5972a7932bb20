"""Does what is kept beside the ledger agree with it? Counters, days and held units, one customer at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import func, select, union_all
from sqlalchemy.orm import Session

from liftgate_server.plumbing.db import reading
from liftgate_server.usage.facts import ReservationState, is_kept_by_ledger
from liftgate_server.usage.models import UsageCounterRow, UsageDayRow, UsageEventRow, UsageReservationRow
from liftgate_server.usage.named_windows import named_units
from liftgate_server.usage.recount import CountedEvent, DayTotals, KeptCounter, Place, Recount

__all__ = ["Agreement", "Difference", "Examined", "examine", "examine_customer", "examined_customers"]

_TABLES = (UsageEventRow, UsageCounterRow, UsageDayRow, UsageReservationRow)
# Rows that the database hands over at a time.
_AT_ONCE = 2_000


class Agreement(StrEnum):
    """What has to say the same as the ledger."""

    USED = "used"
    HELD = "held"
    DAY_UNITS = "day_units"
    DAY_USES = "day_uses"


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is ``kept`` and should say what was ``counted``; ``place`` is a window or a day."""

    what: Agreement
    feature: str
    user: str
    place: str
    kept: int
    counted: int


@dataclass(frozen=True, slots=True)
class Examined:
    """What was looked at of one customer, and what did not agree."""

    customer: str
    events: int
    counters: int
    differences: tuple[Difference, ...]


def examined_customers(environment_id: int) -> Iterator[str]:
    """Give everybody of whom there is anything, by id: one look into each index for the next one."""
    session, last = reading(), ""
    while True:
        following = union_all(
            *(
                select(func.min(table.customer).label("customer")).where(
                    table.environment_id == environment_id, table.customer > last
                )
                for table in _TABLES
            )
        ).subquery()
        found = session.scalar(select(func.min(following.c.customer)))
        if found is None:
            return
        yield found
        last = found


def examine_customer(environment_id: int, customer: str) -> Examined:
    """Compare one customer's counters, days and held units with the ledger, as they all were at one moment."""
    session = reading()
    session.rollback()  # the moment is now, not that of an earlier read
    examined = examine(session, environment_id, customer)
    session.rollback()
    return examined


def examine(session: Session, environment_id: int, customer: str) -> Examined:
    """Do the same in a transaction of the caller's."""
    examinations = [
        _Feature(session, environment_id, customer, feature) for feature in _features(session, environment_id, customer)
    ]
    differences = tuple(difference for each in examinations for difference in each.differences())
    return Examined(
        customer,
        events=sum(each.events for each in examinations),
        counters=sum(each.counters for each in examinations),
        differences=differences,
    )


class _Feature:
    """One feature of one customer; holds its counters and one day at a time."""

    def __init__(self, session: Session, environment_id: int, customer: str, feature: str) -> None:
        self._session = session
        self._own = {"environment_id": environment_id, "customer": customer, "feature": feature}
        self._feature = feature
        self.events = 0
        self.counters = 0

    def differences(self) -> Iterator[Difference]:
        kept = [_kept(row) for row in self._rows(UsageCounterRow)]
        self.counters = len(kept)
        recount = Recount(kept)
        # Receipts are read only where a counter needs them: they are most of what a row weighs.
        events = self._events(with_receipts=not all(counter.of_base for counter in kept))
        yield from self._days(recount.days(events))
        held = self._held(kept)
        for counter in kept:
            used = recount.used[counter.place]
            if counter.used != used:
                yield self._difference(Agreement.USED, *counter.place, counter.used, used)
            if counter.held != held.get(counter.place, 0):
                yield self._difference(Agreement.HELD, *counter.place, counter.held, held.get(counter.place, 0))

    def _difference(self, what: Agreement, user: str, place: str, kept: int, counted: int) -> Difference:
        return Difference(what, self._feature, user, place, kept, counted)

    def _days(self, counted: Iterator[tuple[date, Mapping[str, DayTotals]]]) -> Iterator[Difference]:
        """Compare two lists of days, both in order."""
        kept = self._kept_days()
        theirs, ours = next(counted, None), next(kept, None)
        while theirs is not None or ours is not None:
            day = min(each[0] for each in (theirs, ours) if each is not None)
            said: Mapping[str, tuple[int, int]] = {}
            totals: Mapping[str, DayTotals] = {}
            if theirs is not None and theirs[0] == day:
                totals, theirs = theirs[1], next(counted, None)
            if ours is not None and ours[0] == day:
                said, ours = ours[1], next(kept, None)
            yield from self._day(day, said, totals)

    def _day(
        self, day: date, kept: Mapping[str, tuple[int, int]], counted: Mapping[str, DayTotals]
    ) -> Iterator[Difference]:
        for user in sorted({*kept, *counted}):
            units, uses = kept.get(user, (0, 0))
            totals = counted.get(user, DayTotals())
            if units != totals.units:
                yield self._difference(Agreement.DAY_UNITS, user, day.isoformat(), units, totals.units)
            # Hosts report uses of gates beside the ledger, so there may be more of them.
            if uses < totals.uses:
                yield self._difference(Agreement.DAY_USES, user, day.isoformat(), uses, totals.uses)

    def _kept_days(self) -> Iterator[tuple[date, dict[str, tuple[int, int]]]]:
        table = UsageDayRow
        query = (
            select(table.day, table.user, table.units, table.uses)
            .filter_by(**self._own)
            .order_by(table.day)
            .execution_options(yield_per=_AT_ONCE)
        )
        for day, rows in groupby(self._session.execute(query), key=attrgetter("day")):
            yield day, {row.user: (row.units, row.uses) for row in rows}

    def _events(self, *, with_receipts: bool) -> Iterator[CountedEvent]:
        table = UsageEventRow
        columns: list[Any] = [table.at, table.user, table.quantity, table.base_quantity, table.uses]
        if with_receipts:
            columns.append(table.receipt)
        query = select(*columns).filter_by(**self._own).order_by(table.at).execution_options(yield_per=_AT_ONCE)
        for row in self._session.execute(query):
            self.events += 1
            at, user, quantity, base_quantity, uses, *receipt = row
            named = named_units(receipt[0]) if receipt else ()
            yield CountedEvent(at, user, quantity, base_quantity, uses, named)

    def _held(self, kept: list[KeptCounter]) -> dict[Place, int]:
        """Add up what open reservations hold in each counter."""
        held: dict[Place, int] = defaultdict(int)
        by_user: dict[str, list[KeptCounter]] = defaultdict(list)
        for counter in kept:
            if counter.of_base:
                by_user[counter.user].append(counter)
        table = UsageReservationRow
        query = (
            select(table.created_at, table.user, table.base_units, table.receipt)
            .filter_by(**self._own)
            .where(table.state == ReservationState.OPEN.value)
            .execution_options(yield_per=_AT_ONCE)
        )
        for row in self._session.execute(query):
            for user in {"", row.user}:
                for counter in by_user.get(user, ()):
                    if counter.counts(row.created_at, row.user):
                        held[counter.place] += row.base_units
            for place, units in named_units(row.receipt):
                held[place] += units
        return held

    def _rows(self, table: type[UsageCounterRow]) -> Iterator[UsageCounterRow]:
        query = select(table).filter_by(**self._own).execution_options(yield_per=_AT_ONCE)
        yield from self._session.scalars(query)


def _features(session: Session, environment_id: int, customer: str) -> list[str]:
    """List the features that there is anything of, one look into each index for the next one."""
    found: list[str] = []
    while True:
        following = union_all(
            *(
                select(func.min(table.feature).label("feature")).where(
                    table.environment_id == environment_id,
                    table.customer == customer,
                    table.feature > (found[-1] if found else ""),
                )
                for table in _TABLES
            )
        ).subquery()
        feature = session.scalar(select(func.min(following.c.feature)))
        if feature is None:
            return found
        found.append(feature)


def _kept(row: UsageCounterRow) -> KeptCounter:
    return KeptCounter(
        row.user, row.window, row.used, row.held, row.starts_at, row.ends_at, of_base=is_kept_by_ledger(row.window)
    )
