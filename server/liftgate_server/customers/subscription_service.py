"""Changes of subscriptions: one transaction each, in which the phases, the MRR ledger and the version agree."""

# size: the one place where phases, ledger and version meet; each of the nine siblings is one import

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from liftgate.engine.catalogue_model import Recurrence
from liftgate.engine.customer_state import SubscriptionStatus
from liftgate_server.customers import transitions
from liftgate_server.customers.catching_up import catch_up
from liftgate_server.customers.choices import (
    AddOnWish,
    PlanWish,
    Situation,
    allowed_with,
    choose_addon,
    choose_current_version,
    choose_plan,
    is_upgrade,
)
from liftgate_server.customers.describing import describe_subscription, in_short
from liftgate_server.customers.endings import endings_of
from liftgate_server.customers.facts import Attribution, Subscription
from liftgate_server.customers.incentives import Move, give_incentive
from liftgate_server.customers.ledger import book_change, next_change
from liftgate_server.customers.mrr import cause_between
from liftgate_server.customers.rows import load_timeline, store_timeline
from liftgate_server.customers.selling import check_addon_is_sold, check_plan_is_sold, trial_days_of
from liftgate_server.customers.service import lock_customer, raise_version
from liftgate_server.customers.timeline import PlanChoice, PlanHolding, Timeline, When
from liftgate_server.plumbing.audit import write_entry
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.db import transaction
from liftgate_server.plumbing.errors import Conflict

Transition = Callable[[Situation], Timeline]


@dataclass(frozen=True, slots=True)
class StartSubscription:
    plan: str
    interval: Recurrence
    currency: str | None = None
    quantity: int | None = None
    trial_days: int | None = None
    trial: bool = False


@dataclass(frozen=True, slots=True)
class ChangeSubscription:
    """``None`` keeps what is held. ``to_current_version`` takes today's version of the plan and nothing else."""

    plan: str | None = None
    interval: Recurrence | None = None
    quantity: int | None = None
    to_current_version: bool = False


def start_subscription(environment_id: int, customer: str, command: StartSubscription) -> Subscription:
    """Begin a subscription, tried first for ``trial_days`` or as the plan's ``trial`` says, and paid from then on."""
    return carry_out(environment_id, customer, lambda situation: begun(situation, command))


def begun(situation: Situation, command: StartSubscription) -> Timeline:
    """Return what becomes of the customer when the subscription begins; raises when it cannot."""
    if situation.plan is not None:
        raise Conflict("already_subscribed", "The customer has a subscription; change it instead.")
    check_plan_is_sold(situation, command.plan)
    wish = PlanWish(command.plan, command.interval, command.currency, command.quantity)
    trial_days = trial_days_of(situation, command.plan) if command.trial else command.trial_days
    trial_ends_at = situation.at + timedelta(days=trial_days) if trial_days else None
    return transitions.start(
        situation.timeline, choose_plan(situation, wish), at=situation.at, trial_ends_at=trial_ends_at
    )


def change_subscription(environment_id: int, customer: str, command: ChangeSubscription) -> Subscription:
    """Change plan, interval or quantity: more at once, less from the period's end on.

    Choosing what is held already undoes a change or cancellation that was scheduled.
    """
    return carry_out(environment_id, customer, lambda situation: changed(situation, command))


def changed(situation: Situation, command: ChangeSubscription) -> Timeline:
    """Return what becomes of the customer when the subscription is changed; raises when it cannot be."""
    held = _subscribed(situation).choice
    if command.to_current_version:
        return _in_current_version(situation, held)
    check_plan_is_sold(situation, command.plan or held.plan)
    wish = PlanWish(command.plan or held.plan, command.interval, quantity=command.quantity)
    choice = choose_plan(situation, wish)
    if choice.is_same_as(held):
        return transitions.keep_plan(situation.timeline, at=situation.at)
    # The new choice is made from the plan as it is held, so what was scheduled before does not linger.
    kept = transitions.keep_plan(situation.timeline, at=situation.at)
    switch = transitions.switch_now if is_upgrade(situation, choice) else transitions.switch_later
    return switch(kept, choice, at=situation.at)


def _in_current_version(situation: Situation, held: PlanChoice) -> Timeline:
    """Return the timeline with today's version of the plan at once; what was scheduled for the plan stays scheduled."""
    choice = choose_current_version(situation, held)
    if choice == held:
        return situation.timeline
    return transitions.change_version(situation.timeline, choice, at=situation.at)


def set_addon(environment_id: int, customer: str, *, addon: str, quantity: int) -> Subscription:
    """Hold an add-on in that quantity: more at once, less (or none) from its period's end on."""

    def change(situation: Situation) -> Timeline:
        held = situation.timeline.addon_at(addon, situation.at)
        if held is not None and quantity < held.choice.quantity:
            return transitions.reduce_addon_later(situation.timeline, addon, quantity, at=situation.at)
        if held is not None and quantity == held.choice.quantity:
            return transitions.keep_addon(situation.timeline, addon, at=situation.at)
        if quantity == 0:
            raise Conflict("addon_not_held", f"The customer does not hold '{addon}'.")
        check_addon_is_sold(situation, addon)
        choice = choose_addon(situation, AddOnWish(addon, quantity))
        return transitions.hold_addon(situation.timeline, choice, at=situation.at)

    return carry_out(environment_id, customer, change)


def cancel_subscription(environment_id: int, customer: str, *, when: When) -> Subscription:
    """End the plan and all add-ons, now or at the period's end."""

    def end(situation: Situation) -> Timeline:
        timeline, at = situation.timeline, situation.at
        if situation.plan is None and not timeline.addons_at(at):
            raise _not_subscribed()
        return transitions.cancel(timeline, at=at, when=when)

    return carry_out(environment_id, customer, end)


def end_everything(environment_id: int, customer: str) -> Subscription:
    """End the plan and all add-ons now, where there are any, because the account goes."""
    return carry_out(
        environment_id,
        customer,
        lambda situation: transitions.cancel(situation.timeline, at=situation.at, when=When.NOW),
    )


def undo_scheduled_changes(environment_id: int, customer: str) -> Subscription:
    """Keep the plan and the add-ons as they are now, whatever was scheduled for them."""

    def keep(situation: Situation) -> Timeline:
        kept = transitions.undo(situation.timeline, at=situation.at)
        if kept.is_same_as(situation.timeline):
            raise Conflict("nothing_to_undo", "Nothing is scheduled for this subscription.")
        return kept

    return carry_out(environment_id, customer, keep)


def set_status(environment_id: int, customer: str, status: SubscriptionStatus) -> Subscription:
    """Mark the subscription as past due, paused or active again."""

    def mark(situation: Situation) -> Timeline:
        held = _subscribed(situation)
        if held.is_trial:
            raise Conflict("subscription_trialing", "A trial is neither past due nor paused; cancel it instead.")
        if held.status is status:
            return situation.timeline
        return transitions.set_status(situation.timeline, status, at=situation.at)

    return carry_out(environment_id, customer, mark)


def carry_out(
    environment_id: int, customer: str, transition: Transition, *, attribution: Attribution | None = None
) -> Subscription:
    """Apply a transition to the customer as it is now, with everything that goes with a change of what is held."""
    with transaction(environment_id) as session:
        row = lock_customer(session, environment_id, customer)
        # Two servers' clocks differ a little; a customer's history never runs backwards.
        at = max(now(), row.changed_at or row.created_at)
        endings = endings_of(environment_id)
        before = catch_up(session, row, endings, at=at)
        situation = Situation(environment_id, customer, row.currency, before, at)
        after = transitions.end_addons_that_do_not_fit(transition(situation), at=at, allows=allowed_with(situation))
        if not after.is_same_as(before):
            store_timeline(session, row, after)
            row.currency = after.currency_at(at) or row.currency
            row.changed_at = at
            row.next_change_at = next_change(after, at)
            cause = cause_between(before.plan_at(at), after.plan_at(at))
            book_change(session, row, after, at=at, cause=cause, attribution=attribution)
            give_incentive(session, row, Move(before.plan_at(at), after.plan_at(at), at), endings)
            write_entry(
                environment_id,
                "subscription.changed",
                subject=f"customer:{customer}",
                before=in_short(before, at),
                after=in_short(after, at),
            )
            raise_version(row, at)
        session.flush()
        return describe_subscription(row.id, row.version, load_timeline(session, row), at=at)


def _subscribed(situation: Situation) -> PlanHolding:
    if situation.plan is None:
        raise _not_subscribed()
    return situation.plan


def _not_subscribed() -> Conflict:
    return Conflict("not_subscribed", "The customer has no subscription.")
