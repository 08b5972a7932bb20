"""What a meter answers when its server cannot be asked: no, unless somebody has said that counting later will do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from liftgate.engine.decision import Decision, Reason
from liftgate.engine.gate_modes import GateMode

if TYPE_CHECKING:
    from liftgate.engine.catalogue_model import Gate, Snapshot
    from liftgate.uses import Use

__all__ = ["Judgement", "judge_without_server"]

_ALLOW: Final = "allow_and_record"
_METERED: Final = "metered"


class Judgement(NamedTuple):
    """The decision, and the feature to count by when it is granted."""

    decision: Decision
    feature: str | None = None


def judge_without_server(use: Use) -> Judgement:
    """Decide on a use from what this process knows.

    A gate that lets everybody pass, or nobody, goes on doing so. A meter is closed, whatever fail policy host and gate
    have, unless its feature says ``on_failure: allow_and_record``; then only what is known to refuse does.
    """
    snapshot = use.view.material.snapshot
    gate = snapshot.gate(use.subject) if snapshot is not None else None
    if snapshot is None or gate is None:
        return Judgement(_unavailable(use))
    known = use.view.decide(use.subject, units=use.units)
    feature = _meter_of(gate, snapshot)
    if gate.mode is GateMode.CLOSED or feature is None:
        return Judgement(known if gate.mode is GateMode.CLOSED else _unavailable(use))
    if gate.mode is GateMode.ENFORCE and snapshot.catalogue.features[feature].on_failure != _ALLOW:
        return Judgement(_unavailable(use, feature))
    if not known.granted and not known.unknown:
        return Judgement(known)
    return Judgement(replace(_unavailable(use, feature), granted=True), feature)


def _unavailable(use: Use, feature: str | None = None) -> Decision:
    return Decision(granted=False, reason=Reason.UNAVAILABLE, gate=use.subject, feature=feature, fallback=True)


def _meter_of(gate: Gate, snapshot: Snapshot) -> str | None:
    """Return the metered feature that a gate counts."""
    features = snapshot.catalogue.features
    required = [item.feature for item in gate.requirements if item.feature in features]
    return next((feature for feature in required if features[feature].kind == _METERED), None)
