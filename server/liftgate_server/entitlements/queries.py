"""Reads across the rooms: everything about one customer, in a handful of statements on one connection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, or_, select, tuple_
from sqlalchemy.engine import Connection

from liftgate.engine.customer_state import Crossed
from liftgate_server.catalog.models import ProductKind, ProductVersionRow
from liftgate_server.customers.models import AddOnPhaseRow, CustomerRow, CustomerUserRow, GrantRow, PlanPhaseRow
from liftgate_server.plumbing.changes import ChangeCounterRow
from liftgate_server.usage.models import UsageCounterRow, UsageCrossingRow

__all__ = [
    "CustomerRows",
    "ProductKey",
    "read_crossings",
    "read_customer",
    "read_marks",
    "read_products",
]

# A state is sent whole, so it has no more of them.
_MOST_IN_STATE = 1_000


ProductKey = tuple[ProductKind, str, int]
"""Kind, key and version of a plan or add-on."""

_Rows = Sequence[Row[Any]]


@dataclass(frozen=True, slots=True)
class CustomerRows:
    """The rows a customer state is made of."""

    customer: Row[Any]
    buyers: tuple[str, ...]
    phases: _Rows
    addons: _Rows
    grants: _Rows


def read_marks(connection: Connection, environment_id: int) -> tuple[int, int]:
    """Read the latest change number, and the latest that concerned the catalogue, as this connection sees them."""
    table = ChangeCounterRow
    row = connection.execute(
        select(table.number, table.catalogue_number).where(table.environment_id == environment_id)
    ).one_or_none()
    return (0, 0) if row is None else (row.number, row.catalogue_number)


def read_customer(
    connection: Connection, environment_id: int, customer: str, *, ended_after: datetime | None
) -> CustomerRows | None:
    """Read what is held by a customer and was not over by ``ended_after``; ``None`` for one nobody has told us of."""
    table = CustomerRow
    row = connection.execute(
        select(table.id, table.version, table.language, table.currency, table.attributes, table.billing_anchor).where(
            table.environment_id == environment_id, table.id == customer
        )
    ).one_or_none()
    if row is None:
        return None
    return CustomerRows(
        customer=row,
        buyers=_buyers(connection, environment_id, customer),
        phases=_held(connection, _phases(environment_id, customer), PlanPhaseRow.ends_at, ended_after),
        addons=_held(connection, _addons(environment_id, customer), AddOnPhaseRow.ends_at, ended_after),
        grants=_held(connection, _grants(environment_id, customer), GrantRow.ends_at, ended_after),
    )


def read_products(connection: Connection, environment_id: int, keys: Iterable[ProductKey]) -> dict[ProductKey, str]:
    """Read the documents of product versions."""
    wanted = [(kind.value, key, version) for kind, key, version in keys]
    if not wanted:
        return {}
    table = ProductVersionRow
    rows = connection.execute(
        select(table.kind, table.key, table.version, table.document).where(
            table.environment_id == environment_id, tuple_(table.kind, table.key, table.version).in_(wanted)
        )
    )
    return {(ProductKind(row.kind), row.key, row.version): row.document for row in rows}


def read_crossings(connection: Connection, environment_id: int, customer: str, *, at: datetime) -> tuple[Crossed, ...]:
    """Read the thresholds that the use has reached in windows that run at an instant, the latest first."""
    crossing, counter = UsageCrossingRow, UsageCounterRow
    same_window = and_(
        *(getattr(crossing, name) == getattr(counter, name) for name in ("environment_id", "customer", "feature")),
        crossing.user == counter.user,
        crossing.window == counter.window,
    )
    query = (
        select(crossing.feature, crossing.user, crossing.window, crossing.percent, crossing.at)
        .join(counter, same_window)
        .where(crossing.environment_id == environment_id, crossing.customer == customer, counter.ends_at > at)
        .order_by(crossing.at.desc(), crossing.feature, crossing.user, crossing.window, crossing.percent)
        .limit(_MOST_IN_STATE)
    )
    return tuple(
        Crossed(row.feature, row.user or None, row.window, row.percent, row.at) for row in connection.execute(query)
    )


def _held(connection: Connection, query: Any, ends_at: Any, ended_after: datetime | None) -> _Rows:
    if ended_after is not None:
        query = query.where(or_(ends_at.is_(None), ends_at > ended_after))
    return connection.execute(query).all()


def _buyers(connection: Connection, environment_id: int, customer: str) -> tuple[str, ...]:
    table = CustomerUserRow
    query = (
        select(table.id)
        .where(table.environment_id == environment_id, table.customer == customer, table.buyer.is_(True))
        .order_by(table.id)
    )
    return tuple(connection.execute(query).scalars())


def _phases(environment_id: int, customer: str) -> Any:
    table = PlanPhaseRow
    return (
        select(
            table.plan,
            table.plan_version,
            table.status,
            table.interval,
            table.currency,
            table.quantity,
            table.starts_at,
            table.ends_at,
        )
        .where(table.environment_id == environment_id, table.customer == customer)
        .order_by(table.starts_at, table.id)
    )


def _addons(environment_id: int, customer: str) -> Any:
    table = AddOnPhaseRow
    return (
        select(table.addon, table.addon_version, table.quantity, table.interval, table.starts_at, table.ends_at)
        .where(table.environment_id == environment_id, table.customer == customer)
        .order_by(table.starts_at, table.id)
    )


def _grants(environment_id: int, customer: str) -> Any:
    table = GrantRow
    return (
        select(
            table.id,
            table.kind,
            table.feature,
            table.plan,
            table.plan_version,
            table.entitlement,
            table.max_uses,
            table.reason,
            table.created_at,
            table.starts_at,
            table.ends_at,
        )
        .where(table.environment_id == environment_id, table.customer == customer)
        .order_by(table.created_at, table.id)
    )
