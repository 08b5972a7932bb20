"""How long the grace above a limit lasts: counted from when the limit fell below what is used, found in the state."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from liftgate.engine.access import resolve_access
from liftgate.engine.catalogue_model import Feature, Snapshot
from liftgate.engine.customer_state import CustomerState
from liftgate.engine.holdings import hold, past_boundaries
from liftgate.engine.limits import UsageView
from liftgate.engine.measuring import measure
from liftgate.engine.restarts import rungs_of

__all__ = ["grace_end"]

_JUST_BEFORE = timedelta(microseconds=1)
_ALL = 100

# Every step back judges the feature once more; nobody's subscription changed that often within a grace.
_MOST_STEPS = 100


def grace_end(
    snapshot: Snapshot, state: CustomerState, feature: Feature, usage: UsageView, *, counted_since: datetime | None
) -> datetime | None:
    """Return when the grace ends, ``None`` where nothing tells when it began: then it has no end.

    It begins where the limit fell below the present use, not before the window that counts (``counted_since``), and
    not before the use reached the limit, where that was noted.
    """
    days = feature.over_limit.grace_days
    begins = (_limit_fell(snapshot, state, feature, usage), _limit_reached(state, usage), counted_since)
    known = [moment for moment in begins if moment is not None]
    return max(known) + timedelta(days=days) if days is not None and known else None


def _limit_fell(snapshot: Snapshot, state: CustomerState, feature: Feature, usage: UsageView) -> datetime | None:
    """Return since when every limit was below the present use; with more in use, that was no later."""
    boundaries = past_boundaries(snapshot, state, feature.key, usage.at)[:_MOST_STEPS]
    for moment in boundaries:
        if not _was_over(snapshot, state, feature, replace(usage, at=moment - _JUST_BEFORE)):
            return moment
    return boundaries[-1] if boundaries else None


def _was_over(snapshot: Snapshot, state: CustomerState, feature: Feature, usage: UsageView) -> bool:
    """Whether the present use was above what was held at the instant of the view."""
    access = resolve_access(feature, hold(snapshot, state, usage.at))
    view = replace(usage, rungs=rungs_of(snapshot, state, usage.at)) if usage.rungs else usage
    measured = measure(access, view, 0)
    return measured is None or measured.over > 0


def _limit_reached(state: CustomerState, usage: UsageView) -> datetime | None:
    if usage.reported is not None:
        return None
    reached = (
        crossed.at
        for crossed in state.crossings
        if crossed.feature == usage.feature and crossed.percent == _ALL and crossed.user in (None, usage.user)
    )
    return max((moment for moment in reached if moment <= usage.at), default=None)
