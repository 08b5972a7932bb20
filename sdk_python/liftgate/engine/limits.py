"""Counted features: caps as sets, add-ons and promotions on top, and how much room is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from liftgate.engine.catalogue_model import Cap, Enforcement, Recurrence, Scope
from liftgate.engine.decision import Source
from liftgate.engine.periods import Period, period_of, window_key

__all__ = ["CapSet", "Reported", "Room", "UsageView", "raise_caps", "rate_per_day", "room_of"]

Reported = int | Mapping[str, int]
"""The host's own count: one number for every window, or a number by recurrence."""

_DAYS = {
    Recurrence.MINUTE: 1 / 1440,
    Recurrence.HOUR: 1 / 24,
    Recurrence.DAY: 1.0,
    Recurrence.WEEK: 7.0,
    Recurrence.MONTH: 365.2425 / 12,
    Recurrence.QUARTER: 365.2425 / 4,
    Recurrence.YEAR: 365.2425,
    # An allowance for ever counts as one for a century, so every recurring allowance beats it.
    Recurrence.NEVER: 36524.25,
}


@dataclass(frozen=True, slots=True)
class CapSet:
    """The caps of one source, all of which must hold. ``bucket`` names the counter of a separate allowance."""

    source: Source
    caps: tuple[Cap, ...]
    bucket: str | None = None

    @property
    def is_unlimited(self) -> bool:
        """Whether no cap of the set has a limit; a set without caps gives nothing at all."""
        return bool(self.caps) and all(cap.limit is None for cap in self.caps)


@dataclass(frozen=True, slots=True)
class UsageView:
    """Where counters are looked up: the feature, the reader, the instant, and what the host reported instead.

    ``is_level`` says that one count stands against base and buckets together, as for seats; metered features keep a
    counter per bucket.
    """

    feature: str
    user: str | None
    at: datetime
    billing_anchor: datetime | None
    time_zone: str
    counters: Mapping[tuple[str, str | None, str], int]
    is_level: bool = False
    reported: Reported | None = None

    @property
    def counts_together(self) -> bool:
        """Whether base and buckets share one count: a level, or a number that the host reported."""
        return self.is_level or self.reported is not None

    def used(self, cap: Cap, period: Period | None, bucket: str | None) -> int:
        """Return the units used in the cap's window, zero where nothing was counted."""
        if bucket is not None and self.counts_together:
            return 0
        if isinstance(self.reported, int):
            return self.reported
        if self.reported is not None:
            return self.reported.get(cap.recurrence.value, 0)
        window = window_key(cap.recurrence, period)
        if bucket is not None:
            window = bucket if period is None else f"{bucket}:{window}"
        user = self.user if cap.scope is Scope.USER else None
        return self.counters.get((self.feature, user, window), 0)


@dataclass(frozen=True, slots=True)
class Room:
    """How much one cap set leaves, told by its tightest cap.

    ``left`` is the units up to the limit, ``ceiling_left`` the units up to where it refuses; ``None`` means any number.
    Both are negative when the use is already beyond.
    """

    source: Source
    used: int
    limit: int | None
    shown_limit: int | None
    left: int | None
    ceiling_left: int | None
    resets_at: datetime | None
    window_ends_at: datetime | None

    @property
    def gives_nothing(self) -> bool:
        """Whether there is no limit to use up: one of nothing, and no overage beyond it."""
        return self.limit == 0 and self.ceiling_left == self.left

    def admits(self, units: int) -> bool:
        """Whether that many units still fit."""
        return self.ceiling_left is None or units <= self.ceiling_left


def raise_caps(base: CapSet, added: tuple[Cap, ...], times: int) -> CapSet | None:
    """Return the base with ``added`` × ``times`` on top, ``None`` where the periods or scopes differ.

    Caps with different periods never add up: such an addition has to stay a bucket of its own.
    """
    extra = {(cap.recurrence, cap.scope): cap for cap in added}
    if not base.caps or extra.keys() != {(cap.recurrence, cap.scope) for cap in base.caps}:
        return None
    caps = tuple(_raise_cap(cap, extra[cap.recurrence, cap.scope], times) for cap in base.caps)
    return replace(base, caps=caps)


def rate_per_day(cap_set: CapSet) -> float:
    """Return the units a day that the tightest cap of the set allows; infinite when unlimited, 0 without caps."""
    if not cap_set.caps:
        return 0.0
    return min(float("inf") if cap.limit is None else cap.limit / _DAYS[cap.recurrence] for cap in cap_set.caps)


def room_of(cap_set: CapSet, usage: UsageView) -> Room:
    """Return the room that a cap set leaves: of its tightest cap, the one with the fewest units up to its ceiling."""
    if not cap_set.caps:
        return _cap_room(cap_set, _NOTHING, usage)
    rooms = [_cap_room(cap_set, cap, usage) for cap in cap_set.caps]
    if len(rooms) == 1:
        return rooms[0]
    tightest = min(rooms, key=_tightness)
    ends = [room.window_ends_at for room in rooms if room.window_ends_at is not None]
    return replace(tightest, window_ends_at=min(ends, default=None))


_NOTHING = Cap(limit=0)


def _raise_cap(cap: Cap, added: Cap, times: int) -> Cap:
    if cap.limit is None or added.limit is None:
        return replace(cap, limit=None)
    more = added.limit * times
    shown = None if cap.display_limit is None else cap.display_limit + more
    return replace(cap, limit=cap.limit + more, display_limit=shown)


def _cap_room(cap_set: CapSet, cap: Cap, usage: UsageView) -> Room:
    period = period_of(cap, usage.at, billing_anchor=usage.billing_anchor, time_zone=usage.time_zone)
    used = usage.used(cap, period, cap_set.bucket)
    left = None if cap.limit is None else cap.limit - used
    end = None if period is None else period.end
    return Room(
        source=cap_set.source,
        used=used,
        limit=cap.limit,
        shown_limit=cap.limit if cap.display_limit is None else cap.display_limit,
        left=left,
        ceiling_left=_ceiling_left(cap, left),
        resets_at=end,
        window_ends_at=end,
    )


def _ceiling_left(cap: Cap, left: int | None) -> int | None:
    if left is None or cap.enforcement is Enforcement.HARD:
        return left
    return None if cap.overage is None else left + cap.overage


def _tightness(room: Room) -> tuple[float, float]:
    endless = float("inf")
    return (
        endless if room.ceiling_left is None else room.ceiling_left,
        endless if room.left is None else room.left,
    )
