"""The smallest sufficient step: which add-on or plan would let a refused request pass.

Every candidate is tried by judging the same gate as if the customer already held it, so what is offered is true by
construction: nothing is recommended that would still be refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from liftgate.engine.catalogue_model import AddOn, Gate, Plan, Price, Recurrence, Snapshot
from liftgate.engine.customer_state import AddOnPhase, CustomerState, PlanPhase, SubscriptionStatus
from liftgate.engine.holdings import current_plan, hold, is_running
from liftgate.engine.judging import Asked, Verdict, judge_gate

__all__ = ["Step", "candidate_steps", "customer_currency", "prices_in", "smallest_step"]


@dataclass(frozen=True, slots=True)
class Step:
    """A plan, or an add-on × ``quantity`` (just one of the two is set), and the verdict on the gate once it is held."""

    plan: Plan | None
    addon: AddOn | None
    quantity: int
    current_plan: Plan | None
    verdict: Verdict

    @property
    def prices(self) -> tuple[Price, ...]:
        """The prices of what the step buys."""
        product = self.plan or self.addon
        return () if product is None else product.prices


def smallest_step(snapshot: Snapshot, state: CustomerState, gate: Gate, asked: Asked) -> Step | None:
    """Return the smallest step that opens the gate, ``None`` when nothing in the catalogue does.

    Add-ons come before plans, in the fewest units and the document's order; plans by rank, never by price. What can be
    bought in the customer's currency comes before what has no such price.
    """
    currency = customer_currency(state, asked.at)
    unpriced: Step | None = None
    for step in candidate_steps(snapshot, state, gate, asked):
        if step.verdict.granted:
            if prices_in(step.prices, currency):
                # Judging a candidate is what costs here, so the larger ones are not even tried.
                return step
            unpriced = unpriced or step
    return unpriced


def candidate_steps(snapshot: Snapshot, state: CustomerState, gate: Gate, asked: Asked) -> Iterator[Step]:
    """Yield every step that the customer could take, smallest first, with the verdict it would bring."""
    held = current_plan(snapshot, state, asked.at)
    present = held.plan if held is not None else None
    for addon, quantity in _addon_candidates(snapshot, state, gate, present, asked.at):
        added = _with_addon(snapshot, state, addon, quantity, asked.at)
        yield Step(None, addon, quantity, present, _judge_as(snapshot, added, gate, asked))
    for plan in sorted(snapshot.catalogue.plans.values(), key=lambda plan: plan.rank):
        if present is None or plan.rank > present.rank:
            moved = _on_plan(snapshot, state, plan, asked.at)
            yield Step(plan, None, 1, present, _judge_as(snapshot, moved, gate, asked))


def customer_currency(state: CustomerState, at: datetime) -> str | None:
    """Return the currency the customer pays in: their own, else that of the running subscription, else ``None``."""
    if state.currency is not None:
        return state.currency
    return next((phase.currency for phase in state.phases if is_running(phase.starts_at, phase.ends_at, at)), None)


def prices_in(prices: tuple[Price, ...], currency: str | None) -> tuple[Price, ...]:
    """Return the prices in that currency; without one, those in the currency of the first price."""
    wanted = currency or (prices[0].currency if prices else None)
    return tuple(price for price in prices if price.currency == wanted)


def _addon_candidates(
    snapshot: Snapshot, state: CustomerState, gate: Gate, present: Plan | None, at: datetime
) -> Iterator[tuple[AddOn, int]]:
    wanted = {requirement.feature for requirement in gate.requirements}
    fitting = [
        addon
        for addon in snapshot.catalogue.addons.values()
        if wanted & addon.entitlements.keys()
        and present is not None
        and (addon.plans is None or present.key in addon.plans)
    ]
    room = {addon.key: addon.max_quantity - _held_quantity(state, addon.key, at) for addon in fitting}
    # A few units either suffice or the customer needs a larger plan; without the bound, `max_quantity` sets the cost.
    for quantity in range(1, min(max(room.values(), default=0), _MOST_UNITS) + 1):
        for addon in fitting:
            if quantity <= room[addon.key]:
                yield addon, quantity


_MOST_UNITS = 5


def _held_quantity(state: CustomerState, addon: str, at: datetime) -> int:
    return sum(
        phase.quantity
        for phase in state.addons
        if phase.addon == addon and is_running(phase.starts_at, phase.ends_at, at)
    )


def _with_addon(snapshot: Snapshot, state: CustomerState, addon: AddOn, quantity: int, at: datetime) -> CustomerState:
    others = tuple(phase for phase in state.addons if phase.addon != addon.key)
    total = quantity + _held_quantity(state, addon.key, at)
    phase = AddOnPhase(addon.key, snapshot.addon_versions.get(addon.key, 0), total, starts_at=at)
    return replace(state, addons=(*others, phase))


def _on_plan(snapshot: Snapshot, state: CustomerState, plan: Plan, at: datetime) -> CustomerState:
    running = next((phase for phase in state.phases if is_running(phase.starts_at, phase.ends_at, at)), None)
    phase = PlanPhase(
        plan=plan.key,
        plan_version=snapshot.plan_versions.get(plan.key, 0),
        status=SubscriptionStatus.ACTIVE,
        interval=Recurrence.MONTH if running is None else running.interval,
        currency="" if running is None else running.currency,
        quantity=1 if running is None else running.quantity,
        starts_at=at,
    )
    fitting = tuple(
        held
        for held in state.addons
        if (addon := snapshot.catalogue.addons.get(held.addon)) is None
        or addon.plans is None
        or plan.key in addon.plans
    )
    return replace(state, phases=(phase,), addons=fitting)


def _judge_as(snapshot: Snapshot, state: CustomerState, gate: Gate, asked: Asked) -> Verdict:
    return judge_gate(gate, snapshot, state, hold(snapshot, state, asked.at), asked)
