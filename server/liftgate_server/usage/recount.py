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
    """A counter as it stands in the database; only one that is ``of_base`` can be made from its stretch of time."""

    user: str
    window: str
    used: int
    held: int
    starts_at: datetime | None
    ends_at: datetime | None
    of_base: bool

    @property
    def place(self) -> Place:
        return self.user, self.window


@dataclass(frozen=True, slots=True)
class CountedEvent:
    """What one row of the ledger counts; ``beside_base`` are the units that its receipt took from other buckets."""

    at: datetime
    user: str
    quantity: int
    base_quantity: int
    uses: int
    beside_base: tuple[tuple[Place, int], ...] = ()


@dataclass(slots=True)
class DayTotals:
    """What one day of a user should say."""

    units: int = 0
    uses: int = 0
    last_at: datetime | None = None


@dataclass(slots=True)
class Recount:
    """Takes the events of one feature in the order of their instants, and holds no more than the counters and one day.

    >>> from datetime import UTC
    >>> at = datetime(2026, 11, 22, tzinfo=UTC)
    >>> recount = Recount([KeptCounter("", "never", 3, 0, None, None, of_base=True)])
    >>> [list(days) for _, days in recount.days([CountedEvent(at, "u1", 2, 2, 1)])]
    [['u1']]
    >>> recount.used
    {('', 'never'): 2}
    """

    counters: Iterable[KeptCounter]
    used: dict[Place, int] = field(init=False)
    _waiting: list[KeptCounter] = field(init=False)
    _running: dict[str, list[KeptCounter]] = field(init=False)

    def __post_init__(self) -> None:
        kept = list(self.counters)
        self.used = {counter.place: 0 for counter in kept}
        started = [counter for counter in kept if counter.of_base and counter.starts_at is None]
        self._running = defaultdict(list)
        for counter in started:
            self._running[counter.user].append(counter)
        waiting = [(counter.starts_at, index) for index, counter in enumerate(kept) if counter.of_base]
        # The next to start comes last, where a list gives it away cheaply.
        ordered = sorted(((at, index) for at, index in waiting if at is not None), reverse=True)
        self._waiting = [kept[index] for _, index in ordered]

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
        while self._waiting and self._waiting[-1].starts_at <= event.at:  # type: ignore[operator]
            started = self._waiting.pop()
            self._running[started.user].append(started)
        if event.base_quantity:
            self._count_base(event, "")
            if event.user:
                self._count_base(event, event.user)
        for place, units in event.beside_base:
            # A counter that is not there is no difference: nobody has asked for it.
            if place in self.used:
                self.used[place] += units

    def _count_base(self, event: CountedEvent, user: str) -> None:
        running = self._running.get(user)
        if not running:
            return
        has_ended = False
        for counter in running:
            if counter.ends_at is not None and counter.ends_at <= event.at:
                has_ended = True
            else:
                self.used[counter.place] += event.base_quantity
        if has_ended:
            self._running[user] = [it for it in running if it.ends_at is None or it.ends_at > event.at]


def _add(totals: DayTotals, event: CountedEvent) -> None:
    totals.units += event.quantity
    totals.uses += event.uses
    if event.uses:
        totals.last_at = event.at
