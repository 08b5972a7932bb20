"""The server's clock, as its answers tell it: what begins or ends does so at the server's instant, not the host's."""

from __future__ import annotations

from typing import Final

from liftgate.configuration import Clock

__all__ = ["HEADER", "ServerClock"]

HEADER: Final = "liftgate-time"
"""Seconds since 1970 at which the server answered."""

_CORRECTION_SECONDS: Final = 1.0
_FARTHEST_SECONDS: Final = 10 * 366 * 86_400.0
"""No real clock is ten years wrong; ``nan`` and its like are not within it either."""


class ServerClock:
    """The host's clock moved to the server's.

    What an answer says has begun has begun by this clock as soon as the answer is here, even if the host's clock runs
    behind: an upgrade that was just bought must not wait for it. The way of the answer makes the estimate late by some
    milliseconds, which only ever closes what ends that much later; so a later estimate is kept, and an earlier one
    taken only when it is clearly another time.

    >>> clock = ServerClock(lambda: 1000.0)
    >>> clock.learn("1005.5")
    >>> clock()
    1005.5
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ahead_seconds = 0.0
        self._has_learned = False

    def __call__(self) -> float:
        """Return the present as seconds since 1970."""
        return self._clock() + self._ahead_seconds

    def learn(self, told: str | None) -> None:
        """Take what an answer told; nothing readable teaches nothing."""
        try:
            ahead = float(told or "") - self._clock()
        except ValueError:
            return
        if not abs(ahead) < _FARTHEST_SECONDS:
            return
        later = ahead > self._ahead_seconds
        if not self._has_learned or later or self._ahead_seconds - ahead > _CORRECTION_SECONDS:
            self._ahead_seconds = ahead
            self._has_learned = True
