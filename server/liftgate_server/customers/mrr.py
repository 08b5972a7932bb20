"""Monthly recurring revenue of a timeline: what is paid per month, and what a change of it is called. Pure.

Trials and pauses count nothing. A yearly amount is a twelfth of itself per month, rounded half to even, per phase.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from liftgate.engine.catalogue_model import Recurrence
from liftgate.engine.customer_state import SubscriptionStatus
from liftgate_server.customers.timeline import AddOnHolding, PlanHolding, Timeline, holds

_MONTHS_PER_YEAR = 12
_UNPAID = frozenset({SubscriptionStatus.TRIALING, SubscriptionStatus.PAUSED, SubscriptionStatus.CANCELED})


class MrrKind(StrEnum):
    """What a change of MRR is."""

    NEW = "new"
    EXPANSION = "expansion"
    CONTRACTION = "contraction"
    CHURN = "churn"
    REACTIVATION = "reactivation"


class MrrCause(StrEnum):
    """What happened to the subscription."""

    STARTED = "started"
    TRIAL_CONVERTED = "trial_converted"
    PLAN_CHANGED = "plan_changed"
    INTERVAL_CHANGED = "interval_changed"
    QUANTITY_CHANGED = "quantity_changed"
    ADDON_CHANGED = "addon_changed"
    PAUSED = "paused"
    RESUMED = "resumed"
    CANCELED = "canceled"
    VERSION_CHANGED = "version_changed"
    GRANDFATHERING_ENDED = "grandfathering_ended"


def monthly_amount(amount: int, interval: Recurrence) -> int:
    """Return the amount of one interval as an amount per month, rounded half to even.

    >>> monthly_amount(29000, Recurrence.YEAR), monthly_amount(30, Recurrence.YEAR), monthly_amount(42, Recurrence.YEAR)
    (2417, 2, 4)
    """
    if interval is not Recurrence.YEAR:
        return amount
    return round(Fraction(amount, _MONTHS_PER_YEAR))


def mrr_at(timeline: Timeline, at: datetime) -> int:
    """Return what is paid per month at the instant, add-ons included."""
    plan = timeline.plan_at(at)
    base = 0 if plan is None or plan.status in _UNPAID else _monthly(plan)
    return base + sum(_monthly(addon) for addon in timeline.addons_at(at))


def kind_of(before: int, after: int, *, paid_earlier: bool) -> MrrKind:
    """Name the change from one MRR to another; ``paid_earlier`` says whether there ever was any."""
    if before == 0:
        return MrrKind.REACTIVATION if paid_earlier else MrrKind.NEW
    if after == 0:
        return MrrKind.CHURN
    return MrrKind.EXPANSION if after > before else MrrKind.CONTRACTION


def cause_at(timeline: Timeline, at: datetime) -> MrrCause:
    """Tell what happens at a boundary of the timeline, by comparing what ends there with what begins."""
    before = next((plan for plan in timeline.plans if plan.starts_at < at and _reaches(plan, at)), None)
    cause = cause_between(before, timeline.plan_at(at))
    # Nobody chose it: the version before has ended.
    return MrrCause.GRANDFATHERING_ENDED if cause is MrrCause.VERSION_CHANGED else cause


def cause_between(before: PlanHolding | None, after: PlanHolding | None) -> MrrCause:
    """Tell what turned one plan phase into the other; with the same phase it was an add-on."""
    if before is None or after is None:
        return _cause_of_one_side(before, after)
    if before.status is not after.status and (cause := _cause_of_status(before, after)) is not None:
        return cause
    if before.choice.plan != after.choice.plan:
        return MrrCause.PLAN_CHANGED
    if before.choice.interval is not after.choice.interval:
        return MrrCause.INTERVAL_CHANGED
    if before.choice.plan_version != after.choice.plan_version:
        return MrrCause.VERSION_CHANGED
    return MrrCause.ADDON_CHANGED if before.choice == after.choice else MrrCause.QUANTITY_CHANGED


def _cause_of_one_side(before: PlanHolding | None, after: PlanHolding | None) -> MrrCause:
    if after is not None:
        return MrrCause.STARTED
    return MrrCause.ADDON_CHANGED if before is None else MrrCause.CANCELED


def _cause_of_status(before: PlanHolding, after: PlanHolding) -> MrrCause | None:
    if before.is_trial:
        return MrrCause.TRIAL_CONVERTED
    if after.status is SubscriptionStatus.PAUSED:
        return MrrCause.PAUSED
    return MrrCause.RESUMED if before.status is SubscriptionStatus.PAUSED else None


def _reaches(plan: PlanHolding, at: datetime) -> bool:
    return holds(plan, at) or plan.ends_at == at


def _monthly(holding: PlanHolding | AddOnHolding) -> int:
    return monthly_amount(holding.choice.amount, holding.choice.interval)
