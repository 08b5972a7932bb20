"""Rows of this room become its facts and timelines here, and a timeline becomes rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from liftgate.engine.catalogue_model import PricePer, Recurrence
from liftgate.engine.customer_state import GrantKind, SubscriptionStatus
from liftgate_server.customers.endings import endings_of, follow
from liftgate_server.customers.facts import Customer, CustomerGrant, CustomerUser, GrantState, MrrChange
from liftgate_server.customers.models import (
    AddOnPhaseRow,
    CustomerRow,
    CustomerUserRow,
    GrantRow,
    MrrChangeRow,
    PlanPhaseRow,
)
from liftgate_server.customers.mrr import MrrCause, MrrKind
from liftgate_server.customers.timeline import AddOnChoice, AddOnHolding, PlanChoice, PlanHolding, Timeline
from liftgate_server.plumbing.errors import NotFound
from liftgate_server.plumbing.ids import new_id

_Phase = TypeVar("_Phase", PlanPhaseRow, AddOnPhaseRow)


def unknown_customer(customer: str) -> NotFound:
    return NotFound("unknown_customer", f"There is no customer '{customer}' in this environment.")


def customer_of(row: CustomerRow) -> Customer:
    return Customer(
        id=row.id,
        name=row.name,
        language=row.language,
        currency=row.currency,
        attributes=dict(row.attributes),
        version=row.version,
        billing_anchor=row.billing_anchor,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def user_of(row: CustomerUserRow) -> CustomerUser:
    return CustomerUser(
        customer=row.customer,
        id=row.id,
        name=row.name,
        email=row.email,
        buyer=row.buyer,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def grant_of(row: GrantRow, *, at: datetime) -> CustomerGrant:
    return CustomerGrant(
        id=row.id,
        customer=row.customer,
        kind=GrantKind(row.kind),
        state=_grant_state(row, at),
        feature=row.feature,
        plan=row.plan,
        plan_version=row.plan_version,
        entitlement=row.entitlement,
        max_uses=row.max_uses,
        reason=row.reason,
        created_by=row.created_by,
        created_at=row.created_at,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
    )


def _grant_state(row: GrantRow, at: datetime) -> GrantState:
    if row.ends_at is not None and row.ends_at <= at:
        return GrantState.ENDED
    return GrantState.RUNNING if row.starts_at <= at else GrantState.SCHEDULED


def mrr_change_of(row: MrrChangeRow) -> MrrChange:
    return MrrChange(
        id=row.id,
        customer=row.customer,
        at=row.at,
        kind=MrrKind(row.kind),
        cause=MrrCause(row.cause),
        currency=row.currency,
        mrr_before=row.mrr_before,
        mrr_after=row.mrr_after,
        order_id=row.order_id,
        offer_key=row.offer_key,
        impression_id=row.impression_id,
    )


def load_timeline(session: Session, row: CustomerRow) -> Timeline:
    """Read all phases of a customer as they are written down, oldest first."""
    plans = session.scalars(
        select(PlanPhaseRow)
        .where(PlanPhaseRow.environment_id == row.environment_id, PlanPhaseRow.customer == row.id)
        .order_by(PlanPhaseRow.starts_at)
    )
    addons = session.scalars(
        select(AddOnPhaseRow)
        .where(AddOnPhaseRow.environment_id == row.environment_id, AddOnPhaseRow.customer == row.id)
        .order_by(AddOnPhaseRow.starts_at, AddOnPhaseRow.id)
    )
    return Timeline(
        plans=tuple(_plan_holding(plan) for plan in plans),
        addons=tuple(_addon_holding(addon) for addon in addons),
        anchor=row.billing_anchor,
    )


def load_running(
    session: Session, environment_id: int, customers: Sequence[str], *, at: datetime
) -> Mapping[str, Timeline]:
    """Read what runs at the instant, of several customers at once; the anchors are left out."""
    plans: dict[str, list[PlanHolding]] = {customer: [] for customer in customers}
    addons: dict[str, list[AddOnHolding]] = {customer: [] for customer in customers}
    for plan in session.scalars(_running(PlanPhaseRow, environment_id, customers, at)):
        plans[plan.customer].append(_plan_holding(plan))
    for addon in session.scalars(_running(AddOnPhaseRow, environment_id, customers, at)):
        addons[addon.customer].append(_addon_holding(addon))
    endings = endings_of(environment_id)
    return {
        customer: follow(Timeline(tuple(plans[customer]), tuple(addons[customer])), endings, until=at)
        for customer in customers
    }


def load_present(session: Session, row: CustomerRow, *, at: datetime) -> Timeline:
    """Read all phases of a customer, every version that has ended by then followed by the one that came after it."""
    return follow(load_timeline(session, row), endings_of(row.environment_id), until=at)


def _running(table: type[_Phase], environment_id: int, customers: Sequence[str], at: datetime) -> Select[_Phase]:
    return select(table).where(
        table.environment_id == environment_id,
        table.customer.in_(customers),
        table.starts_at <= at,
        or_(table.ends_at.is_(None), table.ends_at > at),
    )


def store_timeline(session: Session, row: CustomerRow, timeline: Timeline) -> None:
    """Make the customer's rows say what the timeline says."""
    row.billing_anchor = timeline.anchor
    stored_plans = session.scalars(
        select(PlanPhaseRow).where(PlanPhaseRow.environment_id == row.environment_id, PlanPhaseRow.customer == row.id)
    )
    stored_addons = session.scalars(
        select(AddOnPhaseRow).where(
            AddOnPhaseRow.environment_id == row.environment_id, AddOnPhaseRow.customer == row.id
        )
    )
    _store(session, stored_plans, timeline.plans, [_plan_row(row, plan) for plan in timeline.plans])
    _store(session, stored_addons, timeline.addons, [_addon_row(row, addon) for addon in timeline.addons])
    session.flush()


def _store(
    session: Session,
    stored: Iterable[PlanPhaseRow] | Iterable[AddOnPhaseRow],
    holdings: Iterable[PlanHolding] | Iterable[AddOnHolding],
    rows: Iterable[PlanPhaseRow] | Iterable[AddOnPhaseRow],
) -> None:
    kept = {holding.id for holding in holdings if holding.id is not None}
    for old in stored:
        if old.id not in kept:
            session.delete(old)
    for wanted in rows:
        session.merge(wanted)


def _plan_holding(row: PlanPhaseRow) -> PlanHolding:
    choice = PlanChoice(
        plan=row.plan,
        plan_version=row.plan_version,
        interval=Recurrence(row.interval),
        currency=row.currency,
        quantity=row.quantity,
        unit_amount=row.unit_amount,
        per=PricePer(row.price_per),
    )
    return PlanHolding(choice, SubscriptionStatus(row.status), row.starts_at, row.ends_at, row.id)


def _addon_holding(row: AddOnPhaseRow) -> AddOnHolding:
    choice = AddOnChoice(
        addon=row.addon,
        addon_version=row.addon_version,
        interval=Recurrence(row.interval),
        currency=row.currency,
        quantity=row.quantity,
        unit_amount=row.unit_amount,
    )
    return AddOnHolding(choice, row.starts_at, row.ends_at, row.ends_with_plan, row.id)


def _plan_row(customer: CustomerRow, holding: PlanHolding) -> PlanPhaseRow:
    choice = holding.choice
    return PlanPhaseRow(
        environment_id=customer.environment_id,
        customer=customer.id,
        id=holding.id or new_id("phs"),
        plan=choice.plan,
        plan_version=choice.plan_version,
        status=holding.status.value,
        interval=choice.interval.value,
        currency=choice.currency,
        quantity=choice.quantity,
        unit_amount=choice.unit_amount,
        price_per=choice.per.value,
        starts_at=holding.starts_at,
        ends_at=holding.ends_at,
    )


def _addon_row(customer: CustomerRow, holding: AddOnHolding) -> AddOnPhaseRow:
    choice = holding.choice
    return AddOnPhaseRow(
        environment_id=customer.environment_id,
        customer=customer.id,
        id=holding.id or new_id("adp"),
        addon=choice.addon,
        addon_version=choice.addon_version,
        interval=choice.interval.value,
        currency=choice.currency,
        quantity=choice.quantity,
        unit_amount=choice.unit_amount,
        starts_at=holding.starts_at,
        ends_at=holding.ends_at,
        ends_with_plan=holding.ends_with_plan,
    )
