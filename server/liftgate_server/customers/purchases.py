"""Selling: what a purchase costs a customer today, and letting the customer hold what was paid for."""

from __future__ import annotations

from dataclasses import replace

from liftgate.engine.catalogue_model import PricePer
from liftgate.engine.customer_state import SubscriptionStatus
from liftgate_server.customers import queries, transitions
from liftgate_server.customers.choices import (
    AddOnWish,
    PlanWish,
    Situation,
    check_currency,
    choose_addon,
    choose_plan,
    is_upgrade,
)
from liftgate_server.customers.early_moves import early_move, is_early_move, not_ended
from liftgate_server.customers.facts import Attribution, Subscription
from liftgate_server.customers.selling import check_addon_is_sold, check_plan_is_sold
from liftgate_server.customers.subscription_service import carry_out
from liftgate_server.customers.timeline import AddOnChoice, PlanChoice, Timeline
from liftgate_server.plumbing.errors import Conflict


def price_plan(environment_id: int, customer: str, wish: PlanWish) -> PlanChoice:
    """Return the plan with its price as the customer would get it now; raises when it is not for sale to them."""
    situation = queries.situation(environment_id, customer)
    check_plan_is_sold(situation, wish.plan)
    choice = early_move(situation, wish) or choose_plan(situation, replace(wish, must_have_price=True))
    _check_plan(situation, choice)
    return choice


def price_addon(environment_id: int, customer: str, wish: AddOnWish) -> AddOnChoice:
    """Return so many more of the add-on with their price; raises when they are not for sale to the customer."""
    situation = queries.situation(environment_id, customer)
    check_addon_is_sold(situation, wish.addon)
    choice = choose_addon(situation, replace(wish, quantity=wish.quantity + _held_quantity(situation, wish.addon)))
    _check_not_paused(situation)
    return replace(choice, quantity=wish.quantity)


def buy(
    environment_id: int, customer: str, choice: PlanChoice | AddOnChoice, *, attribution: Attribution
) -> Subscription:
    """Let the customer hold what was paid for, from now on and at that price.

    An add-on's quantity comes on top of what is held. Raises when a plan is no step up any more.
    """

    def hold(situation: Situation) -> Timeline:
        if isinstance(choice, AddOnChoice):
            return _with_more_of(situation, choice)
        _check_plan(situation, choice)
        if is_early_move(situation, choice):
            return transitions.change_version(situation.timeline, choice, at=situation.at)
        kept = transitions.keep_plan(situation.timeline, at=situation.at)
        return transitions.buy(kept, not_ended(situation, choice), at=situation.at)

    return carry_out(environment_id, customer, hold, attribution=attribution)


def _with_more_of(situation: Situation, choice: AddOnChoice) -> Timeline:
    _check_not_paused(situation)
    held = situation.timeline.addon_at(choice.addon, situation.at)
    total = choice.quantity + _held_quantity(situation, choice.addon)
    allowed = choose_addon(situation, AddOnWish(choice.addon, total, choice.interval, choice.currency))
    if held is None:
        return transitions.hold_addon(situation.timeline, choice, at=situation.at)
    if (allowed.addon_version, allowed.unit_amount) != (choice.addon_version, choice.unit_amount):
        # One phase has one price: raising the quantity would change what the customer pays for the others.
        raise Conflict("addon_changed", f"The customer has since taken '{choice.addon}' at another price.")
    return transitions.hold_addon(situation.timeline, allowed, at=situation.at)


def _check_plan(situation: Situation, choice: PlanChoice) -> None:
    check_currency(situation, choice.currency)
    _check_not_paused(situation)
    if is_early_move(situation, choice):
        return
    held = situation.plan
    buys_the_tried = held is not None and held.is_trial and held.choice.plan == choice.plan
    # Seats of a plan that is priced by the account cost nothing more, so an order would be paid for nothing.
    pays_again = held is not None and _differs_in_free_seats(held.choice, choice)
    if not buys_the_tried and (pays_again or not is_upgrade(situation, choice)):
        raise Conflict("not_an_upgrade", f"'{choice.plan}' is not more than what the customer has.")


def _differs_in_free_seats(held: PlanChoice, wanted: PlanChoice) -> bool:
    is_same = (held.plan, held.interval) == (wanted.plan, wanted.interval)
    return is_same and wanted.per is PricePer.ACCOUNT


def _check_not_paused(situation: Situation) -> None:
    held = situation.plan
    if held is not None and held.status is SubscriptionStatus.PAUSED:
        raise Conflict("subscription_paused", "The subscription is paused; it is resumed before anything is bought.")


def _held_quantity(situation: Situation, addon: str) -> int:
    held = situation.timeline.addon_at(addon, situation.at)
    return 0 if held is None else held.choice.quantity
