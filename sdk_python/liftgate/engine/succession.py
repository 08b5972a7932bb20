"""Which version somebody holds when versions end: found by the clock, so that nobody's rows have to be rewritten first.

A version that has ended is followed by a later one, which may have ended as well. Whoever is written down under the
version of some instant goes on from there as if nothing had been written: it makes no difference when that is done.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from liftgate.engine.catalogue_model import Succession, version_name

__all__ = ["Standing", "later_versions", "standing"]


class Standing(NamedTuple):
    """The version that is held at an instant, and what will end it, if that is known."""

    version: int
    ends_by: Succession | None = None


def standing(successions: Mapping[str, Succession], key: str, version: int, *, at: datetime) -> Standing:
    """Return what somebody who is pinned to that version of a plan or add-on holds at the instant.

    >>> standing({}, "pro", 2, at=datetime(2027, 1, 1))
    Standing(version=2, ends_by=None)
    """
    # Nearly every check comes here, and nearly never is there anything to look up.
    if not successions:
        return Standing(version)
    held = version
    for succession in _chain(successions, key, version):
        if at < succession.at:
            return Standing(held, succession)
        held = succession.to_version
    return Standing(held)


def later_versions(successions: Mapping[str, Succession], key: str, version: int) -> tuple[int, ...]:
    """Return every version that somebody who is pinned to that one will come to hold, or holds already."""
    return tuple(succession.to_version for succession in _chain(successions, key, version))


def _chain(successions: Mapping[str, Succession], key: str, version: int) -> Iterator[Succession]:
    """Yield what follows, one after the other; each leads to a later version, so there are no circles."""
    while (succession := successions.get(version_name(key, version))) and succession.to_version > version:
        yield succession
        version = succession.to_version
