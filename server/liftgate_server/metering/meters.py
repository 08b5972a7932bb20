"""Which feature a gate counts, and whether anything but the ledger decides about it.

All but the counting is judged by the engine as if nothing had been used yet: the gate's mode, what else it requires, a
revoke, what is not included at all. What is left to the ledger is whether the units fit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from liftgate.engine.catalogue_model import FeatureKind, Gate, GateMode, Match, Requirement
from liftgate.engine.decision import Decision
from liftgate.engine.holdings import hold
from liftgate.engine.judging import Asked, judge_gate
from liftgate.engine.wire import encode_decision
from liftgate_server.entitlements.caches import KnownCustomer
from liftgate_server.entitlements.counters import NOTHING_COUNTED
from liftgate_server.plumbing.errors import FieldError, Invalid

__all__ = ["Meter", "meter_of", "metered_feature", "refusal_of"]

_NOBODY_IN_PARTICULAR = (None, None, None)


@dataclass(frozen=True, slots=True)
class Meter:
    """The feature that is counted. ``forced``: whatever its limits say; ``closed``: not at all.

    ``context`` is what the answer needs to be told from the receipt alone.
    """

    feature: str
    forced: bool = False
    closed: bool = False
    context: Mapping[str, Any] = field(default_factory=dict)


def meter_of(known: KnownCustomer, key: str, *, is_gate: bool, at: datetime, user: str | None) -> Meter:
    """Return what a gate counts, or the gate that a feature is of itself."""
    gate = known.snapshot.gate(key) if is_gate or key in known.snapshot.catalogue.features else None
    if gate is None:
        raise refusal_of(*(("gate", "unknown_gate") if is_gate else ("feature", "unknown_feature")), key)
    feature = _counted_requirement(known, gate, is_gate=is_gate).feature
    # Zero units of what has not been used: refused for another reason than a limit, or not at all.
    answer = known.view(_NOBODY_IN_PARTICULAR).answer_to(key, at, NOTHING_COUNTED, units=0, used=None)
    decision = answer.decision
    context = _versions(decision) | {"gate": key}
    if gate.mode is GateMode.OPEN:
        return Meter(feature, forced=True, context=context | {"decision": encode_decision(decision)})
    if gate.mode is GateMode.OBSERVE:
        told = {"observes": True} if decision.observed is None else {"decision": encode_decision(decision)}
        return Meter(feature, forced=True, context=context | told)
    if not decision.granted:
        return Meter(feature, closed=True, context=context | {"decision": encode_decision(decision)})
    return Meter(feature, forced=_passes_anyway(known, gate, feature, at=at, user=user), context=context)


def metered_feature(known: KnownCustomer, key: str, kind: FeatureKind) -> None:
    """Refuse a feature that is not there, or not of the kind that can be counted in this way."""
    feature = known.snapshot.catalogue.features.get(key)
    if feature is None:
        raise refusal_of("feature", "unknown_feature", key)
    if feature.kind is not kind:
        raise _wrong_kind("feature", key, f"is {feature.kind.value}, not {kind.value}")


def refusal_of(field_name: str, code: str, key: str) -> Invalid:
    """Give the refusal of a feature or gate that the catalogue does not know."""
    message = f"The catalogue has no {field_name} {key!r}."
    return Invalid(code, message, errors=[FieldError(field_name, code, message)])


def _counted_requirement(known: KnownCustomer, gate: Gate, *, is_gate: bool) -> Requirement:
    features = known.snapshot.catalogue.features
    counted = [it for it in gate.requirements if it.feature in features and features[it.feature].kind.is_counted]
    place = "gate" if is_gate else "feature"
    if len(counted) != 1:
        problem = "counts nothing" if not counted else "counts more than one feature"
        raise _wrong_kind(place, gate.key, problem)
    kind = features[counted[0].feature].kind
    if kind is not FeatureKind.METERED:
        raise _wrong_kind(place, gate.key, f"is about a {kind.value}, whose level is set instead")
    return counted[0]


def _wrong_kind(place: str, key: str, problem: str) -> Invalid:
    message = f"{key!r} {problem}."
    return Invalid("wrong_kind", message, errors=[FieldError(place, "wrong_kind", message)])


def _passes_anyway(known: KnownCustomer, gate: Gate, feature: str, *, at: datetime, user: str | None) -> bool:
    """Whether one of several alternatives grants without the counted one: then its use is noted, and refused never."""
    others = tuple(requirement for requirement in gate.requirements if requirement.feature != feature)
    if gate.match is not Match.ANY or not others:
        return False
    holdings = hold(known.snapshot, known.state, at)
    without = replace(gate, requirements=others)
    return judge_gate(without, known.snapshot, known.state, holdings, Asked(at=at, user=user)).granted


def _versions(decision: Decision) -> dict[str, Any]:
    return {"catalogue_version": decision.catalogue_version, "customer_version": decision.customer_version}
