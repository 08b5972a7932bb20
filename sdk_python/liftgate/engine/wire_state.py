"""The customer state on the wire.

Entitlements in it are in the explicit form, which is understood without the catalogue: what is pinned to a customer
may name features the current catalogue no longer has, or has as another kind.
"""

from __future__ import annotations

import math
from typing import TypeGuard

from liftgate.engine.catalogue_model import AddOn, Entitlement, Plan, Recurrence
from liftgate.engine.catalogue_reading import STANDING_ALONE, read_addon_document, read_plan_document
from liftgate.engine.catalogue_writing import write_addon_document, write_plan_document
from liftgate.engine.customer_state import (
    AddOnPhase,
    Attribute,
    Crossed,
    CustomerState,
    Grant,
    GrantKind,
    PlanPhase,
    SubscriptionStatus,
    UsageKey,
)
from liftgate.engine.document_reader import LARGEST_WHOLE_NUMBER, ProblemCode, shown
from liftgate.engine.entitlement_document import read_explicit_entitlement, write_explicit_entitlement
from liftgate.engine.wire_values import (
    WIRE_VERSION,
    WireFields,
    decode_whole,
    encode_instant,
    read_version_name,
    require_version,
)

__all__ = ["decode_state", "encode_state"]

# One account holds a handful of each; the bound only keeps a broken document from costing much.
_MOST_ITEMS = 100_000


def encode_state(state: CustomerState) -> dict[str, object]:
    """Return a customer state as a document of plain JSON values."""
    return {
        "wire": WIRE_VERSION,
        "environment": state.environment,
        "customer": state.customer,
        "version": state.version,
        "language": state.language,
        "currency": state.currency,
        "attributes": dict(state.attributes),
        "buyers": list(state.buyers),
        "billing_anchor": encode_instant(state.billing_anchor),
        "phases": [_encode_phase(phase) for phase in state.phases],
        "addons": [_encode_addon_phase(phase) for phase in state.addons],
        "grants": [_encode_grant(grant) for grant in state.grants],
        "pinned_plans": {key: write_plan_document(plan, None) for key, plan in state.pinned_plans.items()},
        "pinned_addons": {key: write_addon_document(addon, None) for key, addon in state.pinned_addons.items()},
        "usage": [
            {"feature": feature, "user": user, "window": window, "used": used}
            for (feature, user, window), used in state.usage.items()
        ],
        "crossings": [_encode_crossed(crossed) for crossed in state.crossings],
    }


def decode_state(document: object) -> CustomerState:
    """Return the customer state of a document, or raise ``WireError``; unknown fields are passed over."""
    return decode_whole(document, _read_state)


def _read_state(fields: WireFields) -> CustomerState:
    require_version(fields, "wire", WIRE_VERSION)
    return CustomerState(
        environment=fields.string("environment"),
        customer=fields.string("customer"),
        version=fields.whole_number("version"),
        language=fields.optional_string("language"),
        currency=fields.optional_string("currency"),
        attributes=_read_attributes(fields),
        buyers=fields.strings("buyers", most=_MOST_ITEMS),
        billing_anchor=fields.optional_instant("billing_anchor"),
        phases=tuple(_read_phase(item) for item in _objects(fields, "phases")),
        addons=tuple(_read_addon_phase(item) for item in _objects(fields, "addons")),
        grants=tuple(_read_grant(item) for item in _objects(fields, "grants")),
        pinned_plans=_read_pinned_plans(fields),
        pinned_addons=_read_pinned_addons(fields),
        usage=_read_usage(fields),
        crossings=tuple(_read_crossed(item) for item in _objects(fields, "crossings")),
    )


def _objects(fields: WireFields, name: str) -> list[WireFields]:
    return [WireFields(fields.problems, path, value) for path, value in fields.items(name, most=_MOST_ITEMS)]


def _read_attributes(fields: WireFields) -> dict[str, Attribute]:
    attributes: dict[str, Attribute] = {}
    for name, path, value in fields.entries("attributes", most=_MOST_ITEMS):
        if value is None or isinstance(value, str | bool) or _is_plain_number(value):
            attributes[name] = value
        else:
            message = f"Expected a string, a number, true, false or null, not {shown(value)}."
            fields.problems.add(path, ProblemCode.WRONG_TYPE, message)
    return attributes


def _is_plain_number(value: object) -> TypeGuard[int | float]:
    # NaN and infinity are no JSON, whatever some writers think.
    if isinstance(value, int):
        return abs(value) <= LARGEST_WHOLE_NUMBER
    return isinstance(value, float) and math.isfinite(value)


def _encode_phase(phase: PlanPhase) -> dict[str, object]:
    return {
        "plan": phase.plan,
        "plan_version": phase.plan_version,
        "status": phase.status.value,
        "interval": phase.interval.value,
        "currency": phase.currency,
        "quantity": phase.quantity,
        "starts_at": encode_instant(phase.starts_at),
        "ends_at": encode_instant(phase.ends_at),
    }


def _read_phase(fields: WireFields) -> PlanPhase:
    return PlanPhase(
        plan=fields.string("plan"),
        plan_version=fields.whole_number("plan_version"),
        status=fields.choice("status", SubscriptionStatus),
        interval=fields.choice("interval", Recurrence),
        currency=fields.string("currency"),
        quantity=fields.whole_number("quantity"),
        starts_at=fields.instant("starts_at"),
        ends_at=fields.optional_instant("ends_at"),
    )


def _encode_addon_phase(phase: AddOnPhase) -> dict[str, object]:
    return {
        "addon": phase.addon,
        "addon_version": phase.addon_version,
        "quantity": phase.quantity,
        "interval": None if phase.interval is None else phase.interval.value,
        "starts_at": encode_instant(phase.starts_at),
        "ends_at": encode_instant(phase.ends_at),
    }


def _read_addon_phase(fields: WireFields) -> AddOnPhase:
    return AddOnPhase(
        addon=fields.string("addon"),
        addon_version=fields.whole_number("addon_version"),
        quantity=fields.whole_number("quantity"),
        starts_at=fields.instant("starts_at"),
        ends_at=fields.optional_instant("ends_at"),
        interval=None if fields.optional_string("interval") is None else fields.choice("interval", Recurrence),
    )


def _encode_grant(grant: Grant) -> dict[str, object]:
    entitlement = grant.entitlement
    return {
        "id": grant.id,
        "kind": grant.kind.value,
        "feature": grant.feature,
        "plan": grant.plan,
        "plan_version": grant.plan_version,
        "entitlement": None if entitlement is None else write_explicit_entitlement(entitlement),
        "max_uses": grant.max_uses,
        "reason": grant.reason,
        "created_at": encode_instant(grant.created_at),
        "starts_at": encode_instant(grant.starts_at),
        "ends_at": encode_instant(grant.ends_at),
    }


def _read_grant(fields: WireFields) -> Grant:
    feature = fields.optional_string("feature")
    return Grant(
        id=fields.string("id"),
        kind=fields.choice("kind", GrantKind),
        created_at=fields.instant("created_at"),
        starts_at=fields.instant("starts_at"),
        ends_at=fields.optional_instant("ends_at"),
        feature=feature,
        plan=fields.optional_string("plan"),
        plan_version=fields.optional_whole_number("plan_version"),
        entitlement=_read_grant_entitlement(fields, feature),
        max_uses=fields.optional_whole_number("max_uses"),
        reason=fields.optional_string("reason"),
    )


def _read_grant_entitlement(fields: WireFields, feature: str | None) -> Entitlement | None:
    if not fields.has("entitlement"):
        return None
    if feature is None:
        fields.refuse("entitlement", ProblemCode.NOT_ALLOWED, "An entitlement needs the feature it is for.")
        return None
    return read_explicit_entitlement(fields.problems, fields.at("entitlement"), feature, fields.get("entitlement"))


def _read_pinned_plans(fields: WireFields) -> dict[str, Plan]:
    return {
        pin: read_plan_document(fields.problems, path, _pinned_key(fields, path, pin), value, vocabulary=STANDING_ALONE)
        for pin, path, value in fields.entries("pinned_plans", most=_MOST_ITEMS)
    }


def _read_pinned_addons(fields: WireFields) -> dict[str, AddOn]:
    return {
        pin: read_addon_document(
            fields.problems, path, _pinned_key(fields, path, pin), value, vocabulary=STANDING_ALONE
        )
        for pin, path, value in fields.entries("pinned_addons", most=_MOST_ITEMS)
    }


def _pinned_key(fields: WireFields, path: str, pin: str) -> str:
    return read_version_name(fields, path, pin).partition("@")[0]


def _read_usage(fields: WireFields) -> dict[UsageKey, int]:
    usage: dict[UsageKey, int] = {}
    for item in _objects(fields, "usage"):
        key = (item.string("feature"), item.optional_string("user"), item.string("window"))
        if key in usage:
            item.refuse("window", ProblemCode.DUPLICATE, "This window of this feature and user stands here twice.")
        usage[key] = item.whole_number("used")
    return usage


def _encode_crossed(crossed: Crossed) -> dict[str, object]:
    return {
        "feature": crossed.feature,
        "user": crossed.user,
        "window": crossed.window,
        "percent": crossed.percent,
        "at": encode_instant(crossed.at),
    }


def _read_crossed(fields: WireFields) -> Crossed:
    return Crossed(
        feature=fields.string("feature"),
        user=fields.optional_string("user"),
        window=fields.string("window"),
        percent=fields.whole_number("percent"),
        at=fields.instant("at"),
    )
