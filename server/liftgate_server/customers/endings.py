"""Versions that end, told as phases: who holds one is on the version that follows from that instant on, at its price.

Pure but for the look-up of the versions' prices. Nothing waits for it to be written down: every reader of a timeline
follows the endings that are due, as the engine does with a customer's state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from liftgate.engine.catalogue_model import AddOn, Plan, Price, Recurrence, Snapshot, Succession
from liftgate.engine.succession import Standing, standing
from liftgate_server.catalog import queries as catalog
from liftgate_server.customers.timeline import AddOnChoice, AddOnHolding, PlanChoice, PlanHolding, Timeline

__all__ = ["Endings", "endings_of", "ends_by", "follow", "following_choice", "keeps_its_price"]


@dataclass(frozen=True, slots=True)
class Endings:
    """The versions of an environment that end, and where to look up those that follow."""

    plans: Mapping[str, Succession]
    addons: Mapping[str, Succession]
    plan_version: Callable[[str, int], Plan]
    addon_version: Callable[[str, int], AddOn]


def endings_of(environment_id: int, snapshot: Snapshot | None = None) -> Endings:
    """Return what ends in an environment; the documents of versions are read when one of them is followed."""
    current = catalog.current_snapshot(environment_id) if snapshot is None else snapshot

    def plan_version(key: str, version: int) -> Plan:
        if current.plan_versions.get(key) == version:
            return current.catalogue.plans[key]
        return catalog.plan_version(environment_id, key, version)

    def addon_version(key: str, version: int) -> AddOn:
        if current.addon_versions.get(key) == version:
            return current.catalogue.addons[key]
        return catalog.addon_version(environment_id, key, version)

    return Endings(current.plan_successions, current.addon_successions, plan_version, addon_version)


def ends_by(endings: Endings, choice: PlanChoice, *, at: datetime) -> Succession | None:
    """Return what will end the version of a plan that is held at the instant."""
    return standing(endings.plans, choice.plan, choice.plan_version, at=at).ends_by


def follow(timeline: Timeline, endings: Endings, *, until: datetime) -> Timeline:
    """Return the timeline with every ending up to that instant carried out, each at its own instant."""
    if not endings.plans and not endings.addons:
        return timeline
    plans = tuple(piece for plan in timeline.plans for piece in _plan_pieces(plan, endings, until))
    addons = tuple(piece for addon in timeline.addons for piece in _addon_pieces(addon, endings, until))
    return replace(timeline, plans=plans, addons=addons)


def keeps_its_price(choice: PlanChoice, endings: Endings) -> bool:
    """Whether the version has no price for the subscription, so that what was agreed on before goes on."""
    plan = endings.plan_version(choice.plan, choice.plan_version)
    return _price(plan.prices, choice.interval, choice.currency) is None


def following_choice(choice: PlanChoice, version: int, plan: Plan) -> PlanChoice:
    """Return the same subscription in another version, at that version's price where it has one for it."""
    price = _price(plan.prices, choice.interval, choice.currency)
    if price is None:
        # The agreement stands where the new version says nothing about it; nobody is charged an invented amount.
        return replace(choice, plan_version=version)
    return replace(choice, plan_version=version, unit_amount=price.amount, per=price.per)


def _following_addon(choice: AddOnChoice, version: int, addon: AddOn) -> AddOnChoice:
    price = _price(addon.prices, choice.interval, choice.currency)
    return replace(choice, addon_version=version, unit_amount=choice.unit_amount if price is None else price.amount)


def _price(prices: tuple[Price, ...], interval: Recurrence, currency: str) -> Price | None:
    return next((price for price in prices if (price.interval, price.currency) == (interval, currency)), None)


def _plan_pieces(plan: PlanHolding, endings: Endings, until: datetime) -> Iterator[PlanHolding]:
    choice, starts_at = plan.choice, plan.starts_at
    product = _Product(endings.plans, choice.plan)
    for begins_at, version in _versions(product, choice.plan_version, plan, until):
        if begins_at > starts_at:
            yield replace(plan, choice=choice, starts_at=starts_at, ends_at=begins_at, id=_kept(plan, starts_at))
            starts_at = begins_at
        choice = following_choice(choice, version, endings.plan_version(choice.plan, version))
    yield replace(plan, choice=choice, starts_at=starts_at, id=_kept(plan, starts_at))


def _addon_pieces(addon: AddOnHolding, endings: Endings, until: datetime) -> Iterator[AddOnHolding]:
    choice, starts_at = addon.choice, addon.starts_at
    product = _Product(endings.addons, choice.addon)
    for begins_at, version in _versions(product, choice.addon_version, addon, until):
        if begins_at > starts_at:
            before = replace(addon, choice=choice, starts_at=starts_at, ends_at=begins_at, ends_with_plan=False)
            yield replace(before, id=_kept(addon, starts_at))
            starts_at = begins_at
        choice = _following_addon(choice, version, endings.addon_version(choice.addon, version))
    yield replace(addon, choice=choice, starts_at=starts_at, id=_kept(addon, starts_at))


class _Product(NamedTuple):
    """A plan or add-on, and the ends of versions of its kind."""

    successions: Mapping[str, Succession]
    key: str

    def standing(self, version: int, at: datetime) -> Standing:
        return standing(self.successions, self.key, version, at=at)


def _versions(
    product: _Product, version: int, phase: PlanHolding | AddOnHolding, until: datetime
) -> Iterator[tuple[datetime, int]]:
    """Yield each version that follows within the phase, with the instant from which it is held."""
    # A phase that lies ahead begins in the version that is due by now; what ends later is for later.
    held, ending = product.standing(version, min(phase.starts_at, until))
    if held != version:
        yield phase.starts_at, held
    while ending is not None and ending.at <= until and (phase.ends_at is None or ending.at < phase.ends_at):
        at = ending.at
        held, ending = product.standing(held, at)
        yield at, held


def _kept(phase: PlanHolding | AddOnHolding, starts_at: datetime) -> str | None:
    """Return the id of the row that goes on standing for the first piece; the others are new."""
    return phase.id if starts_at == phase.starts_at else None
