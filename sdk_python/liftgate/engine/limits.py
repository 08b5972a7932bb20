"""Counted features: caps as sets, add-ons and promotions on top, and how much room is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from liftgate.engine.catalogue_model import (
    Cap,
    Enforcement,
    Feature,
    FeatureKind,
    OnUpgrade,
    Recurrence,
    Scope,
    Snapshot,
)
from liftgate.engine.customer_state import CustomerState
from liftgate.engine.decision import Source
from liftgate.engine.periods import Period, period_of, restarted_key, window_key
from liftgate.engine.restarts import Rung, last_increase, rungs_of

__all__ = [
    "NOTHING",
    "TRIAL_WINDOW",
    "CapSet",
    "Reported",
    "Room",
    "TrialUses",
    "UsageView",
    "add_up",
    "ceiling_of",
    "over_of",
    "raise_caps",
    "rate_per_day",
    "room_of",
    "shown_limit_of",
    "tightest",
    "view_of",
]

TRIAL_WINDOW = "trial:"
"""How the name of the window begins that counts the units of a trial by uses."""

NOTHING = Cap(limit=0)
"""What a source gives that names no cap."""

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
class TrialUses:
    """How many units a trial by uses lends in all, and since when they count; ``window`` names their counter."""

    window: str
    most: int
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class CapSet:
    """The caps of one source, all of which must hold. ``bucket`` names the counter of a separate allowance.

    ``restarts`` says that moving up to a higher plan begins the windows anew; ``uses`` is what ends a trial by uses.
    """

    source: Source
    caps: tuple[Cap, ...]
    bucket: str | None = None
    restarts: bool = False
    uses: TrialUses | None = None

    @property
    def is_unlimited(self) -> bool:
        """Whether no cap of the set has a limit; a set without caps gives nothing at all."""
        return bool(self.caps) and self.uses is None and all(cap.limit is None for cap in self.caps)


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
    rungs: tuple[Rung, ...] = ()

    @property
    def counts_together(self) -> bool:
        """Whether base and buckets share one count: a level, or a number that the host reported."""
        return self.is_level or self.reported is not None

    def period(self, cap: Cap) -> Period | None:
        """Return the period of a cap around the instant, ``None`` for one that never resets."""
        return period_of(cap, self.at, billing_anchor=self.billing_anchor, time_zone=self.time_zone)

    def window(self, cap_set: CapSet, cap: Cap, period: Period | None) -> tuple[str, datetime | None]:
        """Return the name of the window that a cap counts in, and since when that window counts."""
        key = window_key(cap.recurrence, period)
        if period is None:
            return cap_set.bucket or key, None
        if cap_set.bucket is not None:
            return f"{cap_set.bucket}:{key}", period.start
        since = last_increase(self.rungs, period) if cap_set.restarts and self.rungs else None
        return (key, period.start) if since is None else (restarted_key(key, since), since)

    def owner(self, cap: Cap) -> str | None:
        """Return the user whose counter a cap looks at, ``None`` for the account's."""
        return self.user if cap.scope is Scope.USER else None

    def used(self, cap_set: CapSet, cap: Cap, period: Period | None) -> int:
        """Return the units used in the cap's window, zero where nothing was counted."""
        if cap_set.bucket is not None and self.counts_together:
            return 0
        if isinstance(self.reported, int):
            return self.reported
        if self.reported is not None:
            return self.reported.get(cap.recurrence.value, 0)
        window, _ = self.window(cap_set, cap, period)
        return self.counters.get((self.feature, self.owner(cap), window), 0)


def view_of(
    snapshot: Snapshot,
    state: CustomerState,
    feature: Feature,
    *,
    at: datetime,
    user: str | None,
    reported: Reported | None = None,
) -> UsageView:
    """Return where the counters of a feature are looked up for one customer."""
    return UsageView(
        feature=feature.key,
        user=user,
        at=at,
        billing_anchor=state.billing_anchor,
        time_zone=snapshot.catalogue.time_zone,
        counters=state.usage,
        is_level=feature.kind is FeatureKind.CAPACITY,
        reported=reported,
        rungs=rungs_of(snapshot, state, at) if feature.on_upgrade is OnUpgrade.RESET else (),
    )


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
    window_starts_at: datetime | None = None

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
    rooms = [_cap_room(cap_set, cap, usage) for cap in cap_set.caps or (NOTHING,)]
    if cap_set.uses is not None and not usage.is_level:
        rooms.append(_uses_room(cap_set.source, cap_set.uses, usage))
    return tightest(rooms)


def tightest(rooms: list[Room]) -> Room:
    """Return the room that leaves the fewest units up to its ceiling; its window ends with the first of them all."""
    if len(rooms) == 1:
        return rooms[0]
    ends = [room.window_ends_at for room in rooms if room.window_ends_at is not None]
    return replace(min(rooms, key=_tightness), window_ends_at=min(ends, default=None))


def add_up(rooms: list[Room], *, together: bool) -> Room:
    """Add the base and the buckets beside it into one, told by the first.

    Where each keeps its own counter, an overdrawn one takes nothing from the others; ``together`` says that one count
    stands against all.
    """
    first = rooms[0]
    if len(rooms) == 1:
        return first
    least = None if together else 0
    return Room(
        source=first.source,
        used=sum(room.used for room in rooms),
        limit=_sum([room.limit for room in rooms]),
        shown_limit=_sum([room.shown_limit for room in rooms]),
        left=_sum([room.left for room in rooms], at_least=least),
        ceiling_left=_sum([room.ceiling_left for room in rooms], at_least=least),
        resets_at=first.resets_at,
        window_ends_at=first.window_ends_at,
        window_starts_at=first.window_starts_at,
    )


def over_of(rooms: list[Room], *, together: bool) -> int:
    """Return the units used beyond where the base and the buckets beside it refuse, 0 while any of them has room."""
    ceiling_left = add_up(rooms, together=together).ceiling_left
    if ceiling_left is None or ceiling_left > 0:
        return 0
    if together:
        return -ceiling_left
    return sum(-room.ceiling_left for room in rooms if room.ceiling_left is not None and room.ceiling_left < 0)


def ceiling_of(cap: Cap) -> int | None:
    """Return where a cap refuses, ``None`` for one that never does."""
    if cap.limit is None or cap.enforcement is Enforcement.HARD:
        return cap.limit
    return None if cap.overage is None else cap.limit + cap.overage


def shown_limit_of(cap: Cap) -> int | None:
    """Return the limit that readers are told."""
    return cap.limit if cap.display_limit is None else cap.display_limit


def _raise_cap(cap: Cap, added: Cap, times: int) -> Cap:
    if cap.limit is None or added.limit is None:
        return replace(cap, limit=None)
    more = added.limit * times
    shown = None if cap.display_limit is None else cap.display_limit + more
    return replace(cap, limit=cap.limit + more, display_limit=shown)


def _cap_room(cap_set: CapSet, cap: Cap, usage: UsageView) -> Room:
    period = usage.period(cap)
    used = usage.used(cap_set, cap, period)
    ceiling, end = ceiling_of(cap), None if period is None else period.end
    return Room(
        source=cap_set.source,
        used=used,
        limit=cap.limit,
        shown_limit=shown_limit_of(cap),
        left=None if cap.limit is None else cap.limit - used,
        ceiling_left=None if ceiling is None else ceiling - used,
        resets_at=end,
        window_ends_at=end,
        window_starts_at=None if period is None else period.start,
    )


def _uses_room(source: Source, uses: TrialUses, usage: UsageView) -> Room:
    used = usage.counters.get((usage.feature, None, uses.window), 0)
    left = uses.most - used
    return Room(source, used, uses.most, uses.most, left, left, None, None)


def _sum(numbers: list[int | None], *, at_least: int | None = None) -> int | None:
    total = 0
    for number in numbers:
        if number is None:
            return None
        total += number if at_least is None else max(at_least, number)
    return total


def _tightness(room: Room) -> tuple[float, float]:
    endless = float("inf")
    return (
        endless if room.ceiling_left is None else room.ceiling_left,
        endless if room.left is None else room.left,
    )
