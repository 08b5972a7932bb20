"""The ways in which what was told and what was kept can disagree."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Wrong(StrEnum):
    """What a storm may show."""

    OVERSOLD = "oversold"
    """A window holds more than its limit, or was given more than the limit in force."""
    LOST = "acknowledged_not_counted"
    MISCOUNTED = "counted_otherwise"
    """What is in the ledger under a key is not what was asked for."""
    REFUSED_COUNTED = "refused_but_counted"
    CHANGED = "answer_changed"
    """The same key was answered differently."""
    UNASKED = "counted_without_being_asked"
    """Counted twice under another name, or by nobody."""
    COUNTER = "counter_differs_from_ledger"
    DAYS = "days_differ_from_ledger"
    HELD = "held_differs_from_open_reservations"
    OVERREFUNDED = "more_given_back_than_taken"
    SAID = "server_says_otherwise"
    """A door of the server tells something else than the database holds."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One disagreement: what kind, about what, and both sides of it."""

    wrong: Wrong
    about: str
    found: str

    def as_json(self) -> dict[str, str]:
        return {"wrong": self.wrong.value, "about": self.about, "found": self.found}
