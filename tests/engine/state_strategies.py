"""Strategies for any state a customer can be in."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from hypothesis import strategies as st

from liftgate.engine.catalogue import read_entitlement
from liftgate.engine.catalogue_model import Entitlement, Feature, Plan, Recurrence, Snapshot
from liftgate.engine.customer_state import (
    AddOnPhase,
    Crossed,
    CustomerState,
    Grant,
    GrantKind,
    PlanPhase,
    SubscriptionStatus,
    UsageKey,
)
from tests.engine.catalogue_strategies import entitlement_documents
from tests.engine.value_strategies import LANGUAGES, LARGEST, Document, instants, keys, texts, whole_numbers


@st.composite
def entitlements(draw: st.DrawFn, feature: Feature) -> Entitlement:
    """What may be granted of a feature."""
    document: Document = {"kind": feature.kind.value}
    if feature.values:
        document["values"] = list(feature.values)
    return read_entitlement(feature, draw(entitlement_documents(document)))


@st.composite
def pinned_plans(draw: st.DrawFn, snapshot: Snapshot) -> dict[str, Plan]:
    """Former versions of plans, which may name features that are gone."""
    pinned: dict[str, Plan] = {}
    for key, plan in snapshot.catalogue.plans.items():
        if snapshot.plan_versions[key] > 1 and draw(st.booleans()):
            gone = Entitlement("gone.since", enabled=True)
            entitlements_then = {**plan.entitlements, gone.feature: gone}
            pinned[f"{key}@1"] = Plan(key, plan.name, plan.rank, entitlements_then, plan.prices, plan.description)
    return pinned


@st.composite
def plan_phases(draw: st.DrawFn, snapshot: Snapshot, pinned: dict[str, Plan]) -> tuple[PlanPhase, ...]:
    """A subscription over time, of which at any instant at most one phase applies."""
    held = [(key, version) for key, version in snapshot.plan_versions.items()]
    held += [(plan.key, 1) for plan in pinned.values()]
    if not held:
        return ()
    bounds = sorted(draw(st.sets(instants(), max_size=4)))
    phases = []
    for index, starts_at in enumerate(bounds):
        plan, version = draw(st.sampled_from(held))
        is_last = index == len(bounds) - 1
        phases.append(
            PlanPhase(
                plan=plan,
                plan_version=version,
                status=draw(st.sampled_from(SubscriptionStatus)),
                interval=draw(st.sampled_from([Recurrence.MONTH, Recurrence.YEAR])),
                currency="EUR",
                quantity=draw(st.integers(1, 20)),
                starts_at=starts_at,
                ends_at=draw(ends_after(starts_at)) if is_last else bounds[index + 1],
            )
        )
    return tuple(phases)


def ends_after(starts_at: datetime) -> st.SearchStrategy[datetime | None]:
    """An end after a start, or none."""
    return st.none() | st.timedeltas(timedelta(microseconds=1), timedelta(days=800)).map(
        lambda length: starts_at + length
    )


@st.composite
def addon_phases(draw: st.DrawFn, snapshot: Snapshot) -> AddOnPhase:
    key = draw(st.sampled_from(sorted(snapshot.addon_versions)))
    starts_at = draw(instants())
    return AddOnPhase(
        addon=key,
        addon_version=snapshot.addon_versions[key],
        quantity=draw(st.integers(1, 5)),
        starts_at=starts_at,
        ends_at=draw(ends_after(starts_at)),
        interval=draw(st.sampled_from([None, Recurrence.MONTH, Recurrence.YEAR])),
    )


@st.composite
def feature_grants(draw: st.DrawFn, snapshot: Snapshot, identity: str) -> Grant:
    """An override, revoke, promotion or trial of one feature."""
    feature = draw(st.sampled_from(list(snapshot.catalogue.features.values())))
    kind = draw(st.sampled_from(GrantKind))
    starts_at = draw(instants())
    return Grant(
        id=identity,
        kind=kind,
        created_at=draw(instants()),
        starts_at=starts_at,
        ends_at=draw(ends_after(starts_at)),
        feature=feature.key,
        entitlement=None if kind is GrantKind.REVOKE else draw(entitlements(feature)),
        max_uses=draw(st.none() | whole_numbers(1)) if kind is GrantKind.TRIAL else None,
        reason=draw(st.none() | texts()),
    )


@st.composite
def plan_trials(draw: st.DrawFn, snapshot: Snapshot, identity: str) -> Grant:
    key = draw(st.sampled_from(sorted(snapshot.plan_versions)))
    starts_at = draw(instants())
    return Grant(
        id=identity,
        kind=GrantKind.TRIAL,
        created_at=starts_at,
        starts_at=starts_at,
        ends_at=draw(ends_after(starts_at)),
        plan=key,
        plan_version=snapshot.plan_versions[key],
    )


@st.composite
def grants(draw: st.DrawFn, snapshot: Snapshot) -> tuple[Grant, ...]:
    """Some grants with different ids."""
    makers = [feature_grants] if snapshot.catalogue.features else []
    makers += [plan_trials] if snapshot.plan_versions else []
    if not makers:
        return ()
    count = draw(st.integers(0, 3))
    return tuple(draw(draw(st.sampled_from(makers))(snapshot, f"grt_{number}")) for number in range(count))


@st.composite
def usage(draw: st.DrawFn, snapshot: Snapshot) -> dict[UsageKey, int]:
    """Counters of the counted features in windows that may or may not be the current ones."""
    counted = [key for key, feature in snapshot.catalogue.features.items() if feature.kind.is_counted]
    if not counted:
        return {}
    windows = st.sampled_from(
        ["never", "day:2026-11-22T00:00:00Z", "month:2026-11-01T00:00:00Z", "year:2026-01-01T00:00:00Z", "bucket:grt_0"]
    )
    usage_keys = st.tuples(st.sampled_from(counted), st.none() | st.just("u1"), windows)
    return draw(st.dictionaries(usage_keys, whole_numbers(), max_size=4))


@cache
def crossings() -> st.SearchStrategy[tuple[Crossed, ...]]:
    """Thresholds that were reached."""
    windows = st.sampled_from(["never", "month:2026-11-01T00:00:00Z"])
    users = st.none() | st.just("u1")
    crossed = st.builds(Crossed, keys(), users, windows, st.integers(1, 100), instants())
    return st.lists(crossed, max_size=2).map(tuple)


@cache
def attributes() -> st.SearchStrategy[dict[str, Any]]:
    """What a host reports about an account."""
    values = (
        st.none()
        | st.booleans()
        | texts()
        | st.integers(-LARGEST, LARGEST)
        | st.floats(allow_nan=False, allow_infinity=False)
    )
    return st.dictionaries(texts(), values, max_size=3)


@st.composite
def customer_states(draw: st.DrawFn, snapshot: Snapshot) -> CustomerState:
    """Any state a customer of that snapshot's environment can be in."""
    pinned = draw(pinned_plans(snapshot))
    addons = st.lists(addon_phases(snapshot), max_size=2) if snapshot.addon_versions else st.just([])
    return CustomerState(
        environment=snapshot.environment,
        customer=draw(st.sampled_from(["acme", "globex@example.com"])),
        version=draw(whole_numbers()),
        language=draw(st.none() | st.sampled_from(LANGUAGES)),
        currency=draw(st.none() | st.sampled_from(["EUR", "USD"])),
        attributes=draw(attributes()),
        buyers=tuple(draw(st.lists(st.sampled_from(["u1", "u2"]), unique=True))),
        billing_anchor=draw(st.none() | instants()),
        phases=draw(plan_phases(snapshot, pinned)),
        addons=tuple(draw(addons)),
        grants=draw(grants(snapshot)),
        pinned_plans=pinned,
        usage=draw(usage(snapshot)),
        crossings=draw(crossings()),
    )
