"""What a refusal is about: gathered once, before it is put into words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from liftgate.engine.access import resolve_access
from liftgate.engine.catalogue_model import AddOn, Cap, Entitlement, Feature, Gate, Match, Plan, SettingValue, Snapshot
from liftgate.engine.customer_state import CustomerState
from liftgate.engine.decision import Decision, Reason, SourceKind
from liftgate.engine.holdings import HeldPlan, hold
from liftgate.engine.reader import Reader
from liftgate.engine.steps import Step
from liftgate.engine.wording import Wording, shown_limit, wording_of

__all__ = ["Refusal", "offered_feature", "whole_reset"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused decision, the feature it is about, and the step that would lift it.

    ``offered`` is the feature by which the step opens the gate: the refused one, or another where any suffices.
    ``resets_at`` is set only where everything that is shown as used starts anew then; ``needed`` is the value that a
    setting would have to have.
    """

    decision: Decision
    feature: Feature
    offered: Feature
    reader: Reader
    wording: Wording
    held: HeldPlan | None
    step: Step | None
    time_zone: str = "UTC"
    resets_at: datetime | None = None
    needed: SettingValue | None = None

    @property
    def product(self) -> Plan | AddOn | None:
        """What would lift the refusal."""
        return None if self.step is None else self.step.plan or self.step.addon

    @property
    def is_exhausted(self) -> bool:
        """Whether a limit is in the way; a limit of nothing counts as not included."""
        return self.decision.reason is Reason.LIMIT_REACHED and bool(self.decision.limit)

    @property
    def is_short(self) -> bool:
        """Whether something is left, but less than was asked for."""
        used, limit = self.decision.used, self.decision.limit
        return self.is_exhausted and used is not None and limit is not None and used < limit

    @property
    def held_entitlement(self) -> Entitlement | None:
        """What the customer's plan says about the feature."""
        return None if self.held is None else self.held.plan.entitlements.get(self.feature.key)

    @property
    def given(self) -> Entitlement | None:
        """What the product gives of the feature that is offered."""
        return None if self.product is None else self.product.entitlements.get(self.offered.key)

    @property
    def binding_cap(self) -> Cap | None:
        """The plan's cap that the decision's numbers are about, where the plan alone gives them and it is certain."""
        decision = self.decision
        if self.held is None or decision.decided_by != self.held.source.name or len(decision.sources) != 1:
            return None
        caps = () if self.held_entitlement is None else self.held_entitlement.caps
        fitting = [cap for cap in caps if shown_limit(cap) == decision.limit]
        return fitting[0] if len(fitting) == 1 else None

    @property
    def words_of_offered(self) -> Wording:
        """The words for the feature that is offered."""
        return self.wording if self.offered is self.feature else wording_of(self.offered, self.reader)


def offered_feature(snapshot: Snapshot, gate: Gate, feature: Feature, step: Step | None) -> Feature:
    """Return the feature by which a step opens the gate; where any suffices it may be another than the refused one."""
    if step is None or gate.match is not Match.ANY or step.verdict.feature is None:
        return feature
    return snapshot.catalogue.features.get(step.verdict.feature, feature)


def whole_reset(
    snapshot: Snapshot, state: CustomerState, decision: Decision, feature: Feature, at: datetime
) -> datetime | None:
    """Return when the shown use starts anew, ``None`` where a separate allowance in it would go on counting."""
    beside = any(source.kind in (SourceKind.ADDON, SourceKind.PROMOTION) for source in decision.sources)
    if decision.resets_at is None or not beside:
        return decision.resets_at
    _, buckets = resolve_access(feature, hold(snapshot, state, at)).cap_sets()
    return None if buckets else decision.resets_at
