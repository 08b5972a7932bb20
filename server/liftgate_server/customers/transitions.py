"""What a subscription becomes when it is started, changed, cancelled or kept: one pure function per transition.

Each takes a timeline and returns the new one; the past is never rewritten. An upgrade applies at once, a downgrade
begins at the period's end, and keeping the plan removes what was scheduled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from liftgate.engine.customer_state import SubscriptionStatus
from liftgate_server.customers.timeline import (
    AddOnChoice,
    AddOnHolding,
    PlanChoice,
    PlanHolding,
    Timeline,
    When,
    addons_until,
    holds,
    plans_until,
)

AllowsAddOn = Callable[[AddOnHolding, str], bool]
"""Whether an add-on may be held together with the plan of that key."""


def start(timeline: Timeline, choice: PlanChoice, *, at: datetime, trial_ends_at: datetime | None = None) -> Timeline:
    """Begin a subscription, with a trial first when its end is given. Billing periods start after the trial."""
    paid_from = at if trial_ends_at is None else trial_ends_at
    trial = () if trial_ends_at is None else (PlanHolding(choice, SubscriptionStatus.TRIALING, at, trial_ends_at),)
    paid = PlanHolding(choice, SubscriptionStatus.ACTIVE, paid_from)
    return replace(timeline, plans=(*plans_until(timeline, at), *trial, paid), anchor=paid_from)


def buy(timeline: Timeline, choice: PlanChoice, *, at: datetime) -> Timeline:
    """Hold and pay for the choice from now on. Buying during a trial ends the trial."""
    current = timeline.plan_at(at)
    if current is None or current.is_trial:
        return start(timeline, choice, at=at)
    return switch_now(timeline, choice, at=at)


def switch_now(timeline: Timeline, choice: PlanChoice, *, at: datetime) -> Timeline:
    """Replace the plan at once. A trial goes on with the new plan until its own end."""
    current = _current(timeline, at)
    before = plans_until(timeline, at)
    if current.is_trial:
        trial = replace(current, choice=choice, starts_at=at, id=None)
        return replace(timeline, plans=(*before, trial, _paid_after(trial)))
    # A year bought today runs a year from today; within one interval the billing day stays what it was.
    anchor = timeline.anchor if choice.interval is current.choice.interval else at
    return replace(timeline, plans=(*before, PlanHolding(choice, current.status, at)), anchor=anchor)


def change_version(timeline: Timeline, choice: PlanChoice, *, at: datetime) -> Timeline:
    """Hold another version of the same plan from now on; its end, and what follows it, stay as they are scheduled."""
    current = _current(timeline, at)
    running = replace(current, choice=choice, starts_at=at, id=None)
    following = tuple(
        replace(plan, choice=choice) if current.is_trial and plan.choice == current.choice else plan
        for plan in timeline.plans
        if plan.starts_at > at
    )
    return replace(timeline, plans=(*plans_until(timeline, at), running, *following))


def switch_later(timeline: Timeline, choice: PlanChoice, *, at: datetime) -> Timeline:
    """Keep the plan until the period's end and hold the choice from there."""
    current = _current(timeline, at)
    end = _period_end(timeline, at)
    status = SubscriptionStatus.ACTIVE if current.is_trial else current.status
    return replace(timeline, plans=(*_plans_with_end(timeline, at, end), PlanHolding(choice, status, end)))


def cancel(timeline: Timeline, *, at: datetime, when: When) -> Timeline:
    """End the plan and every add-on, now or when what is paid for ends."""
    if when is When.NOW:
        return replace(timeline, plans=plans_until(timeline, at), addons=addons_until(timeline.addons, at))
    if timeline.plan_at(at) is None:
        ended = [_ending(addon, timeline.addon_period_end(addon, at)) for addon in timeline.addons_at(at)]
        return replace(timeline, addons=(*_ended_addons(timeline, at), *ended))
    end = _period_end(timeline, at)
    ended = [_ending(addon, end, with_plan=True) for addon in timeline.addons_at(at)]
    return replace(timeline, plans=_plans_with_end(timeline, at, end), addons=(*_ended_addons(timeline, at), *ended))


def keep_plan(timeline: Timeline, *, at: datetime) -> Timeline:
    """Undo a scheduled change or end of the plan, and keep the add-ons that would have ended with it."""
    current = timeline.plan_at(at)
    addons = tuple(
        replace(addon, ends_at=None, ends_with_plan=False) if _would_end_with_plan(addon, at) else addon
        for addon in timeline.addons
    )
    if current is None:
        return replace(timeline, addons=addons)
    ended = tuple(plan for plan in timeline.plans if plan.starts_at < current.starts_at)
    if current.is_trial:
        return replace(timeline, plans=(*ended, current, _follower(timeline, current)), addons=addons)
    return replace(timeline, plans=(*ended, replace(current, ends_at=None)), addons=addons)


def undo(timeline: Timeline, *, at: datetime) -> Timeline:
    """Remove everything that is scheduled, for the plan and for the add-ons."""
    kept = keep_plan(timeline, at=at)
    reopened = tuple(replace(addon, ends_at=None, ends_with_plan=False) for addon in kept.addons_at(at))
    return replace(kept, addons=(*_ended_addons(kept, at), *reopened))


def set_status(timeline: Timeline, status: SubscriptionStatus, *, at: datetime) -> Timeline:
    """Put the running phase and what follows it into another state, from now on."""
    current = _current(timeline, at)
    running = replace(current, status=status, starts_at=at, id=None)
    following = (replace(plan, status=status) for plan in timeline.plans if plan.starts_at > at)
    return replace(timeline, plans=(*plans_until(timeline, at), running, *following))


def hold_addon(timeline: Timeline, choice: AddOnChoice, *, at: datetime) -> Timeline:
    """Hold the add-on in that quantity from now on, whatever was scheduled for it."""
    others, own = _split(timeline, choice.addon)
    anchor = at if timeline.anchor is None or not _holds_anything(timeline, at) else timeline.anchor
    addons = (*others, *addons_until(own, at), AddOnHolding(choice, at))
    return replace(timeline, addons=addons, anchor=anchor)


def keep_addon(timeline: Timeline, key: str, *, at: datetime) -> Timeline:
    """Undo a scheduled reduction of the add-on."""
    others, own = _split(timeline, key)
    kept = (replace(addon, ends_at=None, ends_with_plan=False) for addon in own if holds(addon, at))
    ended = (addon for addon in own if addon.ends_at is not None and addon.ends_at <= at)
    return replace(timeline, addons=(*others, *ended, *kept))


def reduce_addon_later(timeline: Timeline, key: str, quantity: int, *, at: datetime) -> Timeline:
    """Keep the add-on as it is until its period's end and hold ``quantity`` from there, or nothing when it is 0."""
    current = timeline.addon_at(key, at)
    if current is None:
        raise ValueError("an add-on that is not held cannot be reduced")
    end = timeline.addon_period_end(current, at)
    kept = keep_addon(timeline, key, at=at)
    others, own = _split(kept, key)
    cut = tuple(_ending(addon, end) if holds(addon, at) else addon for addon in own)
    less = (AddOnHolding(replace(current.choice, quantity=quantity), end),) if quantity else ()
    return replace(kept, addons=(*others, *cut, *less))


def end_addons_that_do_not_fit(timeline: Timeline, *, at: datetime, allows: AllowsAddOn) -> Timeline:
    """Let each add-on end where the plan does, or where a plan begins that it cannot be held with."""
    addons: list[AddOnHolding] = []
    for addon in timeline.addons:
        end = next((instant for instant, plan in _plans_from(timeline, at) if not _fits(addon, plan, allows)), None)
        if end is None or (addon.ends_at is not None and addon.ends_at <= end):
            addons.append(addon)
        elif addon.starts_at < end:
            addons.append(_ending(addon, end, with_plan=True))
    return replace(timeline, addons=tuple(addons))


def _fits(addon: AddOnHolding, plan: str | None, allows: AllowsAddOn) -> bool:
    return plan is not None and allows(addon, plan)


def _plans_from(timeline: Timeline, at: datetime) -> Iterator[tuple[datetime, str | None]]:
    """Yield each instant from ``at`` on with the plan that begins there, ``None`` where the subscription ends.

    Add-ons of a customer without a subscription go with the default plan, whose keeping nobody schedules.
    """
    end: datetime | None = None
    for plan in timeline.plans:
        if plan.ends_at is None or plan.ends_at > at:
            yield max(plan.starts_at, at), plan.choice.plan
            end = plan.ends_at
    if end is not None:
        yield end, None


def _current(timeline: Timeline, at: datetime) -> PlanHolding:
    current = timeline.plan_at(at)
    if current is None:
        raise ValueError("there is no subscription to change")
    return current


def _period_end(timeline: Timeline, at: datetime) -> datetime:
    period = timeline.period_at(at)
    if period is None:
        raise ValueError("there is no subscription, so there is no period")
    return period.end


def _paid_after(trial: PlanHolding) -> PlanHolding:
    if trial.ends_at is None:
        raise ValueError("a trial without an end is no trial")
    return PlanHolding(trial.choice, SubscriptionStatus.ACTIVE, trial.ends_at)


def _follower(timeline: Timeline, trial: PlanHolding) -> PlanHolding:
    """Return the paid phase after a trial: the stored one when it is already right, else a new one."""
    wanted = _paid_after(trial)
    stored = timeline.plan_after(trial.starts_at)
    if stored is not None and replace(stored, id=None) == wanted:
        return stored
    return wanted


def _plans_with_end(timeline: Timeline, at: datetime, end: datetime) -> tuple[PlanHolding, ...]:
    return tuple(
        replace(plan, ends_at=end) if holds(plan, at) else plan for plan in timeline.plans if plan.starts_at <= at
    )


def _ended_addons(timeline: Timeline, at: datetime) -> tuple[AddOnHolding, ...]:
    return tuple(addon for addon in timeline.addons if addon.ends_at is not None and addon.ends_at <= at)


def _ending(addon: AddOnHolding, end: datetime, *, with_plan: bool = False) -> AddOnHolding:
    """Let the add-on end there, unless it ends earlier already."""
    if addon.ends_at is not None and addon.ends_at <= end:
        return addon
    return replace(addon, ends_at=end, ends_with_plan=with_plan)


def _would_end_with_plan(addon: AddOnHolding, at: datetime) -> bool:
    return addon.ends_with_plan and addon.ends_at is not None and addon.ends_at > at


def _split(timeline: Timeline, key: str) -> tuple[tuple[AddOnHolding, ...], tuple[AddOnHolding, ...]]:
    others = tuple(addon for addon in timeline.addons if addon.choice.addon != key)
    return others, tuple(addon for addon in timeline.addons if addon.choice.addon == key)


def _holds_anything(timeline: Timeline, at: datetime) -> bool:
    return timeline.plan_at(at) is not None or bool(timeline.addons_at(at))
