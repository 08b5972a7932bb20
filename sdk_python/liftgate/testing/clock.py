"""A clock for tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from liftgate.errors import LiftgateError

__all__ = ["TestClock"]


class TestClock:
    """A clock that stands still until it is told to move.

    >>> clock = TestClock(datetime(2026, 1, 31, tzinfo=UTC), on_change=lambda: None)
    >>> clock.advance(days=1)
    >>> clock.now.isoformat()
    '2026-02-01T00:00:00+00:00'
    """

    __test__ = False

    def __init__(self, at: datetime, *, on_change: Callable[[], None]) -> None:
        self._at = at
        self._on_change = on_change

    def __call__(self) -> float:
        """Return the present as seconds since 1970, which is what a client's ``clock`` is asked for."""
        return self._at.timestamp()

    @property
    def now(self) -> datetime:
        """The present.

        >>> # client.clock.now
        """
        return self._at

    def set(self, at: datetime) -> None:
        """Move to an instant, which may also be an earlier one.

        >>> # client.clock.set(datetime(2026, 2, 28, 12, tzinfo=UTC))
        """
        if at.tzinfo is None:
            raise LiftgateError("The clock needs an instant with a time zone.")
        self._at = at.astimezone(UTC)
        self._on_change()

    def advance(self, amount: timedelta | None = None, **units: float) -> None:
        """Move forward by a timedelta, or by its keywords.

        >>> # client.clock.advance(days=14)
        """
        self.set(self._at + (amount or timedelta()) + timedelta(**units))
