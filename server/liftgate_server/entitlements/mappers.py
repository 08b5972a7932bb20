"""The one place where rows become the engine's customer state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from sqlalchemy import Row

from liftgate.engine.catalogue import read_addon, read_plan, read_standalone_entitlement
from liftgate.engine.catalogue_model import AddOn, Entitlement, Plan, Recurrence, Snapshot, Succession
from liftgate.engine.customer_state import (
    AddOnPhase,
    CustomerState,
    Grant,
    GrantKind,
    PlanPhase,
    SubscriptionStatus,
)
from liftgate.engine.succession import later_versions
from liftgate_server.catalog.queries import ProductKind
from liftgate_server.entitlements.queries import CustomerRows, ProductKey

__all__ = ["customer_state", "pinned_products", "unknown_customer_state"]


def unknown_customer_state(snapshot: Snapshot, customer: str) -> CustomerState:
    """Return the state of a customer nobody has told us of: no subscription, version 0.

    Hosts check before they upsert, so such a customer holds the default plan like any other without a subscription.
    """
    return CustomerState(environment=snapshot.environment, customer=customer, version=0)


def pinned_products(rows: CustomerRows, snapshot: Snapshot) -> frozenset[ProductKey]:
    """Return what the customer holds, or will hold when versions end, in a version that is not the snapshot's."""
    return frozenset(
        (kind, key, version)
        for kind, key, held in _held_products(rows)
        for version in (held, *later_versions(_successions(snapshot, kind), key, held))
        if (snapshot.plan_versions if kind is ProductKind.PLAN else snapshot.addon_versions).get(key) != version
    )


def _successions(snapshot: Snapshot, kind: ProductKind) -> Mapping[str, Succession]:
    return snapshot.plan_successions if kind is ProductKind.PLAN else snapshot.addon_successions


def _held_products(rows: CustomerRows) -> Iterator[ProductKey]:
    for phase in rows.phases:
        yield ProductKind.PLAN, phase.plan, phase.plan_version
    for addon in rows.addons:
        yield ProductKind.ADDON, addon.addon, addon.addon_version
    for grant in rows.grants:
        if grant.plan is not None:
            yield ProductKind.PLAN, grant.plan, grant.plan_version


def customer_state(rows: CustomerRows, products: Mapping[ProductKey, str], snapshot: Snapshot) -> CustomerState:
    """Return the state of a customer, with the documents of what is pinned."""
    customer = rows.customer
    return CustomerState(
        environment=snapshot.environment,
        customer=customer.id,
        version=customer.version,
        language=customer.language,
        currency=customer.currency,
        attributes=dict(customer.attributes or {}),
        buyers=rows.buyers,
        billing_anchor=customer.billing_anchor,
        phases=tuple(_plan_phase(row) for row in rows.phases),
        addons=tuple(_addon_phase(row) for row in rows.addons),
        grants=tuple(_grant(row) for row in rows.grants),
        pinned_plans=dict(_plans(products)),
        pinned_addons=dict(_addons(products)),
    )


def _plan_phase(row: Row[Any]) -> PlanPhase:
    return PlanPhase(
        plan=row.plan,
        plan_version=row.plan_version,
        status=SubscriptionStatus(row.status),
        interval=Recurrence(row.interval),
        currency=row.currency,
        quantity=row.quantity,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
    )


def _addon_phase(row: Row[Any]) -> AddOnPhase:
    return AddOnPhase(
        addon=row.addon,
        addon_version=row.addon_version,
        quantity=row.quantity,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        interval=Recurrence(row.interval),
    )


def _grant(row: Row[Any]) -> Grant:
    return Grant(
        id=row.id,
        kind=GrantKind(row.kind),
        created_at=row.created_at,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        feature=row.feature,
        plan=row.plan,
        plan_version=row.plan_version,
        entitlement=_entitlement(row),
        max_uses=row.max_uses,
        reason=row.reason,
    )


def _entitlement(row: Row[Any]) -> Entitlement | None:
    if row.feature is None or row.entitlement is None:
        return None
    return read_standalone_entitlement(row.feature, row.entitlement, strict=False)


def _plans(products: Mapping[ProductKey, str]) -> Iterator[tuple[str, Plan]]:
    for (kind, key, version), document in products.items():
        if kind is ProductKind.PLAN:
            yield f"{key}@{version}", read_plan(key, orjson.loads(document), strict=False)


def _addons(products: Mapping[ProductKey, str]) -> Iterator[tuple[str, AddOn]]:
    for (kind, key, version), document in products.items():
        if kind is ProductKind.ADDON:
            yield f"{key}@{version}", read_addon(key, orjson.loads(document), strict=False)
