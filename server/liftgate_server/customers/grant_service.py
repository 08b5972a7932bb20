"""Changes of grants: overrides, promotions, revokes and trials, each with its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from liftgate.engine.catalogue import InvalidCatalogue, read_entitlement, write_standalone_entitlement
from liftgate.engine.catalogue_model import Feature, FeatureKind, Snapshot, version_name
from liftgate.engine.customer_state import GrantKind
from liftgate.engine.wire_values import encode_instant
from liftgate_server.catalog import queries as catalog
from liftgate_server.customers.facts import CustomerGrant
from liftgate_server.customers.models import GrantRow
from liftgate_server.customers.rows import grant_of
from liftgate_server.customers.service import lock_customer, raise_version
from liftgate_server.plumbing.audit import write_entry
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.db import transaction
from liftgate_server.plumbing.errors import Conflict, FieldError, Invalid, NotFound
from liftgate_server.plumbing.ids import new_id


@dataclass(frozen=True, slots=True)
class CreateGrant:
    """``entitlement`` is written as in a plan of the catalogue document, such as ``500`` or ``true``."""

    kind: GrantKind
    feature: str | None = None
    plan: str | None = None
    entitlement: Any = None
    max_uses: int | None = None
    reason: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None


def create_grant(
    environment_id: int, customer: str, command: CreateGrant, *, created_by: str | None = None
) -> CustomerGrant:
    """Give the customer a grant; raises when it does not fit the catalogue."""
    with transaction(environment_id) as session:
        owner = lock_customer(session, environment_id, customer)
        at = now()
        snapshot = catalog.current_snapshot(environment_id)
        starts_at = command.starts_at or at
        _check_end(command.ends_at, starts_at=starts_at, at=at)
        row = GrantRow(
            environment_id=environment_id,
            customer=customer,
            id=new_id("grt"),
            kind=command.kind.value,
            feature=command.feature,
            plan=command.plan,
            plan_version=_plan_version(snapshot, command.plan),
            entitlement=_entitlement(snapshot, command),
            max_uses=command.max_uses,
            reason=command.reason,
            created_by=created_by,
            created_at=at,
            starts_at=starts_at,
            ends_at=command.ends_at,
        )
        session.add(row)
        raise_version(owner, at)
        session.flush()
        write_entry(environment_id, "grant.made", subject=f"customer:{customer}", after=_in_short(row))
        return grant_of(row, at=at)


def end_grant(environment_id: int, customer: str, grant_id: str) -> CustomerGrant:
    """End a grant now; one that has not begun never will. Ending it again changes nothing."""
    with transaction(environment_id) as session:
        owner = lock_customer(session, environment_id, customer)
        row = session.get(GrantRow, (environment_id, customer, grant_id))
        if row is None:
            raise NotFound("unknown_grant", f"The customer '{customer}' has no grant '{grant_id}'.")
        at = now()
        if row.ends_at is None or row.ends_at > at:
            before = _in_short(row)
            row.starts_at = min(row.starts_at, at)
            row.ends_at = at
            raise_version(owner, at)
            session.flush()
            subject = f"customer:{customer}"
            write_entry(environment_id, "grant.ended", subject=subject, before=before, after=_in_short(row))
        return grant_of(row, at=at)


def _in_short(row: GrantRow) -> dict[str, Any]:
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


def _check_end(ends_at: datetime | None, *, starts_at: datetime, at: datetime) -> None:
    if ends_at is None or ends_at > max(starts_at, at):
        return
    raise _invalid("ends_at", "out_of_range", "A grant ends after it begins, and not in the past.")


def _plan_version(snapshot: Snapshot, plan: str | None) -> int | None:
    if plan is None:
        return None
    version = snapshot.plan_versions.get(plan)
    if version is None:
        raise _invalid("plan", "unknown_reference", f"The catalogue has no plan '{plan}'.")
    if snapshot.catalogue.plans[plan].archived:
        raise Conflict("archived", f"The plan '{plan}' is archived; it cannot be tried any more.")
    return version


def _entitlement(snapshot: Snapshot, command: CreateGrant) -> object:
    if command.feature is None:
        return None
    feature = snapshot.catalogue.features.get(command.feature)
    if feature is None:
        raise _invalid("feature", "unknown_reference", f"The catalogue has no feature '{command.feature}'.")
    if command.kind is GrantKind.REVOKE:
        return None
    if command.kind is GrantKind.PROMOTION:
        _check_promotion(feature, command.entitlement)
    try:
        return write_standalone_entitlement(read_entitlement(feature, command.entitlement))
    except InvalidCatalogue as failure:
        errors = [FieldError(problem.path, problem.code, problem.message) for problem in failure.problems]
        raise Invalid("invalid_request", "The entitlement does not fit the feature.", errors=errors) from failure


def _check_promotion(feature: Feature, entitlement: object) -> None:
    """A promotion adds something: an amount, or a switch that is on."""
    if feature.kind is FeatureKind.SETTING:
        message = "A promotion adds an amount or turns a switch on; a setting takes an override."
        raise _invalid("feature", "not_allowed", message)
    if feature.kind is FeatureKind.SWITCH and entitlement is not True:
        raise _invalid("entitlement", "not_allowed", "A promotion turns a switch on; to close it, revoke it.")


def _invalid(field: str, code: str, message: str) -> Invalid:
    return Invalid("invalid_request", message, errors=[FieldError(field, code, message)])
