"""What may be granted, and how a grant is written down: in the row, and in the audit log."""

from __future__ import annotations

from typing import Any

from liftgate.engine.catalogue import InvalidCatalogue, read_entitlement, write_standalone_entitlement
from liftgate.engine.catalogue_model import Feature, FeatureKind, Snapshot, version_name
from liftgate.engine.customer_state import GrantKind
from liftgate.engine.wire_values import encode_instant
from liftgate_server.customers.models import GrantRow
from liftgate_server.plumbing.errors import Conflict, FieldError, Invalid

__all__ = ["grant_in_short", "granted_entitlement", "granted_plan_version", "invalid_grant"]


def grant_in_short(row: GrantRow) -> dict[str, Any]:
    """Return a grant as the audit log keeps it."""
    told = {
        "grant": row.id,
        "kind": row.kind,
        "feature": row.feature,
        "plan": None if row.plan is None else version_name(row.plan, row.plan_version or 0),
        "entitlement": row.entitlement,
        "max_uses": row.max_uses,
        "reason": row.reason,
        "starts_at": encode_instant(row.starts_at),
        "ends_at": encode_instant(row.ends_at),
    }
    return {name: value for name, value in told.items() if value is not None}


def granted_plan_version(snapshot: Snapshot, plan: str | None) -> int | None:
    """Return the version in which a plan is tried; raises when it cannot be."""
    if plan is None:
        return None
    version = snapshot.plan_versions.get(plan)
    if version is None:
        raise invalid_grant("plan", "unknown_reference", f"The catalogue has no plan '{plan}'.")
    if snapshot.catalogue.plans[plan].archived:
        raise Conflict("archived", f"The plan '{plan}' is archived; it cannot be tried any more.")
    return version


def granted_entitlement(snapshot: Snapshot, kind: GrantKind, key: str | None, entitlement: object) -> object:
    """Return what is given, in the form that stands alone; raises when it does not fit the feature."""
    if key is None:
        return None
    feature = snapshot.catalogue.features.get(key)
    if feature is None:
        raise invalid_grant("feature", "unknown_reference", f"The catalogue has no feature '{key}'.")
    if kind is GrantKind.REVOKE:
        return None
    if kind is GrantKind.PROMOTION:
        _check_promotion(feature, entitlement)
    try:
        return write_standalone_entitlement(read_entitlement(feature, entitlement))
    except InvalidCatalogue as failure:
        errors = [FieldError(problem.path, problem.code, problem.message) for problem in failure.problems]
        raise Invalid("invalid_request", "The entitlement does not fit the feature.", errors=errors) from failure


def _check_promotion(feature: Feature, entitlement: object) -> None:
    """A promotion adds something: an amount, or a switch that is on."""
    if feature.kind is FeatureKind.SETTING:
        message = "A promotion adds an amount or turns a switch on; a setting takes an override."
        raise invalid_grant("feature", "not_allowed", message)
    if feature.kind is FeatureKind.SWITCH and entitlement is not True:
        raise invalid_grant("entitlement", "not_allowed", "A promotion turns a switch on; to close it, revoke it.")


def invalid_grant(field: str, code: str, message: str) -> Invalid:
    """Return the refusal of one field."""
    return Invalid("invalid_request", message, errors=[FieldError(field, code, message)])
