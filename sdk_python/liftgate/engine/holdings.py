"""What a customer holds at an instant: the plan, trials, add-ons and grants that are running."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from liftgate.engine.catalogue_model import AddOn, Plan, Snapshot, version_name
from liftgate.engine.customer_state import CustomerState, Grant, GrantKind, PlanPhase, SubscriptionStatus
from liftgate.engine.decision import Source, SourceKind
from liftgate.engine.succession import standing

__all__ = [
    "HeldAddOn",
    "HeldPlan",
    "Holdings",
    "current_plan",
    "hold",
    "is_running",
    "live_phase",
    "next_boundary",
    "past_boundaries",
]


@dataclass(frozen=True, slots=True)
class HeldPlan:
    """A plan that gives access now, and the subscription phase behind it, if it is subscribed.

    The plan is in the version that holds now, which may have followed the one that the phase is pinned to.
    """

    plan: Plan
    source: Source
    phase: PlanPhase | None = None


@dataclass(frozen=True, slots=True)
class HeldAddOn:
    """An add-on that gives access now."""

    addon: AddOn
    quantity: int
    source: Source


@dataclass(frozen=True, slots=True)
class Holdings:
    """Everything that gives or takes access at one instant. ``base`` is the subscribed plan, else the default one."""

    base: HeldPlan | None
    trials: tuple[HeldPlan, ...]
    addons: tuple[HeldAddOn, ...]
    grants: tuple[Grant, ...]

    @property
    def plans(self) -> tuple[HeldPlan, ...]:
        """All plans that give access, the base first."""
        return self.trials if self.base is None else (self.base, *self.trials)


def hold(snapshot: Snapshot, state: CustomerState, at: datetime) -> Holdings:
    """Return what the customer holds at ``at``; a version that neither snapshot nor state has gives nothing."""
    grants = tuple(
        grant
        for grant in state.grants
        if is_running(grant.starts_at, grant.ends_at, at) and _has_uses_left(state, grant)
    )
    return Holdings(
        base=current_plan(snapshot, state, at),
        trials=tuple(_tried_plans(snapshot, state, grants, at)),
        addons=tuple(_held_addons(snapshot, state, at)),
        grants=grants,
    )


def current_plan(snapshot: Snapshot, state: CustomerState, at: datetime) -> HeldPlan | None:
    """Return the plan that the customer is on: the subscribed one, else the catalogue's default."""
    phase = live_phase(state, at)
    if phase is not None:
        version = standing(snapshot.plan_successions, phase.plan, phase.plan_version, at=at).version
        plan = _find_plan(snapshot, state, phase.plan, version)
        kind = SourceKind.TRIAL if phase.status is SubscriptionStatus.TRIALING else SourceKind.PLAN
        source = Source(kind, version_name(phase.plan, version), phase.ends_at)
        return HeldPlan(plan, source, phase) if plan is not None else None
    key = snapshot.catalogue.default_plan
    if key is None:
        return None
    name = version_name(key, snapshot.plan_versions.get(key, 0))
    return HeldPlan(snapshot.catalogue.plans[key], Source(SourceKind.DEFAULT_PLAN, name))


def is_running(starts_at: datetime, ends_at: datetime | None, at: datetime) -> bool:
    """Whether ``at`` lies in ``[starts_at, ends_at)``."""
    return starts_at <= at and (ends_at is None or at < ends_at)


def next_boundary(snapshot: Snapshot, state: CustomerState, feature: str, at: datetime) -> datetime | None:
    """Return the first instant after ``at`` when something that may bear on the feature begins or ends."""
    boundaries = _boundaries(state, feature)
    if snapshot.plan_successions or snapshot.addon_successions:
        boundaries = chain(boundaries, _ends_of_versions(snapshot, state, at))
    return min((moment for moment in boundaries if moment is not None and moment > at), default=None)


def past_boundaries(snapshot: Snapshot, state: CustomerState, feature: str, at: datetime) -> list[datetime]:
    """Return the instants up to ``at`` when something that may bear on the feature began or ended, the latest first."""
    boundaries = chain(_boundaries(state, feature), _ended_versions(snapshot))
    return sorted({moment for moment in boundaries if moment is not None and moment <= at}, reverse=True)


def _ended_versions(snapshot: Snapshot) -> Iterator[datetime]:
    for successions in (snapshot.plan_successions, snapshot.addon_successions):
        for succession in successions.values():
            yield succession.at


def _boundaries(state: CustomerState, feature: str) -> Iterator[datetime | None]:
    for phase in state.phases:
        yield phase.starts_at
        yield phase.ends_at
    for addon in state.addons:
        yield addon.starts_at
        yield addon.ends_at
    for grant in state.grants:
        if grant.feature is None or grant.feature == feature:
            yield grant.starts_at
            yield grant.ends_at


def _ends_of_versions(snapshot: Snapshot, state: CustomerState, at: datetime) -> Iterator[datetime | None]:
    plans = {(phase.plan, phase.plan_version) for phase in state.phases}
    plans.update((grant.plan, grant.plan_version) for grant in state.grants if grant.plan and grant.plan_version)
    addons = {(addon.addon, addon.addon_version) for addon in state.addons}
    for successions, held in ((snapshot.plan_successions, plans), (snapshot.addon_successions, addons)):
        for key, version in held:
            ends_by = standing(successions, key, version, at=at).ends_by
            if ends_by is not None:
                yield ends_by.at
                # From then on what is offered comes with the notice, so a remembered answer is no longer the same.
                yield ends_by.notice_at


def live_phase(state: CustomerState, at: datetime) -> PlanPhase | None:
    """Return the phase of the subscription that gives access at ``at``."""
    for phase in state.phases:
        if phase.status.gives_access and is_running(phase.starts_at, phase.ends_at, at):
            return phase
    return None


def _tried_plans(snapshot: Snapshot, state: CustomerState, grants: Iterable[Grant], at: datetime) -> Iterator[HeldPlan]:
    for grant in grants:
        if grant.kind is not GrantKind.TRIAL or grant.plan is None:
            continue
        version = grant.plan_version
        if version is not None:
            version = standing(snapshot.plan_successions, grant.plan, version, at=at).version
        plan = _find_plan(snapshot, state, grant.plan, version)
        if plan is not None:
            yield HeldPlan(plan, Source(SourceKind.TRIAL, grant.id, grant.ends_at))


def _held_addons(snapshot: Snapshot, state: CustomerState, at: datetime) -> Iterator[HeldAddOn]:
    for phase in state.addons:
        if not is_running(phase.starts_at, phase.ends_at, at):
            continue
        version = standing(snapshot.addon_successions, phase.addon, phase.addon_version, at=at).version
        name = version_name(phase.addon, version)
        addon = state.pinned_addons.get(name)
        if addon is None and snapshot.addon_versions.get(phase.addon) == version:
            addon = snapshot.catalogue.addons.get(phase.addon)
        if addon is not None:
            yield HeldAddOn(addon, phase.quantity, Source(SourceKind.ADDON, name, phase.ends_at))


def _has_uses_left(state: CustomerState, grant: Grant) -> bool:
    if grant.max_uses is None or grant.feature is None:
        return True
    return state.usage.get((grant.feature, None, f"trial:{grant.id}"), 0) < grant.max_uses


def _find_plan(snapshot: Snapshot, state: CustomerState, key: str, version: int | None) -> Plan | None:
    if version is None or snapshot.plan_versions.get(key) == version:
        return snapshot.catalogue.plans.get(key)
    return state.pinned_plans.get(version_name(key, version))
