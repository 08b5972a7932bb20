"""From a refused decision to what a message about it needs to know, the step that would lift it included."""

from __future__ import annotations

from liftgate.engine.buying import buyer_of
from liftgate.engine.catalogue_model import Feature, Gate, Match, Snapshot
from liftgate.engine.customer_state import CustomerState
from liftgate.engine.decision import Decision
from liftgate.engine.facts import facts_of
from liftgate.engine.holdings import current_plan
from liftgate.engine.identity import Identical
from liftgate.engine.judging import Asked
from liftgate.engine.reader import Reader
from liftgate.engine.refusal import Refusal
from liftgate.engine.steps import smallest_step

__all__ = ["refusal_of", "refused_feature"]


def refused_feature(snapshot: Snapshot, decision: Decision, gate: Gate) -> Feature | None:
    """Return the feature that a refusal is about, ``None`` where the catalogue no longer has it."""
    return snapshot.catalogue.features.get(decision.feature or gate.requirements[0].feature)


def refusal_of(  # noqa: PLR0913 - what was asked, by whom and of what; it goes no further
    snapshot: Snapshot,
    state: CustomerState,
    decision: Decision,
    *,
    gate: Gate,
    asked: Asked,
    buyer: bool | None,
    reader: Reader,
) -> Refusal | None:
    """Return what a refusal is about, ``None`` where its feature is unknown."""
    feature = refused_feature(snapshot, decision, gate)
    if feature is None:
        return None
    step = smallest_step(snapshot, state, gate, asked)
    offered = None if step is None or gate.match is not Match.ANY else step.verdict.feature
    held = current_plan(snapshot, state, asked.at)
    may_buy = state.may_buy(asked.user) if buyer is None else buyer
    return Refusal(
        catalogue=Identical(snapshot.catalogue),
        feature_key=feature.key,
        offered_key=offered or feature.key,
        held=Identical(None if held is None else held.plan),
        offer=Identical(None if step is None else step.plan or step.addon),
        quantity=1 if step is None else step.quantity,
        facts=facts_of(snapshot, state, decision, gate=gate, held=held, at=asked.at),
        buyer=buyer_of(state, held, step, at=asked.at, may_buy=may_buy),
        reader=reader,
    )
