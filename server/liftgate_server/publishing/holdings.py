"""Who holds what, counted by the database: read across rooms, in a number of statements that no account adds to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, false, func, or_, select, tuple_

from liftgate.engine.customer_state import SubscriptionStatus
from liftgate_server.catalog.models import ProductVersionRow
from liftgate_server.catalog.queries import ProductKind
from liftgate_server.customers.models import AddOnPhaseRow, CustomerRow, GrantRow, PlanPhaseRow
from liftgate_server.plumbing.db import reading
from liftgate_server.publishing.affected import giving_access, running
from liftgate_server.publishing.facts import UseKind

__all__ = [
    "GrantUse",
    "Holding",
    "ProductVersion",
    "accounts_without_subscription",
    "grants_in_use",
    "holders",
    "holdings",
    "product_documents",
]

_TRIALING: Final = SubscriptionStatus.TRIALING.value

ProductVersion = tuple[ProductKind, str, int]
"""Kind, key and version of a plan or add-on."""


@dataclass(frozen=True, slots=True)
class Holding:
    """How many accounts hold a product version on file, now or in time, in one way; and the first and last of them."""

    product: ProductVersion
    how: UseKind
    accounts: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GrantUse:
    """How many accounts have a running or future grant of a feature, or of a trial of a plan version."""

    feature: str | None
    plan: str | None
    plan_version: int | None
    accounts: int
    examples: tuple[str, ...]


def holders(environment_id: int, at: datetime) -> dict[ProductVersion, int]:
    """Count the accounts to which each product version on file gives something at an instant."""
    plan, addon = PlanPhaseRow, AddOnPhaseRow
    plans: Any = (
        select(plan.plan, plan.plan_version, func.count())
        .where(giving_access(environment_id, at))
        .group_by(plan.plan, plan.plan_version)
    )
    addons: Any = (
        select(addon.addon, addon.addon_version, func.count())
        .where(addon.environment_id == environment_id, running(addon, at))
        .group_by(addon.addon, addon.addon_version)
    )
    counted = {(ProductKind.PLAN, row[0], row[1]): int(row[2]) for row in reading().execute(plans)}
    return counted | {(ProductKind.ADDON, row[0], row[1]): int(row[2]) for row in reading().execute(addons)}


def accounts_without_subscription(environment_id: int, at: datetime) -> int:
    """Count the accounts that hold the default plan."""
    everybody = select(func.count()).where(CustomerRow.environment_id == environment_id).scalar_subquery()
    subscribed = select(func.count()).select_from(PlanPhaseRow).where(giving_access(environment_id, at))
    return int(reading().execute(select(everybody - subscribed.scalar_subquery())).scalar_one())


def holdings(environment_id: int, at: datetime, *, of: tuple[ProductKind, str] | None = None) -> list[Holding]:
    """Count who holds which product version at an instant or later, and how; with ``of`` those of one product."""
    plan, addon = PlanPhaseRow, AddOnPhaseRow
    plans = _counted(
        (plan.plan, plan.plan_version, _how(plan.starts_at, at, trial=plan.status == _TRIALING)),
        plan.customer,
    ).where(plan.environment_id == environment_id, _not_over(plan, at))
    addons = _counted(
        (addon.addon, addon.addon_version, _how(addon.starts_at, at, trial=false())), addon.customer
    ).where(addon.environment_id == environment_id, _not_over(addon, at))
    asked = {ProductKind.PLAN: (plans, plan.plan), ProductKind.ADDON: (addons, addon.addon)}
    if of is not None:
        query, key = asked[of[0]]
        return [_holding(of[0], row) for row in reading().execute(query.where(key == of[1]))]
    return [_holding(kind, row) for kind, (query, _) in asked.items() for row in reading().execute(query)]


def grants_in_use(environment_id: int, at: datetime, *, of: tuple[ProductKind, str] | None = None) -> list[GrantUse]:
    """Count who has running or future grants, by what is granted; with ``of`` those of one product."""
    table = GrantRow
    query = _counted((table.feature, table.plan, table.plan_version), table.customer).where(
        table.environment_id == environment_id, _not_over(table, at)
    )
    if of is not None:
        # What is granted is a feature or a plan, never an add-on.
        query = query.where(table.plan == of[1]) if of[0] is ProductKind.PLAN else query.where(false())
    return [GrantUse(row[0], row[1], row[2], row.accounts, _examples(row)) for row in reading().execute(query)]


def product_documents(environment_id: int, versions: Iterable[ProductVersion]) -> dict[ProductVersion, str]:
    """Read the documents of product versions."""
    wanted = [(kind.value, key, version) for kind, key, version in versions]
    if not wanted:
        return {}
    table = ProductVersionRow
    query = select(table.kind, table.key, table.version, table.document).where(
        table.environment_id == environment_id, tuple_(table.kind, table.key, table.version).in_(wanted)
    )
    return {(ProductKind(row.kind), row.key, row.version): row.document for row in reading().execute(query)}


def _counted(what: tuple[Any, ...], customer: Any) -> Any:
    """Count the accounts for each kind of thing, with the first and the last of them."""
    return select(
        *what,
        func.count(customer.distinct()).label("accounts"),
        func.min(customer).label("first"),
        func.max(customer).label("last"),
    ).group_by(*what)


def _how(starts_at: Any, at: datetime, *, trial: ColumnElement[bool]) -> ColumnElement[str]:
    return case(
        (starts_at > at, UseKind.SCHEDULED.value),
        (trial, UseKind.TRIAL.value),
        else_=UseKind.SUBSCRIPTION.value,
    ).label("how")


def _not_over(table: type[PlanPhaseRow | AddOnPhaseRow | GrantRow], at: datetime) -> ColumnElement[bool]:
    # A phase that begins where it ends is none, and what is scheduled counts as much as what runs.
    return or_(table.ends_at.is_(None), and_(table.ends_at > at, table.ends_at > table.starts_at))


def _holding(kind: ProductKind, row: Any) -> Holding:
    return Holding((kind, row[0], row[1]), UseKind(row.how), row.accounts, _examples(row))


def _examples(row: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys((row.first, row.last)))
