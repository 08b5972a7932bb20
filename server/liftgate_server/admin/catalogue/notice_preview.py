"""How subscribers would read that their plan's version ends, for texts that are still being typed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from liftgate.engine.catalogue_model import (
    Catalogue,
    Entitlement,
    Feature,
    FeatureKind,
    Incentive,
    Plan,
    Recurrence,
    Snapshot,
    Succession,
    version_name,
)
from liftgate.engine.customer_state import CustomerState, PlanPhase, SubscriptionStatus
from liftgate.engine.notices import Notice, notices

__all__ = ["NOTICE_OFFER", "notice_of"]

NOTICE_OFFER: Final = "grandfathering"
_UNTIL_THEN: Final = timedelta(days=30)
_INCENTIVE_DAYS: Final = 14


def notice_of(snapshot: Snapshot, plan: str | None, language: str, at: datetime) -> Notice | None:
    """Return the notice to subscribers of a plan whose version ends in thirty days; ``None`` without any plan."""
    catalogue = snapshot.catalogue
    held = catalogue.plans.get(plan or "") or max(catalogue.plans.values(), key=lambda it: it.rank, default=None)
    if held is None:
        return None
    succession = Succession(2, at + _UNTIL_THEN, at, next(_incentives(catalogue, held), None))
    ending = replace(
        snapshot,
        plan_versions={**snapshot.plan_versions, held.key: 2},
        plan_successions={version_name(held.key, 1): succession},
    )
    phase = PlanPhase(held.key, 1, SubscriptionStatus.ACTIVE, Recurrence.MONTH, "EUR", 1, at)
    state = CustomerState(
        environment=snapshot.environment,
        customer="preview",
        version=1,
        phases=(phase,),
        pinned_plans={version_name(held.key, 1): held},
    )
    return next(iter(notices(ending, state, at=at, language=language)), None)


def _incentives(catalogue: Catalogue, plan: Plan) -> Iterator[Incentive]:
    """Yield what could be given for switching early: something limited that the plan has already."""
    for key, entitlement in plan.entitlements.items():
        feature = catalogue.features.get(key)
        if feature is not None and _is_limited(feature, entitlement):
            yield Incentive(key, entitlement, _INCENTIVE_DAYS)


def _is_limited(feature: Feature, entitlement: Entitlement) -> bool:
    if feature.kind is FeatureKind.SWITCH:
        return entitlement.enabled
    return feature.kind.is_counted and all(cap.limit for cap in entitlement.caps)
