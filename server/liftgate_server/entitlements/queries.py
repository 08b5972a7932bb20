"""Reads across the rooms: everything about one customer, in a handful of statements on one connection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, or_, select, tuple_
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
    row = connection.execute(_MARKS, {"environment": environment_id}).one_or_none()
    return (0, 0) if row is None else (row.number, row.catalogue_number)


def read_customer(
    connection: Connection, environment_id: int, customer: str, *, ended_after: datetime | None
) -> CustomerRows | None:
    """Read what is held by a customer and was not over by ``ended_after``; ``None`` for one nobody has told us of."""
    whom: dict[str, Any] = {"environment": environment_id, "customer": customer}
    row = connection.execute(_CUSTOMER, whom).one_or_none()
    if row is None:
        return None
    if ended_after is not None:
        whom["ended_after"] = ended_after
    return CustomerRows(
        customer=row,
        buyers=tuple(connection.execute(_BUYERS, whom).scalars()),
        phases=connection.execute(_PHASES[ended_after is None], whom).all(),
        addons=connection.execute(_ADDONS[ended_after is None], whom).all(),
        grants=connection.execute(_GRANTS[ended_after is None], whom).all(),
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
    rows = connection.execute(_CROSSINGS, {"environment": environment_id, "customer": customer, "at": at})
    return tuple(Crossed(row.feature, row.user or None, row.window, row.percent, row.at) for row in rows)


# Built once: to build them anew each time would take longer than the database takes to answer (2 ms a state, measured).


def _running_or_all(query: Any, ends_at: Any) -> tuple[Any, Any]:
    """Return the query of what was not over by an instant, and of everything there ever was."""
    return query.where(or_(ends_at.is_(None), ends_at > bindparam("ended_after"))), query


def _of_customer(table: Any) -> tuple[Any, Any]:
    return table.environment_id == bindparam("environment"), table.customer == bindparam("customer")


_MARKS = select(ChangeCounterRow.number, ChangeCounterRow.catalogue_number).where(
    ChangeCounterRow.environment_id == bindparam("environment")
)
_CUSTOMER = select(
    CustomerRow.id,
    CustomerRow.version,
    CustomerRow.language,
    CustomerRow.currency,
    CustomerRow.attributes,
    CustomerRow.billing_anchor,
).where(CustomerRow.environment_id == bindparam("environment"), CustomerRow.id == bindparam("customer"))
_BUYERS = (
    select(CustomerUserRow.id)
    .where(*_of_customer(CustomerUserRow), CustomerUserRow.buyer.is_(True))
    .order_by(CustomerUserRow.id)
)
_PHASES = _running_or_all(
    select(
        PlanPhaseRow.plan,
        PlanPhaseRow.plan_version,
        PlanPhaseRow.status,
        PlanPhaseRow.interval,
        PlanPhaseRow.currency,
        PlanPhaseRow.quantity,
        PlanPhaseRow.starts_at,
        PlanPhaseRow.ends_at,
    )
    .where(*_of_customer(PlanPhaseRow))
    .order_by(PlanPhaseRow.starts_at, PlanPhaseRow.id),
    PlanPhaseRow.ends_at,
)
_ADDONS = _running_or_all(
    select(
        AddOnPhaseRow.addon,
        AddOnPhaseRow.addon_version,
        AddOnPhaseRow.quantity,
        AddOnPhaseRow.interval,
        AddOnPhaseRow.starts_at,
        AddOnPhaseRow.ends_at,
    )
    .where(*_of_customer(AddOnPhaseRow))
    .order_by(AddOnPhaseRow.starts_at, AddOnPhaseRow.id),
    AddOnPhaseRow.ends_at,
)
_GRANTS = _running_or_all(
    select(
        GrantRow.id,
        GrantRow.kind,
        GrantRow.feature,
        GrantRow.plan,
        GrantRow.plan_version,
        GrantRow.entitlement,
        GrantRow.max_uses,
        GrantRow.reason,
        GrantRow.created_at,
        GrantRow.starts_at,
        GrantRow.ends_at,
    )
    .where(*_of_customer(GrantRow))
    .order_by(GrantRow.created_at, GrantRow.id),
    GrantRow.ends_at,
)
_CROSSINGS = (
    select(
        UsageCrossingRow.feature,
        UsageCrossingRow.user,
        UsageCrossingRow.window,
        UsageCrossingRow.percent,
        UsageCrossingRow.at,
    )
    .join(
        UsageCounterRow,
        and_(
            UsageCrossingRow.environment_id == UsageCounterRow.environment_id,
            UsageCrossingRow.customer == UsageCounterRow.customer,
            UsageCrossingRow.feature == UsageCounterRow.feature,
            UsageCrossingRow.user == UsageCounterRow.user,
            UsageCrossingRow.window == UsageCounterRow.window,
        ),
    )
    .where(*_of_customer(UsageCrossingRow), UsageCounterRow.ends_at > bindparam("at"))
    .order_by(
        UsageCrossingRow.at.desc(),
        UsageCrossingRow.feature,
        UsageCrossingRow.user,
        UsageCrossingRow.window,
        UsageCrossingRow.percent,
    )
    .limit(_MOST_IN_STATE)
)
