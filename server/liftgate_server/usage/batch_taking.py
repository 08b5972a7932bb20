"""What a database answers to a batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

__all__ = ["ExpiredInTheWay", "Known", "Reached", "Taken"]


class ExpiredInTheWay(Exception):
    """Reservations of these (customer, feature) have expired and have to be let go of first; nothing was counted."""

    def __init__(self, features: tuple[tuple[str, str], ...]) -> None:
        super().__init__(features)
        self.features = features


@dataclass(frozen=True, slots=True)
class Known:
    """What the key of the posting at a ``place`` has been used for before."""

    place: int
    operation: str
    is_same: bool
    granted: bool
    feature: str
    user: str | None
    gate: str | None
    quantity: int
    at: datetime
    properties: Mapping[str, Any] | None
    receipt: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Reached:
    """A threshold that fired for the first time; the user is empty for the account's window."""

    customer: str
    feature: str
    user: str
    window: str
    percent: int
    limit: int
    used: int


@dataclass(frozen=True, slots=True)
class Taken:
    """A part of a batch that has been counted, but for what was known."""

    known: tuple[Known, ...] = ()
    reached: tuple[Reached, ...] = ()
    to_announce: frozenset[str] = frozenset()
