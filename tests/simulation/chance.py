"""The one source of chance of a run: whatever it decides can be told again from its seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """Draws that depend on nothing but the seed and the order in which they are asked for."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - it has to be told again, not to be secret

    def happens(self, share: float) -> bool:
        """Say yes in that share of cases."""
        return self._random.random() < share

    def one_of(self, options: Sequence[T]) -> T:
        """Draw one of several."""
        return options[int(self._random.random() * len(options))]

    def whole(self, low: int, high: int) -> int:
        """Draw a whole number; both ends are included."""
        return low + int(self._random.random() * (high - low + 1))

    def weighted(self, options: Sequence[T], weights: Sequence[float]) -> T:
        """Draw one of several, of which some come up more often."""
        point = self._random.random() * sum(weights)
        for option, weight in zip(options, weights, strict=True):
            point -= weight
            if point < 0:
                return option
        return options[-1]
