"""Why a gate answers as it does: the rules in their order, each with what it found, and the steps considered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from liftgate.engine.access import Access, Contribution
from liftgate.engine.catalogue_model import (
    Cap,
    Entitlement,
    Feature,
    FeatureKind,
    Gate,
    GateMode,
    Snapshot,
    version_name,
)
from liftgate.engine.customer_state import CustomerState
from liftgate.engine.decision import Decision, OverLimit, Source
from liftgate.engine.evaluate import Evaluator
from liftgate.engine.holdings import Holdings, hold, is_running, live_phase
from liftgate.engine.judging import Asked, Verdict, judge, judge_gate
from liftgate.engine.steps import candidate_steps, customer_currency, prices_in, smallest_step
from liftgate.engine.succession import standing

__all__ = ["Explanation", "SkippedStep", "TraceStep", "explain"]


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One rule that was applied. ``decisive`` marks the one that settled its feature or the gate.

    ``source`` is what the step is about and ``given`` what comes from it, for those who tell the step in other words;
    both stay in the process that explains, so they are no part of what makes two steps equal.
    """

    rule: str
    detail: str
    feature: str | None = None
    decisive: bool = False
    source: Source | None = field(default=None, compare=False)
    given: Contribution | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class SkippedStep:
    """A plan or add-on that was not offered, and why.

    ``insufficient`` would still be refused, ``not_sold`` has no price in the customer's currency, and
    ``larger_than_needed`` would do, too.
    """

    step: str
    reason: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision with the trace that led to it."""

    decision: Decision
    trace: tuple[TraceStep, ...]
    skipped: tuple[SkippedStep, ...]


def explain(snapshot: Snapshot, state: CustomerState, gate: str, asked: Asked) -> Explanation:
    """Return the decision on a gate at an instant and why it is so."""
    evaluator = Evaluator(snapshot, state, user=asked.user)
    decision = evaluator.decide(gate, at=asked.at, units=asked.units, used=asked.reported)
    found = snapshot.gate(gate)
    if found is None:
        unknown = TraceStep("gate", f"no gate or feature is called {gate!r}", decisive=True)
        return Explanation(decision, (unknown,), ())
    trace = tuple(_trace_gate(found, snapshot, state, asked))
    refused = not decision.granted and found.mode is GateMode.ENFORCE
    skipped = tuple(_skipped(snapshot, state, found, asked)) if refused else ()
    return Explanation(decision, trace, skipped)


def _trace_gate(gate: Gate, snapshot: Snapshot, state: CustomerState, asked: Asked) -> Iterator[TraceStep]:
    settles = gate.mode in (GateMode.OPEN, GateMode.CLOSED)
    yield TraceStep("gate_mode", f"the mode is {gate.mode}", decisive=settles)
    if settles:
        return
    holdings = hold(snapshot, state, asked.at)
    yield from _trace_successions(snapshot, state, asked.at)
    for requirement in gate.requirements:
        verdict = judge(requirement, snapshot, state, holdings, asked)
        yield from _trace_feature(verdict, holdings)
    verdict = judge_gate(gate, snapshot, state, holdings, asked)
    if len(gate.requirements) > 1:
        detail = f"{gate.match} of {len(gate.requirements)} features: {verdict.feature} decides ({verdict.reason})"
        yield TraceStep("gate_match", detail, feature=verdict.feature, decisive=True)
    if gate.mode is GateMode.OBSERVE and not verdict.granted:
        yield TraceStep("observe", f"let pass, would have been refused: {verdict.reason}", decisive=True)


def _trace_successions(snapshot: Snapshot, state: CustomerState, at: datetime) -> Iterator[TraceStep]:
    phase = live_phase(state, at)
    plans = [] if phase is None else [(phase.plan, phase.plan_version)]
    addons = [
        (addon.addon, addon.addon_version) for addon in state.addons if is_running(addon.starts_at, addon.ends_at, at)
    ]
    for successions, pinned in ((snapshot.plan_successions, plans), (snapshot.addon_successions, addons)):
        for key, version in pinned:
            held = standing(successions, key, version, at=at).version
            if held != version:
                detail = f"{version_name(key, version)} has ended and {version_name(key, held)} follows it"
                yield TraceStep("succession", detail)


def _trace_feature(verdict: Verdict, holdings: Holdings) -> Iterator[TraceStep]:
    access = verdict.access
    if access is None:
        yield TraceStep("feature", "the catalogue has no such feature", verdict.feature, decisive=True)
        return
    if access.revoke is not None:
        detail = f"{access.revoke.id} closes it: {access.revoke.reason or 'no reason given'}"
        yield TraceStep("revoke", detail, verdict.feature, decisive=True, source=verdict.decided_by)
        return
    yield from _trace_plans(access, holdings)
    yield from _trace_contributions(access, verdict)
    if verdict.over_limit is not None:
        yield TraceStep("over_limit", _over_limit_words(verdict.over_limit), verdict.feature)
    yield TraceStep("verdict", _verdict_words(verdict), verdict.feature, decisive=True)


def _trace_plans(access: Access, holdings: Holdings) -> Iterator[TraceStep]:
    contributing = {contribution.source for contribution in access.bases}
    for held in holdings.plans:
        if held.source not in contributing:
            included = access.feature.key in held.plan.entitlements
            why = "set aside by an override" if included and access.bases else "does not include the feature"
            yield TraceStep("base", f"{held.source.name} {why}", access.feature.key, source=held.source)


def _trace_contributions(access: Access, verdict: Verdict) -> Iterator[TraceStep]:
    groups = (("base", access.bases), ("add_on", access.addons), ("promotion", access.promotions))
    for rule, contributions in groups:
        for contribution in contributions:
            detail = f"{contribution.source.name} gives {_given(access.feature, contribution)}"
            yield TraceStep(
                rule,
                detail,
                verdict.feature,
                decisive=contribution.source == verdict.decided_by,
                source=contribution.source,
                given=contribution,
            )


def _given(feature: Feature, contribution: Contribution) -> str:
    times = "" if contribution.times == 1 else f" × {contribution.times}"
    until = "" if contribution.source.ends_at is None else f" until {contribution.source.ends_at.isoformat()}"
    return f"{_entitlement_words(feature, contribution.entitlement)}{times}{until}"


def _entitlement_words(feature: Feature, entitlement: Entitlement) -> str:
    if feature.kind is FeatureKind.SWITCH:
        return "on" if entitlement.enabled else "off"
    if feature.kind is FeatureKind.SETTING:
        return str(entitlement.value)
    return " and ".join(_cap_words(cap) for cap in entitlement.caps) or "nothing"


def _cap_words(cap: Cap) -> str:
    amount = "unlimited" if cap.limit is None else str(cap.limit)
    return f"{amount} per {cap.scope} and {cap.recurrence} ({cap.enforcement})"


def _verdict_words(verdict: Verdict) -> str:
    if verdict.used is None:
        return verdict.reason.value if verdict.value is None else f"{verdict.reason}: {verdict.value}"
    limit = "unlimited" if verdict.limit is None else verdict.limit
    return f"{verdict.reason}: {verdict.used} used of {limit}"


def _over_limit_words(over_limit: OverLimit) -> str:
    until = "" if over_limit.until is None else f" until {over_limit.until.isoformat()}"
    return f"{over_limit.over} above the limit: {over_limit.policy}{until}"


def _skipped(snapshot: Snapshot, state: CustomerState, gate: Gate, asked: Asked) -> Iterator[SkippedStep]:
    offered = smallest_step(snapshot, state, gate, asked)
    currency = customer_currency(state, asked.at)
    for step in candidate_steps(snapshot, state, gate, asked):
        name = f"plan:{step.plan.key}" if step.plan else f"addon:{step.addon.key if step.addon else ''}×{step.quantity}"
        if not step.verdict.granted:
            yield SkippedStep(name, "insufficient")
        elif step != offered:
            is_sold = bool(prices_in(step.prices, currency))
            yield SkippedStep(name, "larger_than_needed" if is_sold else "not_sold")
