"""What a customer of a test holds: customer states changed as the server would change them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from liftgate.engine.allowance import allowance_of
from liftgate.engine.catalogue import read_entitlement
from liftgate.engine.catalogue_model import (
    Cap,
    Catalogue,
    Feature,
    Recurrence,
    Scope,
    Snapshot,
    Succession,
    version_name,
)
from liftgate.engine.customer_state import (
    AddOnPhase,
    CustomerState,
    Grant,
    GrantKind,
    PlanPhase,
    SubscriptionStatus,
    UsageKey,
)
from liftgate.engine.periods import period_of, window_key
from liftgate.errors import LiftgateError
from liftgate.testing.ledger import NAMED

__all__ = ["counters_of", "ending_versions", "granted", "next_snapshot", "subscribed", "unsubscribed", "with_addon"]

_Thing = TypeVar("_Thing")


def next_snapshot(have: Snapshot | None, catalogue: Catalogue, *, environment: str, at: datetime) -> Snapshot:
    """Publish a catalogue: what changed gets a new version, what did not keeps its own."""
    if have is None:
        plans, addons = dict.fromkeys(catalogue.plans, 1), dict.fromkeys(catalogue.addons, 1)
    else:
        plans = _versions(have.plan_versions, have.catalogue.plans, catalogue.plans)
        addons = _versions(have.addon_versions, have.catalogue.addons, catalogue.addons)
    return Snapshot(
        environment=environment,
        version=1 if have is None else have.version + 1,
        published_at=at,
        catalogue=catalogue,
        plan_versions=plans,
        addon_versions=addons,
    )


def ending_versions(
    have: Snapshot, published: Snapshot, *, at: datetime | None, notice_at: datetime | None
) -> Snapshot:
    """Keep the ends of versions that were decided before; with ``at``, end what the publication replaced then."""
    successions = (have.plan_successions, have.addon_successions)
    pairs = ((have.plan_versions, published.plan_versions), (have.addon_versions, published.addon_versions))
    plans, addons = (
        {**known, **({} if at is None else _ends(old, new, Succession(0, at, notice_at)))}
        for known, (old, new) in zip(successions, pairs, strict=True)
    )
    return replace(published, plan_successions=plans, addon_successions=addons)


def _ends(old: Mapping[str, int], new: Mapping[str, int], terms: Succession) -> dict[str, Succession]:
    """Return the end of every version before the new one."""
    return {
        version_name(key, version): replace(terms, to_version=new[key])
        for key, last in old.items()
        if new.get(key, last) > last
        for version in range(1, last + 1)
    }


def subscribed(  # noqa: PLR0913 - fields of a subscription
    state: CustomerState,
    snapshot: Snapshot,
    plan: str,
    *,
    at: datetime,
    interval: str,
    currency: str,
    quantity: int,
    status: str,
    ends_at: datetime | None,
) -> CustomerState:
    """Give a plan from an instant on; a plan held until then ends there."""
    if plan not in snapshot.catalogue.plans:
        raise LiftgateError(f"The catalogue has no plan {plan!r}.")
    phase = PlanPhase(
        plan=plan,
        plan_version=snapshot.plan_versions[plan],
        status=SubscriptionStatus(status),
        interval=Recurrence(interval),
        currency=currency,
        quantity=quantity,
        starts_at=at,
        ends_at=ends_at,
    )
    past = unsubscribed(state, at=at).phases
    return replace(state, phases=(*past, phase), billing_anchor=state.billing_anchor or at)


def unsubscribed(state: CustomerState, *, at: datetime) -> CustomerState:
    """End the subscription at an instant."""
    begun = [phase for phase in state.phases if phase.starts_at < at]
    ended = tuple(replace(phase, ends_at=min(phase.ends_at or at, at)) for phase in begun)
    return replace(state, phases=ended)


def with_addon(state: CustomerState, snapshot: Snapshot, addon: str, *, quantity: int, at: datetime) -> CustomerState:
    """Give an add-on from an instant on."""
    if addon not in snapshot.catalogue.addons:
        raise LiftgateError(f"The catalogue has no add-on {addon!r}.")
    version = snapshot.addon_versions[addon]
    phase = AddOnPhase(addon=addon, addon_version=version, quantity=quantity, starts_at=at)
    return replace(state, addons=(*state.addons, phase))


def granted(  # noqa: PLR0913 - fields of a grant
    state: CustomerState,
    snapshot: Snapshot,
    feature: str,
    entitlement: object,
    *,
    kind: str,
    at: datetime,
    ends_at: datetime | None,
    reason: str | None,
) -> CustomerState:
    """Grant one feature, or revoke it."""
    declared = _feature(snapshot, feature)
    grant = Grant(
        id=f"grt_{len(state.grants) + 1}",
        kind=GrantKind(kind),
        created_at=at,
        starts_at=at,
        ends_at=ends_at,
        feature=feature,
        entitlement=None if kind == GrantKind.REVOKE else read_entitlement(declared, entitlement),
        reason=reason,
    )
    return replace(state, grants=(*state.grants, grant))


def counters_of(
    state: CustomerState, snapshot: Snapshot, feature: str, *, user: str | None, at: datetime
) -> set[UsageKey]:
    """Return the counters of a feature's periods around an instant, for this plan and whichever may come."""
    zone, counters = snapshot.catalogue.time_zone, set[UsageKey]()
    _feature(snapshot, feature)
    for cap in _caps(state, snapshot, feature):
        if cap.scope is Scope.USER and user is None:
            raise LiftgateError(f"{feature!r} is limited per user: say whose use it is with `user`.")
        period = period_of(cap, at, billing_anchor=state.billing_anchor, time_zone=zone)
        owner = user if cap.scope is Scope.USER else None
        counters.add((feature, owner, window_key(cap.recurrence, period)))
    allowance = allowance_of(snapshot, state, feature, at=at, user=user)
    windows = () if allowance is None else allowance.windows()
    return counters | {(feature, it.user, it.key) for it in windows if not it.key.startswith(NAMED)}


def _caps(state: CustomerState, snapshot: Snapshot, feature: str) -> Iterator[Cap]:
    """Yield every cap of a feature that any source names."""
    catalogue = snapshot.catalogue
    held = [plan.entitlements.get(feature) for plan in catalogue.plans.values()]
    held += [addon.entitlements.get(feature) for addon in catalogue.addons.values()]
    held += [grant.entitlement for grant in state.grants if grant.feature == feature]
    for entitlement in held:
        if entitlement is not None:
            yield from entitlement.caps


def _feature(snapshot: Snapshot, key: str) -> Feature:
    feature = snapshot.catalogue.features.get(key)
    if feature is None:
        raise LiftgateError(f"The catalogue has no feature {key!r}.")
    return feature


def _versions(versions: Mapping[str, int], before: Mapping[str, _Thing], after: Mapping[str, _Thing]) -> dict[str, int]:
    return {
        key: versions.get(key, 0) + (before.get(key) != thing)  # a thing that is new begins with 1
        for key, thing in after.items()
    }
