"""Arithmetic of parts: so many units of each bucket, in the order in which they were taken."""

from __future__ import annotations

from tests.simulation.facts import Parts


def negative(parts: Parts) -> Parts:
    """Turn what was taken into what is given back."""
    return tuple((bucket, -units) for bucket, units in parts)


def first_units(parts: Parts, units: int) -> Parts:
    """Give the first so many units."""
    taken = []
    for bucket, there in parts:
        some = min(there, units)
        units -= some
        if some:
            taken.append((bucket, some))
    return tuple(taken)


def last_units(parts: Parts, units: int) -> Parts:
    """Give the last so many units, the last taken first."""
    return first_units(tuple(reversed(parts)), units)


def added(*several: Parts) -> Parts:
    """Add up bucket by bucket."""
    total: dict[str, int] = {}
    for parts in several:
        for bucket, units in parts:
            total[bucket] = total.get(bucket, 0) + units
    return tuple(total.items())


def left_of(parts: Parts, given_back: Parts) -> Parts:
    """Say what is left of what was taken; what was given back is negative."""
    gone = dict(given_back)
    return tuple((bucket, units + gone.get(bucket, 0)) for bucket, units in parts)
