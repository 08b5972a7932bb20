"""Counting a feature of one customer anew from its events: what its counters and days should say. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

__all__ = ["CountedEvent", "DayTotals", "KeptCounter", "Recount"]

Place = tuple[str, str]
"""A counter of the feature: its user (empty for the account's) and its window."""


@dataclass(frozen=True, slots=True)
class KeptCounter:
    """A counter as it stands in the database. One ``of_base`` counts its stretch of time, others what names them."""

    user: str
    window: str
    used: int
    held: int
    starts_at: datetime
    ends_at: datetime
    of_base: bool

    @property
    def place(self) -> Place:
        return self.user, self.window

    def counts(self, at: datetime, user: str) -> bool:
        """Whether what a user took from the base at an instant counts here."""
        return self.user in ("", user) and self.starts_at <= at < self.ends_at


@dataclass(frozen=True, slots=True)
class CountedEvent:
    """What one row of the ledger counts; ``named`` are the units by those counters that its receipt names."""

    at: datetime
    user: str
    quantity: int
    base_quantity: int
    uses: int
    named: tuple[tuple[Place, int], ...] = ()


@dataclass(slots=True)
class DayTotals:
    """What one day of a user should say."""

    units: int = 0
    uses: int = 0
    last_at: datetime | None = None


@dataclass(slots=True)
class Recount:
    """Takes the events of one feature in the order of their instants, and holds no more than the counters and one day.

    >>> from datetime import UTC, timedelta
    >>> at = datetime(2026, 11, 22, tzinfo=UTC)
    >>> day = KeptCounter("", "day", used=3, held=0, starts_at=at, ends_at=at + timedelta(days=1), of_base=True)
    >>> recount = Recount([day])
    >>> [list(users) for _, users in recount.days([CountedEvent(at, "u1", quantity=2, base_quantity=2, uses=1)])]
    [['u1']]
    >>> recount.used
    {('', 'day'): 2}
    """

    counters: Iterable[KeptCounter]
    used: dict[Place, int] = field(init=False)
    _waiting: list[KeptCounter] = field(init=False)
    _running: dict[str, list[KeptCounter]] = field(init=False)

    def __post_init__(self) -> None:
        kept = list(self.counters)
        self.used = {counter.place: 0 for counter in kept}
        self._running = defaultdict(list)
        # The next to start comes last, where a list gives it away cheaply.
        self._waiting = sorted(
            (counter for counter in kept if counter.of_base), key=lambda counter: counter.starts_at, reverse=True
        )

    def days(self, events: Iterable[CountedEvent]) -> Iterator[tuple[date, dict[str, DayTotals]]]:
        """Count the events and give each day (in UTC) that has any, with what it should say of each user."""
        day: date | None = None
        users: dict[str, DayTotals] = {}
        for event in events:
            self._count(event)
            if event.at.date() != day:
                if day is not None:
                    yield day, users
                day, users = event.at.date(), {}
            _add(users.setdefault(event.user, DayTotals()), event)
        if day is not None:
            yield day, users

    def _count(self, event: CountedEvent) -> None:
        while self._waiting and self._waiting[-1].starts_at <= event.at:
            started = self._waiting.pop()
            self._running[started.user].append(started)
        if event.base_quantity:
            self._count_base(event, "")
            if event.user:
                self._count_base(event, event.user)
        for place, units in event.named:
            # A counter that is not there is no difference: nobody has asked for it.
            if place in self.used:
                self.used[place] += units

    def _count_base(self, event: CountedEvent, user: str) -> None:
        running = self._running.get(user)
        if not running:
            return
        if any(counter.ends_at <= event.at for counter in running):
            # Instants only grow, so what is over is over for good.
            running = self._running[user] = [counter for counter in running if counter.ends_at > event.at]
        for counter in running:
            self.used[counter.place] += event.base_quantity


def _add(totals: DayTotals, event: CountedEvent) -> None:
    totals.units += event.quantity
    totals.uses += event.uses
    if event.uses:
        totals.last_at = event.at
