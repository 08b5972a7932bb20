"""What the reads of the ledger give, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

__all__ = [
    "CounterNow",
    "CrossingOnFile",
    "DayOfUse",
    "DaysWanted",
    "FeatureUse",
    "LedgerEntry",
    "UserOfFeature",
]


@dataclass(frozen=True, slots=True)
class CounterNow:
    """One running counter. ``held`` are the units of reservations that are still open and have not expired."""

    feature: str
    user: str | None
    window: str
    used: int
    held: int
    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class DaysWanted:
    """Of which feature, from ``first`` to ``last`` day in UTC (both included), and of which user if not of all."""

    feature: str
    first: date
    last: date
    user: str | None = None


@dataclass(frozen=True, slots=True)
class DayOfUse:
    """What was used of a feature on one day in UTC, by everybody or by the user that was asked for."""

    day: date
    feature: str
    units: int
    uses: int
    users: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class UserOfFeature:
    """What one user used of a feature; ``None`` for what was used without naming one."""

    user: str | None
    units: int
    uses: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class FeatureUse:
    """How a feature was used since a day: units of a counted one, uses of any, by how many users, and when last."""

    feature: str
    units: int
    uses: int
    users: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One row of the ledger; ``uses`` is more than 1 where several were merged.

    ``receipt`` says how many units came from which bucket.
    """

    key: str
    operation: str
    feature: str
    gate: str | None
    user: str | None
    quantity: int
    uses: int
    at: datetime
    received_at: datetime
    refused: bool
    properties: Mapping[str, Any] = field(default_factory=dict)
    receipt: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class CrossingOnFile:
    """A threshold that a customer's use came to, once for its window."""

    feature: str
    user: str | None
    window: str
    percent: int
    limit: int
    used: int
    at: datetime
