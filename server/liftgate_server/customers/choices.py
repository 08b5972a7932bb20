"""What somebody asks to hold becomes a choice: the version and the price come from the catalogue, never from outside.

A customer keeps the version it has of a plan or add-on while that can still be had in the interval asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from liftgate.engine.catalogue_model import AddOn, Plan, Price, PricePer, Recurrence, Snapshot
from liftgate_server.catalog import queries as catalog
from liftgate_server.customers.timeline import (
    LARGEST_AMOUNT,
    AddOnChoice,
    AddOnHolding,
    PlanChoice,
    PlanHolding,
    Timeline,
)
from liftgate_server.plumbing.errors import Conflict, FieldError, Invalid

# ISO 4217 for "no currency": a plan without a price in a catalogue without prices.
_NO_CURRENCY = "XXX"

Choice = TypeVar("Choice", PlanChoice, AddOnChoice)


@dataclass(frozen=True, slots=True)
class Situation:
    """A customer at the instant of a change, before it. ``currency`` is the one the host named for the account."""

    environment_id: int
    customer: str
    currency: str | None
    timeline: Timeline
    at: datetime

    @property
    def plan(self) -> PlanHolding | None:
        return self.timeline.plan_at(self.at)

    def snapshot(self) -> Snapshot:
        return catalog.current_snapshot(self.environment_id)

    def plan_key(self) -> str | None:
        """Return the plan the customer is on: the subscribed one, else the catalogue's default."""
        return self.plan.choice.plan if self.plan is not None else self.snapshot().catalogue.default_plan


@dataclass(frozen=True, slots=True)
class PlanWish:
    """A plan asked for. ``None`` keeps what is held, or takes what is usual; what is bought ``must_have_price``."""

    plan: str
    interval: Recurrence | None = None
    currency: str | None = None
    quantity: int | None = None
    must_have_price: bool = False


@dataclass(frozen=True, slots=True)
class AddOnWish:
    """An add-on asked for, in the quantity to hold in all."""

    addon: str
    quantity: int
    interval: Recurrence | None = None
    currency: str | None = None


def choose_plan(situation: Situation, wish: PlanWish) -> PlanChoice:
    """Return the plan asked for with its version and price; raises when it cannot be had."""
    held = situation.plan
    interval = wish.interval or (held.choice.interval if held is not None else Recurrence.MONTH)
    quantity = wish.quantity or (held.choice.quantity if held is not None else 1)
    if held is not None and (held.choice.plan, held.choice.interval) == (wish.plan, interval):
        check_currency(situation, wish.currency)
        return _affordable(
            replace(held.choice, quantity=_seats(wish, held.choice.per, held.choice.unit_amount, quantity))
        )
    kept = _kept_plan(situation, held, wish.plan)
    current, version = _current_plan(situation, wish.plan)
    for plan, number in (kept, (current, version)):
        price = None if plan is None else _price(situation, plan.prices, interval, wish.currency)
        if price is not None:
            seats = _seats(wish, price.per, price.amount, quantity)
            return _affordable(PlanChoice(wish.plan, number, interval, price.currency, seats, price.amount, price.per))
    if current is None:
        raise _unknown("plan", wish.plan)
    if current.prices or wish.must_have_price:
        raise _no_price("plan", wish.plan, interval)
    # A plan that nobody pays for, such as the free one, is held in whatever currency the customer has.
    currency = _wanted_currency(situation, wish.currency) or _usual_currency(situation)
    return PlanChoice(wish.plan, version, interval, currency, quantity, unit_amount=0)


def choose_current_version(situation: Situation, held: PlanChoice) -> PlanChoice:
    """Return what is held in today's version of the plan, at its price; raises where it has none for the interval."""
    plan, version = _current_plan(situation, held.plan)
    if plan is None:
        raise _unknown("plan", held.plan)
    if version == held.plan_version:
        return held
    price = _price(situation, plan.prices, held.interval, held.currency)
    if price is None and (plan.prices or held.amount):
        raise _no_price("plan", held.plan, held.interval)
    if price is None:
        return replace(held, plan_version=version)
    quantity = held.quantity if price.per is PricePer.SEAT else 1
    return _affordable(replace(held, plan_version=version, unit_amount=price.amount, per=price.per, quantity=quantity))


def choose_addon(situation: Situation, wish: AddOnWish) -> AddOnChoice:
    """Return the add-on asked for with its version and price; raises when it cannot be had with the plan."""
    held = situation.timeline.addon_at(wish.addon, situation.at)
    addon, version = _addon(situation, held, wish.addon)
    _check_addon(situation, addon, wish.quantity)
    if held is not None:
        check_currency(situation, wish.currency)
        if wish.interval not in {None, held.choice.interval}:
            raise Conflict(
                "interval_mismatch", f"The customer holds '{wish.addon}' per {held.choice.interval} already."
            )
        return _affordable(replace(held.choice, quantity=wish.quantity))
    for interval in _intervals(situation, wish):
        price = _price(situation, addon.prices, interval, wish.currency)
        if price is not None:
            return _affordable(AddOnChoice(wish.addon, version, interval, price.currency, wish.quantity, price.amount))
    raise _no_price("addon", wish.addon, _intervals(situation, wish)[0])


def is_upgrade(situation: Situation, wanted: PlanChoice) -> bool:
    """Tell whether the choice is more than what is held: a higher rank, or of the same plan more and nothing less."""
    current = situation.plan
    if current is None or current.choice.plan != wanted.plan:
        return _rank(situation, wanted.plan, wanted.plan_version) > _current_rank(situation)
    held = current.choice
    is_longer, is_shorter = (
        (held.interval, wanted.interval) == pair
        for pair in ((Recurrence.MONTH, Recurrence.YEAR), (Recurrence.YEAR, Recurrence.MONTH))
    )
    if is_shorter or wanted.quantity < held.quantity:
        return False
    return is_longer or wanted.quantity > held.quantity


def allowed_with(situation: Situation) -> Callable[[AddOnHolding, str], bool]:
    """Return the rule of which add-on may be held with which plan, by the version of the add-on that is held."""

    def allows(holding: AddOnHolding, plan: str) -> bool:
        addon, _ = _addon(situation, holding, holding.choice.addon)
        return addon.plans is None or plan in addon.plans

    return allows


def check_currency(situation: Situation, currency: str | None) -> None:
    """Refuse a second currency while something is paid for."""
    held = situation.timeline.currency_at(situation.at)
    if held is not None and currency not in {None, held}:
        raise Conflict("currency_mismatch", f"The customer pays in {held} and keeps it while something is subscribed.")


def _seats(wish: PlanWish, per: PricePer, unit_amount: int, quantity: int) -> int:
    """Return the seats that are paid for: a price by the account is for one, however many seats another plan had."""
    if per is PricePer.SEAT or not unit_amount:
        return quantity
    if wish.quantity not in {None, 1}:
        message = f"'{wish.plan}' is priced by the account, so there is no quantity of it."
        raise Invalid("invalid_request", message, errors=[FieldError("quantity", "not_allowed", message)])
    return 1


def _kept_plan(situation: Situation, held: PlanHolding | None, plan: str) -> tuple[Plan | None, int]:
    if held is None or held.choice.plan != plan:
        return None, 0
    number = held.choice.plan_version
    return catalog.plan_version(situation.environment_id, plan, number), number


def _current_plan(situation: Situation, plan: str) -> tuple[Plan | None, int]:
    snapshot = situation.snapshot()
    return snapshot.catalogue.plans.get(plan), snapshot.plan_versions.get(plan, 0)


def _addon(situation: Situation, held: AddOnHolding | None, key: str) -> tuple[AddOn, int]:
    snapshot = situation.snapshot()
    version = snapshot.addon_versions.get(key)
    if held is not None and held.choice.addon_version != version:
        version = held.choice.addon_version
        return catalog.addon_version(situation.environment_id, key, version), version
    addon = snapshot.catalogue.addons.get(key)
    if addon is None or version is None:
        raise _unknown("addon", key)
    return addon, version


def _check_addon(situation: Situation, addon: AddOn, quantity: int) -> None:
    plan = situation.plan_key()
    if plan is None or (addon.plans is not None and plan not in addon.plans):
        raise Conflict("addon_not_allowed", f"The add-on '{addon.key}' cannot be held with the plan '{plan}'.")
    if quantity > addon.max_quantity:
        message = f"At most {addon.max_quantity} of '{addon.key}' can be held; this would make {quantity}."
        raise Invalid("max_quantity_exceeded", message, errors=[FieldError("quantity", "out_of_range", message)])


def _intervals(situation: Situation, wish: AddOnWish) -> tuple[Recurrence, ...]:
    if wish.interval is not None:
        return (wish.interval,)
    first = Recurrence.MONTH if situation.plan is None else situation.plan.choice.interval
    return (first, Recurrence.YEAR if first is Recurrence.MONTH else Recurrence.MONTH)


def _price(situation: Situation, prices: tuple[Price, ...], interval: Recurrence, asked: str | None) -> Price | None:
    currency = _wanted_currency(situation, asked)
    return next((price for price in prices if price.interval is interval and currency in {None, price.currency}), None)


def _wanted_currency(situation: Situation, asked: str | None) -> str | None:
    check_currency(situation, asked)
    return asked or situation.timeline.currency_at(situation.at) or situation.currency


def _usual_currency(situation: Situation) -> str:
    plans = situation.snapshot().catalogue.plans.values()
    return next((price.currency for plan in plans for price in plan.prices), _NO_CURRENCY)


def _current_rank(situation: Situation) -> float:
    current = situation.plan
    if current is not None:
        return _rank(situation, current.choice.plan, current.choice.plan_version)
    default = situation.snapshot().catalogue.default_plan
    return float("-inf") if default is None else _rank(situation, default, 0)


def _rank(situation: Situation, plan: str, version: int) -> int:
    """Return the plan's rank of today; a plan that is no longer offered keeps the rank it had."""
    offered, _ = _current_plan(situation, plan)
    return (offered or catalog.plan_version(situation.environment_id, plan, version)).rank


def _affordable(choice: Choice) -> Choice:
    if choice.amount > LARGEST_AMOUNT:
        message = "The price of that many cannot be stated exactly."
        raise Invalid("amount_too_large", message, errors=[FieldError("quantity", "out_of_range", message)])
    return choice


def _unknown(field: str, key: str) -> Invalid:
    message = f"The catalogue has no {'plan' if field == 'plan' else 'add-on'} '{key}'."
    return Invalid(f"unknown_{field}", message, errors=[FieldError(field, "unknown_reference", message)])


def _no_price(field: str, key: str, interval: Recurrence) -> Invalid:
    message = f"'{key}' has no price per {interval} in the currency asked for."
    return Invalid("no_price", message, errors=[FieldError(field, "not_allowed", message)])
