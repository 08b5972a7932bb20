"""What is known of the accounts on one page: read across rooms, in one statement for each thing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from liftgate_server.catalog.queries import ProductKind
from liftgate_server.customers.models import AddOnPhaseRow, GrantRow, PlanPhaseRow
from liftgate_server.plumbing.db import reading
from liftgate_server.publishing.affected import giving_access, known_levels, running, shields_from

__all__ = ["HeldAddOn", "addons_of", "levels_of", "plans_of", "shields_of"]


class HeldAddOn(NamedTuple):
    """An add-on that an account holds, with the version on file."""

    version: tuple[str, int]
    quantity: int


def plans_of(environment_id: int, customers: Sequence[str], at: datetime) -> dict[str, tuple[str, int]]:
    """Read which plan version gives access to each of a page of customers."""
    table = PlanPhaseRow
    query = select(table.customer, table.plan, table.plan_version).where(
        giving_access(environment_id, at), table.customer.in_(customers)
    )
    return {row.customer: (row.plan, row.plan_version) for row in reading().execute(query)}


def addons_of(environment_id: int, customers: Sequence[str], at: datetime) -> dict[str, list[HeldAddOn]]:
    """Read which add-on versions, and how many, each of a page of customers holds."""
    table = AddOnPhaseRow
    query = select(table.customer, table.addon, table.addon_version, table.quantity).where(
        table.environment_id == environment_id, running(table, at), table.customer.in_(customers)
    )
    found: dict[str, list[HeldAddOn]] = {}
    for row in reading().execute(query.order_by(table.customer, table.addon)):
        found.setdefault(row.customer, []).append(HeldAddOn((row.addon, row.addon_version), row.quantity))
    return found


def shields_of(environment_id: int, customers: Sequence[str], at: datetime) -> frozenset[tuple[ProductKind, str, str]]:
    """Read which features of a page of customers grants decide, whatever plans, or add-ons, give of them."""
    table = GrantRow
    query = select(table.kind, table.customer, table.feature).where(
        table.environment_id == environment_id,
        table.customer.in_(customers),
        table.kind.in_(shields_from(ProductKind.PLAN)),
        running(table, at),
    )
    return frozenset(
        (kind, row.customer, row.feature)
        for row in reading().execute(query)
        for kind in ProductKind
        if row.kind in shields_from(kind)
    )


def levels_of(environment_id: int, customers: Sequence[str], features: Sequence[str]) -> dict[tuple[str, str], int]:
    """Read the levels of a page of customers, as the ledger counts them or hosts last reported them."""
    known = known_levels(environment_id, features).subquery()
    query = select(known.c.customer, known.c.feature, known.c.used).where(known.c.customer.in_(customers))
    return {(row.customer, row.feature): row.used for row in reading().execute(query)}
