"""Changes of grants: overrides, promotions, revokes and trials, each with its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from liftgate.engine.customer_state import GrantKind
from liftgate_server.catalog import queries as catalog
from liftgate_server.customers.facts import CustomerGrant
from liftgate_server.customers.grant_checks import (
    grant_in_short,
    granted_entitlement,
    granted_plan_version,
    invalid_grant,
)
from liftgate_server.customers.models import GrantRow
from liftgate_server.customers.rows import grant_of
from liftgate_server.customers.service import lock_customer, raise_version
from liftgate_server.plumbing.audit import write_entry
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.db import transaction
from liftgate_server.plumbing.errors import NotFound
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
            plan_version=granted_plan_version(snapshot, command.plan),
            entitlement=granted_entitlement(snapshot, command.kind, command.feature, command.entitlement),
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
        write_entry(environment_id, "grant.made", subject=f"customer:{customer}", after=grant_in_short(row))
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
            before = grant_in_short(row)
            row.starts_at = min(row.starts_at, at)
            row.ends_at = at
            raise_version(owner, at)
            session.flush()
            subject = f"customer:{customer}"
            write_entry(environment_id, "grant.ended", subject=subject, before=before, after=grant_in_short(row))
        return grant_of(row, at=at)


def _check_end(ends_at: datetime | None, *, starts_at: datetime, at: datetime) -> None:
    if ends_at is None or ends_at > max(starts_at, at):
        return
    raise invalid_grant("ends_at", "out_of_range", "A grant ends after it begins, and not in the past.")
