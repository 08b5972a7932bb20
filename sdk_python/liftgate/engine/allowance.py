"""From what a customer holds to the allowance of one counted feature: the same caps and windows that a check judges."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from liftgate.engine.access import Access, resolve_access
from liftgate.engine.allowance_model import BASE, Allowance, Bucket, Window
from liftgate.engine.catalogue_model import Cap, Recurrence, Scope, Snapshot
from liftgate.engine.customer_state import CustomerState
from liftgate.engine.decision import Source, SourceKind
from liftgate.engine.holdings import hold, next_boundary
from liftgate.engine.limits import (
    NOTHING,
    CapSet,
    Room,
    UsageView,
    ceiling_of,
    rate_per_day,
    room_of,
    shown_limit_of,
    view_of,
)

__all__ = ["BASE", "Allowance", "Bucket", "Window", "allowance_of"]

_ALL = 100
_NO_SOURCE = CapSet(Source(SourceKind.DEFAULT_PLAN, ""), ())


def allowance_of(
    snapshot: Snapshot, state: CustomerState, feature: str, *, at: datetime, user: str | None
) -> Allowance | None:
    """Return what the customer may use of a feature at an instant, ``None`` for one that is unknown or not counted.

    Where nothing is included, or a revoke took it away, the allowance is of nothing and has the windows all the same:
    what is recorded after the fact is never refused and has to be counted somewhere.
    """
    declared = snapshot.catalogue.features.get(feature)
    if declared is None or not declared.kind.is_counted:
        return None
    access = resolve_access(declared, hold(snapshot, state, at))
    view = view_of(snapshot, state, declared, at=at, user=user)
    maker = _Maker(access, view)
    buckets = maker.level() if view.is_level else maker.metered()
    ends = [window.ends_at for bucket in buckets for window in bucket.windows()]
    return Allowance(
        feature=feature,
        kind=declared.kind,
        buckets=buckets,
        valid_until=_earliest([*ends, next_boundary(snapshot, state, feature, at)]),
        needs_user=user is None and _counts_users(access),
    )


@dataclass(frozen=True, slots=True)
class _Maker:
    access: Access
    view: UsageView

    def metered(self) -> tuple[Bucket, ...]:
        """Return the base and the buckets beside it, the one that ends first in front."""
        alternatives, beside = self.access.cap_sets()
        if self.access.revoke is not None:
            return (self._closed(alternatives),)
        if not alternatives and not beside:
            return (self._nothing(),)
        buckets = [self._base(alternatives)] if alternatives else []
        buckets += [self._beside(cap_set) for cap_set in beside]
        return tuple(sorted(buckets, key=_burns))

    def level(self) -> tuple[Bucket, ...]:
        """Return one bucket: a level stands against everything together, so what is on top raises each alternative."""
        alternatives, beside = self.access.cap_sets()
        if self.access.revoke is not None:
            return (self._closed(alternatives),)
        if not alternatives and not beside:
            return (self._nothing(),)
        base = self._base(alternatives or (CapSet(beside[0].source, ()),))
        added = [room_of(cap_set, self.view) for cap_set in beside]
        raised = tuple(tuple(_raise(window, added) for window in windows) for windows in base.alternatives)
        return (replace(base, alternatives=_freed(raised)),)

    def _base(self, alternatives: tuple[CapSet, ...]) -> Bucket:
        # The order in which a check chooses: unlimited first, then the higher rate a day, then the plan.
        preferred = sorted(
            alternatives, key=lambda cap_set: (cap_set.is_unlimited, rate_per_day(cap_set)), reverse=True
        )
        windows = tuple(self._windows(cap_set) for cap_set in preferred)
        ends_at = _earliest(window.ends_at for alternative in windows for window in alternative)
        return Bucket(BASE, _freed(windows), ends_at, tuple(cap_set.source for cap_set in preferred))

    def _beside(self, cap_set: CapSet) -> Bucket:
        windows = self._windows(cap_set)
        ends_at = _earliest([cap_set.source.ends_at, *(window.ends_at for window in windows)])
        return Bucket(cap_set.bucket or "", (windows,), ends_at, (cap_set.source,))

    def _closed(self, alternatives: tuple[CapSet, ...]) -> Bucket:
        if not alternatives:
            return self._nothing()
        base = self._base(alternatives)
        closed = tuple(tuple(_without_limit(window, 0) for window in windows) for windows in base.alternatives)
        return replace(base, alternatives=closed)

    def _nothing(self) -> Bucket:
        """Return a base of nothing: it counts per calendar month, so that a plan bought later finds the use there."""
        if self.view.is_level:
            return Bucket(BASE, ((self._window(_NO_SOURCE, NOTHING),),), None)
        month = self._window(_NO_SOURCE, replace(NOTHING, recurrence=Recurrence.MONTH))
        return Bucket(BASE, ((month,),), month.ends_at)

    def _windows(self, cap_set: CapSet) -> tuple[Window, ...]:
        windows = [self._window(cap_set, cap) for cap in cap_set.caps or (NOTHING,)]
        uses = cap_set.uses
        if uses is not None and not self.view.is_level:
            # Without an end: the trial's own is a boundary of the state, and the units do not come back with it.
            windows.append(Window(uses.window, None, uses.starts_at, None, uses.most, uses.most, uses.most))
        return tuple(windows)

    def _window(self, cap_set: CapSet, cap: Cap) -> Window:
        period = self.view.period(cap)
        key, starts_at = self.view.window(cap_set, cap, period)
        return Window(
            key=key,
            user=self.view.owner(cap),
            starts_at=starts_at,
            ends_at=None if period is None else period.end,
            limit=cap.limit,
            ceiling=ceiling_of(cap),
            shown_limit=shown_limit_of(cap),
            # All of the limit is a threshold whether or not somebody wrote it down.
            warn_at=tuple(percent for percent in cap.warn_at if percent < _ALL),
        )


def _raise(window: Window, added: list[Room]) -> Window:
    return replace(
        window,
        limit=_sum([window.limit, *(room.limit for room in added)]),
        ceiling=_sum([window.ceiling, *(room.ceiling_left for room in added)]),
        shown_limit=_sum([window.shown_limit, *(room.shown_limit for room in added)]),
    )


def _freed(alternatives: tuple[tuple[Window, ...], ...]) -> tuple[tuple[Window, ...], ...]:
    """Lift every limit where one alternative has none: it absorbs the others, which go on counting."""
    unlimited, *others = alternatives
    if any(window.limit is not None for window in unlimited):
        return alternatives
    return unlimited, *(tuple(_without_limit(window, None) for window in windows) for windows in others)


def _without_limit(window: Window, limit: int | None) -> Window:
    return replace(window, limit=limit, ceiling=limit, shown_limit=limit, warn_at=())


def _burns(bucket: Bucket) -> tuple[bool, float]:
    # What has no end burns last. The sort is stable, so the base comes first among those that end together.
    return bucket.ends_at is None, 0.0 if bucket.ends_at is None else bucket.ends_at.timestamp()


def _counts_users(access: Access) -> bool:
    return any(cap.scope is Scope.USER for given in access.contributions for cap in given.entitlement.caps)


def _sum(numbers: Iterable[int | None]) -> int | None:
    total = 0
    for number in numbers:
        if number is None:
            return None
        total += number
    return total


def _earliest(moments: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)
