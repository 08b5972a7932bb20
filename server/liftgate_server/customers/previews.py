"""What a change of a subscription would do, told before it is made. Nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from liftgate_server.customers import queries, transitions
from liftgate_server.customers.choices import Situation, allowed_with
from liftgate_server.customers.mrr import mrr_at
from liftgate_server.customers.subscription_service import ChangeSubscription, StartSubscription, begun, changed
from liftgate_server.customers.timeline import PlanHolding, Timeline

__all__ = ["Preview", "preview_change", "preview_start"]


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be held. ``plan`` is the phase that comes about, beginning at ``takes_effect_at``.

    ``ending_addons`` are the keys of the add-ons that would end with it; ``mrr_before`` and ``mrr_after`` are what is
    paid per month now and from that instant on, in minor units.
    """

    plan: PlanHolding
    takes_effect_at: datetime
    is_immediate: bool
    is_change: bool
    ending_addons: tuple[str, ...]
    mrr_before: int
    mrr_after: int


def preview_start(environment_id: int, customer: str, command: StartSubscription) -> Preview:
    """Tell what beginning a subscription would do; raises where ``start_subscription`` would."""
    return _preview(environment_id, customer, lambda situation: begun(situation, command))


def preview_change(environment_id: int, customer: str, command: ChangeSubscription) -> Preview:
    """Tell what changing the subscription would do; raises where ``change_subscription`` would."""
    return _preview(environment_id, customer, lambda situation: changed(situation, command))


def _preview(environment_id: int, customer: str, transition: Callable[[Situation], Timeline]) -> Preview:
    situation = queries.situation(environment_id, customer)
    at, before = situation.at, situation.timeline
    after = transitions.end_addons_that_do_not_fit(transition(situation), at=at, allows=allowed_with(situation))
    plan = _what_comes(before, after, at)
    starts_at = max(plan.starts_at, at)
    paid_from = plan.ends_at if plan.is_trial and plan.ends_at is not None else starts_at
    return Preview(
        plan=plan,
        takes_effect_at=starts_at,
        is_immediate=starts_at == at,
        is_change=not after.is_same_as(before),
        ending_addons=_ending(before, after),
        mrr_before=mrr_at(before, at),
        mrr_after=mrr_at(after, paid_from),
    )


def _what_comes(before: Timeline, after: Timeline, at: datetime) -> PlanHolding:
    current, following = after.plan_at(at), after.plan_after(at)
    if current is None:
        raise ValueError("a change leaves something to hold")
    held = before.plan_at(at)
    is_later = held is not None and held.choice == current.choice and following is not None and not current.is_trial
    return following if is_later and following is not None else current


def _ending(before: Timeline, after: Timeline) -> tuple[str, ...]:
    """Return the add-ons that go on without an end now and would not any more."""
    going_on = {addon.choice.addon for addon in after.addons if addon.ends_at is None}
    ending = (addon.choice.addon for addon in before.addons if addon.ends_at is None)
    return tuple(key for key in dict.fromkeys(ending) if key not in going_on)
