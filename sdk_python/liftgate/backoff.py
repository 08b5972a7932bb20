"""When to try again after a failure: exponentially later, spread at random."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

__all__ = ["Backoff", "even_chance"]


class Backoff:
    """Counts failures in a row and says how long to wait.

    The wait is drawn at random below the cap of the moment, so that a thousand processes that lost the same server at
    the same instant do not come back together. ``spread`` is the share of the cap that is left to chance: 1 draws from
    zero on (full jitter).
    """

    def __init__(
        self,
        *,
        first_seconds: float,
        longest_seconds: float,
        spread: float = 1.0,
        chance: Callable[[], float] | None = None,
        timer: Callable[[], float] = monotonic,
    ) -> None:
        self._first_seconds = first_seconds
        self._longest_seconds = longest_seconds
        self._spread = spread
        self._chance = chance or even_chance
        self._timer = timer
        self._failures = 0
        self._not_before = 0.0

    @property
    def is_waiting(self) -> bool:
        """Whether it is too early to try again."""
        return self._failures > 0 and self._timer() < self._not_before

    def fail(self) -> float:
        """Count a failure and return the seconds to wait."""
        cap = min(self._longest_seconds, self._first_seconds * 2 ** min(self._failures, 32))
        self._failures += 1
        wait_seconds: float = cap * (1 - self._spread * self._chance())
        self._not_before = self._timer() + wait_seconds
        return wait_seconds

    def succeed(self) -> None:
        """Forget the failures."""
        self._failures = 0


def even_chance() -> float:
    """Return a number from 0 up to 1, every one as likely."""
    # Imported late: nothing is random before the first request.
    from random import random  # noqa: PLC0415

    return random()  # noqa: S311 - no secret depends on it
