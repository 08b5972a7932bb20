"""When a limit starts anew because the customer moved up: found in the subscription's phases, so nothing has to run.

Only a plan that ranks higher than every one before it in the same period counts as moving up. Going down and up again
within a period therefore wins nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from liftgate.engine.catalogue_model import Plan, Snapshot, version_name
from liftgate.engine.customer_state import CustomerState, PlanPhase
from liftgate.engine.periods import Period

__all__ = ["Rung", "last_increase", "rungs_of"]

_ALWAYS = datetime.min.replace(tzinfo=UTC)
_NO_PLAN = -1


class Rung(NamedTuple):
    """A plan's rank, and from when on it was held."""

    since: datetime
    rank: int


def rungs_of(snapshot: Snapshot, state: CustomerState, at: datetime) -> tuple[Rung, ...]:
    """Return the ranks held up to an instant, in order; the first holds since ever."""
    return tuple(rung for rung in _all_rungs(snapshot, state) if rung.since <= at)


def last_increase(rungs: tuple[Rung, ...], period: Period) -> datetime | None:
    """Return when a rank above all earlier ones of the period was last reached within it, ``None`` for never.

    >>> november = Period(datetime(2026, 11, 1), datetime(2026, 12, 1))
    >>> ranks = {3: 2, 5: 1, 9: 2}
    >>> up_down_up = tuple(Rung(datetime(2026, 11, day), rank) for day, rank in ranks.items())
    >>> last_increase((Rung(datetime.min, 1), *up_down_up), november)
    datetime.datetime(2026, 11, 3, 0, 0)
    """
    highest, reached = _NO_PLAN, None
    for rung in rungs:
        if rung.since <= period.start:
            highest = rung.rank
        elif rung.since < period.end and rung.rank > highest:
            highest, reached = rung.rank, rung.since
    return reached


def _all_rungs(snapshot: Snapshot, state: CustomerState) -> Iterator[Rung]:
    default = snapshot.catalogue.plans.get(snapshot.catalogue.default_plan or "")
    without = _NO_PLAN if default is None else default.rank
    yield Rung(_ALWAYS, without)
    held_until: datetime | None = _ALWAYS
    for phase in sorted(state.phases, key=lambda phase: phase.starts_at):
        if not phase.status.gives_access:
            continue
        if held_until is not None and held_until < phase.starts_at:
            yield Rung(held_until, without)
        plan = _plan_of(snapshot, state, phase)
        if plan is not None:
            yield Rung(phase.starts_at, plan.rank)
        held_until = phase.ends_at
    if held_until is not None:
        yield Rung(held_until, without)


def _plan_of(snapshot: Snapshot, state: CustomerState, phase: PlanPhase) -> Plan | None:
    """Return the plan of a phase in its own version, or in today's where nobody keeps that version any more."""
    pinned = state.pinned_plans.get(version_name(phase.plan, phase.plan_version))
    return pinned or snapshot.catalogue.plans.get(phase.plan)
