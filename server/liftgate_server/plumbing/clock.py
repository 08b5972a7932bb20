"""Time arrives here and nowhere else, so a test can travel."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol, cast

from flask import current_app

CLOCK_EXTENSION = "liftgate.clock"


class Clock(Protocol):
    def now(self) -> datetime: ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class FixedClock:
    """Stands still until it is told to move."""

    def __init__(self, at: datetime) -> None:
        self.set(at)

    def now(self) -> datetime:
        return self._at

    def set(self, at: datetime) -> None:
        if at.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        self._at = at.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        self._at += by


def now() -> datetime:
    """Tell the time of the running app's clock."""
    return cast("Clock", current_app.extensions[CLOCK_EXTENSION]).now()
