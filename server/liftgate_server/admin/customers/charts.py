"""Charts as numbers: what the templates draw as SVG, with a table beside it for whoever does not see it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

__all__ = ["Bar", "DayChart", "day_chart", "round_up"]

# What the drawing is measured in; the page stretches it to its place.
WIDTH = 720
HEIGHT = 160
_GAP = 0.28
# A day with any use can be seen.
_LEAST_HEIGHT = 2
_STEPS = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True)
class Bar:
    """One day: its place and size in the drawing, and what it stands for."""

    day: date
    value: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class DayChart:
    """A bar for each day from ``first`` to ``last``; ``top`` is the number at the upper edge."""

    bars: tuple[Bar, ...]
    first: date
    last: date
    top: int
    total: int
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def busiest(self) -> Bar | None:
        """The day with most, the earliest of several; none where nothing was used."""
        return max((bar for bar in self.bars if bar.value > 0), key=lambda bar: bar.value, default=None)


def day_chart(values: Mapping[date, int], *, first: date, last: date) -> DayChart:
    """Draw the days from ``first`` to ``last``, both included; a day that is not told counts nothing."""
    days = list(_days(first, last))
    counted = [max(values.get(day, 0), 0) for day in days]
    top = round_up(max(counted, default=0))
    return DayChart(tuple(_bars(days, counted, top)), first, last, top, sum(values.get(day, 0) for day in days))


def round_up(value: int) -> int:
    """Return the next number that is easily read: 1, 2, 5 or 10 times a power of ten."""
    if value <= 1:
        return 1
    power = int(10 ** (len(str(value)) - 1))
    return next(step * power for step in _STEPS if step * power >= value)


def _bars(days: Iterable[date], values: list[int], top: int) -> Iterator[Bar]:
    place = WIDTH / max(len(values), 1)
    for index, (day, value) in enumerate(zip(days, values, strict=True)):
        height = max(HEIGHT * value / top, _LEAST_HEIGHT) if value else 0
        x = index * place + place * _GAP / 2
        yield Bar(day, value, round(x, 2), round(HEIGHT - height, 2), round(place * (1 - _GAP), 2), round(height, 2))


def _days(first: date, last: date) -> Iterator[date]:
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)
