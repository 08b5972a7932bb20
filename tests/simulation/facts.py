"""What a ledger has committed, told alike whatever tables it keeps it in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

Parts = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the ledger. ``parts`` is what it took from each bucket; a refund's are negative."""

    customer: str
    key: str
    operation: str
    feature: str
    user: str
    quantity: int
    base_quantity: int
    at: datetime
    parts: Parts
    is_refused: bool


@dataclass(frozen=True, slots=True)
class Reservation:
    """Units set aside; those of an open one are held."""

    customer: str
    key: str
    feature: str
    user: str
    units: int
    parts: Parts
    at: datetime
    expires_at: datetime
    state: str
    settled: int
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Counter:
    """One counter of a feature: of the account or of a user, in one window."""

    customer: str
    feature: str
    user: str
    window: str
    used: int
    held: int
    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Day:
    """The units of one day."""

    customer: str
    feature: str
    user: str
    day: str
    units: int


@dataclass(frozen=True, slots=True)
class Facts:
    """All of it, and which terms are in force."""

    events: tuple[Event, ...]
    reservations: tuple[Reservation, ...]
    counters: tuple[Counter, ...]
    days: tuple[Day, ...]
    publication: int
    held: dict[str, tuple[str, bool]]
    """What each customer holds: the plan, and whether the promotion."""
    crossed: frozenset[tuple[str, str, str, str]] | None = None
    """The limits on file as reached: customer, feature, user and window; ``None`` where none are kept."""

    @staticmethod
    def of(facts: Facts, places: set[tuple[str, str]]) -> Facts:
        """Leave only what is of these customers and features."""
        return replace(
            facts,
            events=tuple(row for row in facts.events if (row.customer, row.feature) in places),
            reservations=tuple(row for row in facts.reservations if (row.customer, row.feature) in places),
            counters=tuple(row for row in facts.counters if (row.customer, row.feature) in places),
            days=tuple(row for row in facts.days if (row.customer, row.feature) in places),
        )
