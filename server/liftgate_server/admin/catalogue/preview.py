"""What a refused reader would see: the engine run on the draft for an invented account. Nothing is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice, product
from typing import Final

from liftgate.engine.catalogue_model import AddOn, Catalogue, Gate, GateMode, LocalisedText, Plan, Recurrence, Snapshot
from liftgate.engine.customer_state import CustomerState, Grant, GrantKind, PlanPhase, SubscriptionStatus
from liftgate.engine.decision import Decision, Reason
from liftgate.engine.evaluate import Evaluator

__all__ = ["Scenario", "decide", "find_scenario", "gate_scenario", "offer_of", "snapshot_of", "with_texts"]

# What a gate refuses with when nobody closed anything, the most telling first.
_REFUSALS: Final = (Reason.LIMIT_REACHED, Reason.NOT_INCLUDED, Reason.VALUE_TOO_LOW)

LIMIT_REACHED, NOT_ENOUGH_LEFT = "limit_reached", "not_enough_left"
OVER_LIMIT = "over_limit"
REVOKED, GATE_CLOSED = "revoked", "gate_closed"

# A scenario is looked for while somebody waits; each candidate costs some ten microseconds.
_MOST_CANDIDATES: Final = 2_000
_INVENTED: Final = "preview"


@dataclass(frozen=True, slots=True)
class Scenario:
    """An account of a plan that meets a gate with so much used, and who reads it in which language."""

    gate: str
    plan: str | None
    used: int | None = None
    units: int | None = None
    language: str | None = None
    may_buy: bool = True
    offer: str | None = None


def snapshot_of(environment: str, catalogue: Catalogue, at: datetime) -> Snapshot:
    """Return a draft as if it were published."""
    return Snapshot(
        environment=environment,
        version=1,
        published_at=at,
        catalogue=catalogue,
        plan_versions=dict.fromkeys(catalogue.plans, 1),
        addon_versions=dict.fromkeys(catalogue.addons, 1),
    )


def with_texts(catalogue: Catalogue, offer: str, texts: Mapping[str, LocalisedText]) -> Catalogue:
    """Return the catalogue with the texts of one offer replaced."""
    return replace(catalogue, texts={**catalogue.texts, offer: texts})


def decide(snapshot: Snapshot, scenario: Scenario, at: datetime, *, revoke_reason: str = "") -> Decision:
    """Return the decision of a scenario; its ``offer`` is the payload that the widget shows."""
    gate = snapshot.gate(scenario.gate)
    state = _state(snapshot, scenario, at)
    if gate is not None and scenario.offer == GATE_CLOSED:
        snapshot = _with_gate(snapshot, replace(gate, mode=GateMode.CLOSED))
    elif gate is not None and gate.mode is not GateMode.ENFORCE:
        # A gate that is observed or open refuses nobody; the preview shows what enforcing it would.
        snapshot = _with_gate(snapshot, replace(gate, mode=GateMode.ENFORCE))
    if gate is not None and scenario.offer == REVOKED:
        feature = gate.requirements[0].feature
        revoke = Grant("preview", GrantKind.REVOKE, at, at, feature=feature, reason=revoke_reason or None)
        state = replace(state, grants=(revoke,))
    reader = Evaluator(snapshot, state, user=_INVENTED, buyer=scenario.may_buy, language=scenario.language)
    return reader.decide(scenario.gate, at=at, units=scenario.units, used=scenario.used)


def find_scenario(snapshot: Snapshot, offer: str, at: datetime) -> Scenario | None:
    """Return a scenario in which the offer is shown, one in which something can be bought if there is one."""
    fallback: Scenario | None = None
    for candidate in islice(_candidates(snapshot.catalogue, offer), _MOST_CANDIDATES):
        decision = decide(snapshot, candidate, at)
        if offer_of(decision) != offer or decision.offer is None:
            continue
        if decision.offer.content.options or offer in {REVOKED, GATE_CLOSED}:
            return candidate
        fallback = fallback or candidate
    return fallback


def offer_of(decision: Decision) -> str:
    """Return the built-in offer whose texts a refusal shows."""
    if decision.reason is Reason.LIMIT_REACHED and decision.remaining:
        return NOT_ENOUGH_LEFT
    return decision.reason.value


def gate_scenario(snapshot: Snapshot, gate: str, at: datetime) -> Scenario | None:
    """Return a scenario in which a gate refuses: with a full limit where it counts, else on the smallest plan."""
    for reason in _REFUSALS:
        catalogue = snapshot.catalogue
        for plan in _plans(catalogue):
            candidate = Scenario(gate, plan.key, _full(catalogue, snapshot.gate(gate), plan), offer=reason.value)
            if decide(snapshot, candidate, at).reason is reason:
                return candidate
    return None


def _candidates(catalogue: Catalogue, offer: str) -> Iterator[Scenario]:
    gates = [gate for gate in catalogue.gates.values() if not gate.archived]
    plans = list(_plans(catalogue))
    for gate, plan in product(gates, plans):
        full = _full(catalogue, gate, plan) if offer in {LIMIT_REACHED, NOT_ENOUGH_LEFT, OVER_LIMIT} else None
        if offer == NOT_ENOUGH_LEFT and full:
            yield Scenario(gate.key, plan.key, full - 1, units=2, offer=offer)
        elif offer == OVER_LIMIT and full:
            yield Scenario(gate.key, plan.key, full + 1, units=0, offer=offer)
        else:
            yield Scenario(gate.key, plan.key, full, offer=offer)


def _plans(catalogue: Catalogue) -> list[Plan]:
    live = (plan for plan in catalogue.plans.values() if not plan.archived)
    return sorted(live, key=lambda plan: plan.rank)


def _full(catalogue: Catalogue, gate: Gate | None, plan: Plan) -> int | None:
    """Return the use at which the gate's counted feature is used up on a plan."""
    for requirement in () if gate is None else gate.requirements:
        feature = catalogue.features.get(requirement.feature)
        entitlement = plan.entitlements.get(requirement.feature)
        if feature is not None and feature.kind.is_counted and entitlement is not None:
            limits = [cap.limit + (cap.overage or 0) for cap in entitlement.caps if cap.limit is not None]
            return min(limits, default=None)
    return None


def _state(snapshot: Snapshot, scenario: Scenario, at: datetime) -> CustomerState:
    currency = _currency(snapshot.catalogue)
    phase = PlanPhase(scenario.plan or "", 1, SubscriptionStatus.ACTIVE, Recurrence.MONTH, currency or "", 1, at)
    return CustomerState(
        environment=snapshot.environment,
        customer=_INVENTED,
        version=1,
        language=scenario.language,
        currency=currency,
        phases=() if scenario.plan is None else (phase,),
    )


def _currency(catalogue: Catalogue) -> str | None:
    products: list[Plan | AddOn] = [*catalogue.plans.values(), *catalogue.addons.values()]
    return next((price.currency for product in products for price in product.prices), None)


def _with_gate(snapshot: Snapshot, gate: Gate) -> Snapshot:
    gates = {**snapshot.catalogue.gates, gate.key: gate}
    return replace(snapshot, catalogue=replace(snapshot.catalogue, gates=gates))
