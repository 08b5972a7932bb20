"""A timeline told as the subscription it is at one instant. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from liftgate.engine.catalogue_model import version_name
from liftgate.engine.wire_values import encode_instant
from liftgate_server.customers.facts import HeldAddOn, Subscription
from liftgate_server.customers.mrr import mrr_at
from liftgate_server.customers.timeline import AddOnHolding, PlanHolding, Timeline


def describe_subscription(customer: str, version: int, timeline: Timeline, *, at: datetime) -> Subscription:
    """Tell what is held at the instant, what is scheduled, and what is paid per month."""
    current = timeline.plan_at(at)
    ended = [plan for plan in timeline.plans if plan.ends_at is not None and plan.ends_at <= at]
    return Subscription(
        customer=customer,
        customer_version=version,
        current=current,
        last=ended[-1] if ended and current is None else None,
        scheduled=_scheduled(timeline, current, at),
        cancel_at=timeline.plans[-1].ends_at if current is not None else None,
        period=timeline.period_at(at),
        addons=tuple(HeldAddOn(addon, _scheduled_quantity(timeline, addon)) for addon in timeline.addons_at(at)),
        currency=timeline.currency_at(at),
        mrr=mrr_at(timeline, at),
    )


def in_short(timeline: Timeline, at: datetime) -> dict[str, Any]:
    """Tell what is held at the instant and from when on something else is, as the audit log keeps it."""
    current, following = timeline.plan_at(at), timeline.plan_after(at)
    return {
        "plan": None if current is None else _plan_in_short(current),
        "scheduled": None if following is None else _plan_in_short(following),
        "addons": {addon.choice.addon: _addon_in_short(addon) for addon in timeline.addons_at(at)},
        "mrr": mrr_at(timeline, at),
    }


def _plan_in_short(plan: PlanHolding) -> dict[str, Any]:
    choice = plan.choice
    return {
        "plan": version_name(choice.plan, choice.plan_version),
        "status": plan.status.value,
        "interval": choice.interval.value,
        "quantity": choice.quantity,
        "amount": choice.amount,
        "currency": choice.currency,
        "starts_at": encode_instant(plan.starts_at),
        "ends_at": encode_instant(plan.ends_at),
    }


def _addon_in_short(addon: AddOnHolding) -> dict[str, Any]:
    return {"quantity": addon.choice.quantity, "ends_at": encode_instant(addon.ends_at)}


def _scheduled(timeline: Timeline, current: PlanHolding | None, at: datetime) -> PlanHolding | None:
    following = timeline.plan_after(at)
    if current is not None and following is not None and current.is_trial and following.choice == current.choice:
        return None  # the paid phase after a trial is its ordinary course
    return following


def _scheduled_quantity(timeline: Timeline, addon: AddOnHolding) -> int | None:
    if addon.ends_at is None:
        return None
    following = timeline.addon_at(addon.choice.addon, addon.ends_at)
    return 0 if following is None else following.choice.quantity
