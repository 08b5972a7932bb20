"""Taking units from an allowance: from which bucket, what then remains, and which thresholds that crosses.

The ledger decides by these functions and a check by ``judging``; both add up the same rooms, and tests hold them
together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from liftgate.engine.allowance_model import BASE, Allowance, Bucket, Window
from liftgate.engine.catalogue_model import FeatureKind
from liftgate.engine.decision import Reason, Source, SourceKind
from liftgate.engine.limits import TRIAL_WINDOW, Room, add_up, over_of, tightest

__all__ = ["Balance", "Counters", "Crossing", "Part", "allocate", "count", "crossings", "room"]

Counters = Mapping[tuple[str, str | None], int]
"""(window key, user) to the units used and held."""

_NOBODY = Source(SourceKind.DEFAULT_PLAN, "")


@dataclass(frozen=True, slots=True)
class Part:
    """So many units of one bucket."""

    bucket: str
    units: int


@dataclass(frozen=True, slots=True)
class Crossing:
    """A threshold that a use has reached: ``percent`` of the window's limit."""

    feature: str
    user: str | None
    window: str
    percent: int
    limit: int
    used: int


@dataclass(frozen=True, slots=True)
class Balance:
    """What a check tells of an allowance, and whether some units more would pass."""

    granted: bool
    reason: Reason
    used: int
    limit: int | None
    remaining: int | None
    resets_at: datetime | None
    decided_by: str | None


def allocate(allowance: Allowance, counters: Counters, units: int, *, forced: bool = False) -> tuple[Part, ...] | None:
    """Return what so many units take from which bucket, in burn order, ``None`` where they do not fit.

    First everything up to the limits, then what soft caps let pass beyond. ``forced`` refuses nothing: what does not
    fit goes to the base, as does what is given back (units below zero).

    >>> # allocate(allowance, {("never", None): 3}, 1)
    """
    if units <= 0:
        return (Part(_last_resort(allowance), units),) if units else ()
    taken = dict.fromkeys((bucket.key for bucket in allowance.buckets), 0)
    rest = units
    for ceilings in (False, True):
        for bucket in allowance.buckets:
            fits = _room_left(bucket, counters, ceilings=ceilings)
            more = rest if fits is None else min(rest, max(0, fits - taken[bucket.key]))
            taken[bucket.key] += more
            rest -= more
    if rest and not forced:
        return None
    if rest:
        taken[_last_resort(allowance)] += rest
    return tuple(Part(key, part) for key, part in taken.items() if part)


def count(allowance: Allowance, counters: Counters, parts: tuple[Part, ...]) -> dict[tuple[str, str | None], int]:
    """Return the counters of the allowance after the parts were taken: a part counts once in each of its windows."""
    after = {window.counter: counters.get(window.counter, 0) for window in allowance.windows()}
    units = {part.bucket: part.units for part in parts}
    for bucket in allowance.buckets:
        for counter in {window.counter for window in bucket.windows()}:
            after[counter] += units.get(bucket.key, 0)
    return after


def room(allowance: Allowance, counters: Counters, units: int = 1) -> Balance:
    """Return what a check of that many units says of the allowance, in the same numbers."""
    beside = [_bucket_room(bucket, counters) for bucket in allowance.buckets if bucket.key != BASE]
    base = _base_room(allowance.base, beside, counters, units, together=allowance.kind is FeatureKind.CAPACITY)
    rooms = [base, *beside] if base is not None else beside
    is_level = allowance.kind is FeatureKind.CAPACITY
    if all(part.gives_nothing for part in rooms):
        # As a check does: what is there all the same is told of a level, and of a meter that somebody gave a limit.
        is_told = is_level or any(part.source is not _NOBODY for part in rooms)
        used = add_up(rooms, together=is_level).used if rooms and is_told else 0
        return Balance(False, Reason.NOT_INCLUDED, used, 0, 0, None, _name(rooms[0].source) if rooms else None)
    total = add_up(rooms, together=is_level)
    granted = total.admits(units)
    within = total.left is None or units <= total.left
    reason = Reason.ENTITLED if within else Reason.WITHIN_OVERAGE
    return Balance(
        granted=granted,
        reason=reason if granted else Reason.LIMIT_REACHED,
        used=total.used,
        limit=total.shown_limit,
        remaining=None if total.left is None else max(0, total.left),
        resets_at=total.resets_at,
        decided_by=_name(total.source),
    )


def crossings(allowance: Allowance, before: Counters, after: Counters) -> tuple[Crossing, ...]:
    """Return the thresholds that lie between two counts; one that is reached exactly is crossed."""
    return tuple(
        Crossing(allowance.feature, window.user, window.key, percent, window.limit or 0, after[window.counter])
        for window in allowance.windows()
        for percent, mark in window.marks
        if before.get(window.counter, 0) < mark <= after.get(window.counter, 0)
    )


def _last_resort(allowance: Allowance) -> str:
    return BASE if allowance.base is not None else allowance.buckets[0].key


def _room_left(bucket: Bucket, counters: Counters, *, ceilings: bool) -> int | None:
    """Return the units that the best alternative still admits, ``None`` for any number."""
    most = 0
    for alternative in bucket.alternatives:
        least: int | None = None
        for window in alternative:
            bound = window.ceiling if ceilings else window.limit
            if bound is not None:
                left = bound - counters.get(window.counter, 0)
                least = left if least is None else min(least, left)
        if least is None:
            return None
        most = max(most, least)
    return most


def _base_room(
    base: Bucket | None, beside: list[Room], counters: Counters, units: int, *, together: bool
) -> Room | None:
    if base is None:
        return None
    rooms = [
        _alternative_room(windows, counters, base.sources[place] if base.sources else _NOBODY)
        for place, windows in enumerate(base.alternatives)
        if not _is_used_up(windows, counters)
    ]
    if not rooms:
        return None
    if rooms[0].limit is None:
        return rooms[0]
    totals = [(room, add_up([room, *beside], together=together)) for room in rooms]
    # In the same order as a check: the one that would let one more pass, where nothing is asked for.
    passing = [room for wanted in (units or 1, units) for room, total in totals if total.admits(wanted)]
    return passing[0] if passing else min(rooms, key=lambda room: over_of([room, *beside], together=together))


def _is_used_up(windows: tuple[Window, ...], counters: Counters) -> bool:
    """Whether the alternative is a trial by uses whose last unit was used: then it is over, and tells nothing more."""
    return any(
        window.key.startswith(TRIAL_WINDOW) and counters.get(window.counter, 0) >= (window.limit or 0)
        for window in windows
    )


def _name(source: Source) -> str | None:
    return None if source is _NOBODY else source.name


def _bucket_room(bucket: Bucket, counters: Counters) -> Room:
    return _alternative_room(bucket.alternatives[0], counters, bucket.sources[0])


def _alternative_room(windows: tuple[Window, ...], counters: Counters, source: Source) -> Room:
    return tightest([_window_room(window, counters.get(window.counter, 0), source) for window in windows])


def _window_room(window: Window, used: int, source: Source) -> Room:
    return Room(
        source=source,
        used=used,
        limit=window.limit,
        shown_limit=window.shown_limit,
        left=None if window.limit is None else window.limit - used,
        ceiling_left=None if window.ceiling is None else window.ceiling - used,
        resets_at=window.ends_at,
        window_ends_at=window.ends_at,
    )
