"""The smallest sufficient step: which add-on or plan would let a refused request pass.

Every candidate is tried by judging the same gate as if the customer already held it, so what is offered is true by
construction: nothing is recommended that would still be refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from liftgate.engine.catalogue_model import AddOn, Gate, Match, Plan, Price, Snapshot
from liftgate.engine.customer_state import CustomerState, SubscriptionStatus
from liftgate.engine.decision import Source, SourceKind
from liftgate.engine.holdings import HeldAddOn, HeldPlan, Holdings, hold, is_running
from liftgate.engine.judging import Asked, Verdict, judge, judge_gate

__all__ = ["Step", "candidate_steps", "customer_currency", "prices_in", "smallest_step"]

_MOST_UNITS = 5


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
    """Yield every step that the customer could take, smallest first, with the verdict it would bring.

    None while the subscription is paused: it has to be resumed before anything is bought. What is archived is not sold:
    neither an archived plan or add-on nor the way to an archived feature.
    """
    if _is_paused(state, asked.at):
        return
    holdings = hold(snapshot, state, asked.at)
    sold = _sold_part(gate, snapshot, state, holdings, asked)
    if sold is None:
        return
    gate = sold
    present = holdings.base.plan if holdings.base is not None else None
    for addon, quantity in _addon_candidates(snapshot, holdings, gate):
        verdict = judge_gate(gate, snapshot, state, _with_addon(snapshot, holdings, addon, quantity), asked)
        yield Step(None, addon, quantity, present, verdict)
    for plan in sorted(snapshot.catalogue.plans.values(), key=lambda plan: plan.rank):
        # A newer version of the plan that is held may have a higher rank, and is still no other plan to move to.
        if not plan.archived and (present is None or (plan.rank > present.rank and plan.key != present.key)):
            yield Step(plan, None, 1, present, judge_gate(gate, snapshot, state, _on(snapshot, holdings, plan), asked))


def customer_currency(state: CustomerState, at: datetime) -> str | None:
    """Return the currency the customer pays in: their own, else that of the running subscription, else ``None``."""
    if state.currency is not None:
        return state.currency
    return next((phase.currency for phase in state.phases if is_running(phase.starts_at, phase.ends_at, at)), None)


def prices_in(prices: tuple[Price, ...], currency: str | None) -> tuple[Price, ...]:
    """Return the prices in that currency; without one, those in the currency of the first price."""
    wanted = currency or (prices[0].currency if prices else None)
    return tuple(price for price in prices if price.currency == wanted)


def _addon_candidates(snapshot: Snapshot, holdings: Holdings, gate: Gate) -> Iterator[tuple[AddOn, int]]:
    if holdings.base is None:
        return
    wanted = {requirement.feature for requirement in gate.requirements}
    # More of an add-on that is held comes in the version that is held, with its price and what it gives.
    held = {held.addon.key: held.addon for held in holdings.addons}
    room = [
        (addon, addon.max_quantity - _held_quantity(holdings, addon))
        for addon in (held.get(key, now) for key, now in snapshot.catalogue.addons.items() if not now.archived)
        if wanted & addon.entitlements.keys() and _fits(addon, holdings.base.plan)
    ]
    # A few units either suffice or the customer needs a larger plan; without the bound, `max_quantity` sets the cost.
    for quantity in range(1, min(max((left for _, left in room), default=0), _MOST_UNITS) + 1):
        for addon, left in room:
            if quantity <= left:
                yield addon, quantity


def _sold_part(gate: Gate, snapshot: Snapshot, state: CustomerState, holdings: Holdings, asked: Asked) -> Gate | None:
    """Return the gate with the requirements that may be sold, ``None`` when what is missing is archived.

    Of ``any`` requirements the archived ones are left out; of ``all`` they have to be met already.
    """
    features = snapshot.catalogue.features
    archived = [
        wanted for wanted in gate.requirements if wanted.feature in features and features[wanted.feature].archived
    ]
    if not archived:
        return gate
    if gate.match is Match.ALL:
        met = all(judge(wanted, snapshot, state, holdings, asked).granted for wanted in archived)
        return gate if met else None
    left = tuple(wanted for wanted in gate.requirements if wanted not in archived)
    return replace(gate, requirements=left) if left else None


def _is_paused(state: CustomerState, at: datetime) -> bool:
    return any(
        phase.status is SubscriptionStatus.PAUSED and is_running(phase.starts_at, phase.ends_at, at)
        for phase in state.phases
    )


def _fits(addon: AddOn, plan: Plan) -> bool:
    return addon.plans is None or plan.key in addon.plans


def _held_quantity(holdings: Holdings, addon: AddOn) -> int:
    return sum(held.quantity for held in holdings.addons if held.addon.key == addon.key)


def _with_addon(snapshot: Snapshot, holdings: Holdings, addon: AddOn, quantity: int) -> Holdings:
    others = tuple(held for held in holdings.addons if held.addon.key != addon.key)
    present = next((held.source for held in holdings.addons if held.addon.key == addon.key), None)
    source = present or Source(SourceKind.ADDON, f"{addon.key}@{snapshot.addon_versions.get(addon.key, 0)}")
    total = quantity + _held_quantity(holdings, addon)
    return Holdings(holdings.base, holdings.trials, (*others, HeldAddOn(addon, total, source)), holdings.grants)


def _on(snapshot: Snapshot, holdings: Holdings, plan: Plan) -> Holdings:
    source = Source(SourceKind.PLAN, f"{plan.key}@{snapshot.plan_versions.get(plan.key, 0)}")
    kept = tuple(held for held in holdings.addons if _fits(held.addon, plan))
    return Holdings(HeldPlan(plan, source), holdings.trials, kept, holdings.grants)
