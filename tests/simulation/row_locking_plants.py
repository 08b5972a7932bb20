"""Bugs that only others who write at the same time bring to light: mutants of the order of locks."""

from __future__ import annotations

from collections.abc import Callable, Generator
from datetime import datetime
from typing import Any

from tests.simulation.messages import Request
from tests.simulation.row_locking import CounterKey, RowLocking, runs
from tests.simulation.store import Begin, Change, Commit, Insert, Lock, Read, Row, Scan
from tests.simulation.world import StaleTerms, Terms

Steps = Generator[Any, Any, Any]


class CountersReadWithoutLock(RowLocking):
    """Reads what the counters say and locks none: check, then act."""

    def _running(self, customer: str, feature: str, user: str, at: datetime) -> Generator[Any, Any, dict[Any, Row]]:
        found: dict[Any, Row] = yield Scan("counters", _of(customer, feature, user, at))
        return found


class CountersLockedNotReadAnew(RowLocking):
    """Locks the counters and goes by what they said before the lock was had."""

    def _running(self, customer: str, feature: str, user: str, at: datetime) -> Generator[Any, Any, dict[Any, Row]]:
        before: dict[Any, Row] = yield Scan("counters", _of(customer, feature, user, at))
        locked = yield from super()._running(customer, feature, user, at)
        return {place: before.get(place, row) for place, row in locked.items()}


class TermsReadBeforeTheLock(RowLocking):
    """Compares the versions first and takes the lock that keeps them as they are afterwards."""

    def _call(self, request: Request, terms: Terms, now: datetime, is_alone: bool) -> Steps:
        row = yield Read("customers", request.customer)
        if row["version"] != terms.version:
            raise StaleTerms
        return (yield from super()._call(request, terms, now, is_alone))

    def _prove(self, customer: str, terms: Terms) -> Steps:
        yield from ()


class ChangesWithoutLock(RowLocking):
    """Changes what a customer holds while others count by it."""

    def change_customer(self, customer: str, *, plan: str | None, has_gift: bool | None) -> Steps:
        """Change the row and nothing else."""
        for step in super().change_customer(customer, plan=plan, has_gift=has_gift):
            if not isinstance(step, Lock):
                yield step


class CountersMadeSideBySide(RowLocking):
    """Makes a counter from the ledger while others may be writing to it."""

    def _lock_terms(self, customer: str, is_alone: bool) -> Steps:
        yield Lock("catalogue")
        yield Lock(customer)

    def _insert_counter(self, place: CounterKey, made: Row) -> Generator[Any, Any, Row]:
        if (yield Insert("counters", place, made)):
            return made
        there: Row = yield Change("counters", place, lambda row: row)
        return there


class SettledInTwoTransactions(RowLocking):
    """Looks whether a reservation is open, and ends it in another transaction."""

    def _settle(self, request: Request, *, at: datetime) -> Steps:
        row = yield Read("reservations", (request.customer, request.key))
        if row is None or row["state"] != "open":
            return (yield from super()._settle(request, at=at))
        yield Commit()
        yield Begin()
        yield Change("reservations", (request.customer, request.key), lambda now: {**(now or {}), "state": "open"})
        return (yield from super()._settle(request, at=at))


def _of(customer: str, feature: str, user: str, at: datetime) -> Callable[[Any, Row], bool]:
    return lambda place, row: place[:2] == (customer, feature) and place[2] in {"", user} and runs(row, at)


ROW_LOCKING_PLANTS: tuple[type[RowLocking], ...] = (
    CountersReadWithoutLock,
    CountersLockedNotReadAnew,
    TermsReadBeforeTheLock,
    ChangesWithoutLock,
    CountersMadeSideBySide,
    SettledInTwoTransactions,
)
