"""A subscription as what was, is and will be held: plan and add-on phases over ``[starts_at, ends_at)``.

Pure values. A scheduled change is a phase that begins later, so nothing has to run for it to take effect.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from liftgate.engine.catalogue_model import PricePer, Recurrence
from liftgate.engine.customer_state import SubscriptionStatus
from liftgate.engine.periods import Period, period_bounds

# JSON numbers are exact up to here; an amount beyond it could not be shown to anybody.
LARGEST_AMOUNT = 2**53 - 1


class When(StrEnum):
    """When something ends."""

    NOW = "now"
    PERIOD_END = "period_end"


@dataclass(frozen=True, slots=True)
class PlanChoice:
    """A plan version with the price agreed on. ``unit_amount`` is in minor units per account or seat and interval."""

    plan: str
    plan_version: int
    interval: Recurrence
    currency: str
    quantity: int
    unit_amount: int
    per: PricePer = PricePer.ACCOUNT

    @property
    def amount(self) -> int:
        """What one interval costs, in minor units."""
        return self.unit_amount * (self.quantity if self.per is PricePer.SEAT else 1)

    def is_same_as(self, other: PlanChoice) -> bool:
        """Whether both are the same plan, interval and quantity, whatever their version and price."""
        return (self.plan, self.interval, self.quantity) == (other.plan, other.interval, other.quantity)


@dataclass(frozen=True, slots=True)
class AddOnChoice:
    """An add-on version with the price agreed on. ``unit_amount`` is in minor units for one piece and interval."""

    addon: str
    addon_version: int
    interval: Recurrence
    currency: str
    quantity: int
    unit_amount: int

    @property
    def amount(self) -> int:
        """What one interval costs, in minor units."""
        return self.unit_amount * self.quantity


@dataclass(frozen=True, slots=True)
class PlanHolding:
    """A plan held over ``[starts_at, ends_at)``. ``id`` is ``None`` until it is stored."""

    choice: PlanChoice
    status: SubscriptionStatus
    starts_at: datetime
    ends_at: datetime | None = None
    id: str | None = None

    @property
    def is_trial(self) -> bool:
        return self.status is SubscriptionStatus.TRIALING


@dataclass(frozen=True, slots=True)
class AddOnHolding:
    """An add-on held over ``[starts_at, ends_at)``.

    ``ends_with_plan`` says that it ends because the plan it goes with does, so keeping the plan keeps it too.
    """

    choice: AddOnChoice
    starts_at: datetime
    ends_at: datetime | None = None
    ends_with_plan: bool = False
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """All phases of one customer, oldest first, and the instant at which billing periods are anchored."""

    plans: tuple[PlanHolding, ...] = ()
    addons: tuple[AddOnHolding, ...] = ()
    anchor: datetime | None = None

    def plan_at(self, at: datetime) -> PlanHolding | None:
        return next((plan for plan in self.plans if holds(plan, at)), None)

    def addons_at(self, at: datetime) -> tuple[AddOnHolding, ...]:
        return tuple(addon for addon in self.addons if holds(addon, at))

    def addon_at(self, key: str, at: datetime) -> AddOnHolding | None:
        return next((addon for addon in self.addons_at(at) if addon.choice.addon == key), None)

    def plan_after(self, at: datetime) -> PlanHolding | None:
        """Return the phase that follows the one held at ``at``."""
        return next((plan for plan in self.plans if plan.starts_at > at), None)

    def currency_at(self, at: datetime) -> str | None:
        """Return the currency of what is held at a price, ``None`` while nothing is."""
        plan = self.plan_at(at)
        if plan is not None and plan.choice.amount:
            return plan.choice.currency
        return next((addon.choice.currency for addon in self.addons_at(at) if addon.choice.amount), None)

    def is_same_as(self, other: Timeline) -> bool:
        """Whether both hold the same phases, in whatever order they are listed."""
        return (self.anchor, frozenset(self.plans), frozenset(self.addons)) == (
            other.anchor,
            frozenset(other.plans),
            frozenset(other.addons),
        )

    def boundaries(self) -> Iterator[datetime]:
        """Every instant at which something begins or ends, in no order."""
        holdings: tuple[PlanHolding | AddOnHolding, ...] = (*self.plans, *self.addons)
        for holding in holdings:
            yield holding.starts_at
            if holding.ends_at is not None:
                yield holding.ends_at

    def period_at(self, at: datetime) -> Period | None:
        """Return the billing period of what is held; in a trial it is the trial."""
        plan = self.plan_at(at)
        if plan is None:
            return None
        if plan.is_trial and plan.ends_at is not None:
            return Period(plan.starts_at, plan.ends_at)
        return self._billing_period(plan.choice.interval, at)

    def addon_period_end(self, addon: AddOnHolding, at: datetime) -> datetime:
        """Return the end of the period that is paid for."""
        return self._billing_period(addon.choice.interval, at).end

    def _billing_period(self, interval: Recurrence, at: datetime) -> Period:
        if self.anchor is None:
            raise ValueError("something is held without a billing anchor")
        return period_bounds(interval, at, anchor=self.anchor)


def holds(holding: PlanHolding | AddOnHolding, at: datetime) -> bool:
    """Whether ``at`` lies within the phase; its end does not."""
    return holding.starts_at <= at and (holding.ends_at is None or at < holding.ends_at)


def plans_until(timeline: Timeline, at: datetime) -> tuple[PlanHolding, ...]:
    """Return the plan phases before ``at``, the running one cut there. A phase of no length is no phase."""
    return tuple(
        plan if plan.ends_at is not None and plan.ends_at <= at else replace(plan, ends_at=at)
        for plan in timeline.plans
        if plan.starts_at < at
    )


def addons_until(addons: tuple[AddOnHolding, ...], at: datetime) -> tuple[AddOnHolding, ...]:
    """Return the add-on phases before ``at``, the running ones cut there."""
    return tuple(
        addon if addon.ends_at is not None and addon.ends_at <= at else replace(addon, ends_at=at)
        for addon in addons
        if addon.starts_at < at
    )
