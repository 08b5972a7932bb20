"""Changes of orders. Completing one changes the subscription in the same transaction, once."""

# size: an order meets the plan change it completes; four imports are the words the two rooms share

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from liftgate.engine.catalogue_model import PricePer, Recurrence, version_name
from liftgate_server.access import queries as access
from liftgate_server.billing.facts import Order, OrderKind, OrderStatus, RequestedBy
from liftgate_server.billing.models import OrderRow
from liftgate_server.billing.providers import MANUAL, provider_named
from liftgate_server.billing.rows import order_of, status_at, unknown_order
from liftgate_server.customers import purchases
from liftgate_server.customers.choices import AddOnWish, PlanWish
from liftgate_server.customers.facts import Attribution
from liftgate_server.customers.service import UpsertCustomer, upsert_customer
from liftgate_server.customers.timeline import AddOnChoice, PlanChoice
from liftgate_server.plumbing.audit import write_entry
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.db import changed_rows, transaction
from liftgate_server.plumbing.errors import Conflict, Forbidden
from liftgate_server.plumbing.ids import new_id

__all__ = [
    "Orderer",
    "PlaceOrder",
    "approve_order",
    "cancel_open_orders",
    "cancel_order",
    "confirm_order",
    "expire_due_orders",
    "place_order",
    "reject_order",
    "request_upgrade",
]

# A price is honoured this long; an approval that takes more than a day deserves today's price.
ORDER_LIFETIME = timedelta(hours=24)
# Anybody with a token may place orders; beyond this somebody is playing.
MOST_OPEN_ORDERS = 20

_OPEN = (OrderStatus.REQUESTED.value, OrderStatus.PENDING.value)


@dataclass(frozen=True, slots=True)
class Orderer:
    """Who orders, for which customer."""

    environment_id: int
    customer: str
    user: str | None
    role: RequestedBy


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """A plan or an add-on (just one of the two); the price is looked up, never told."""

    interval: Recurrence
    plan: str | None = None
    addon: str | None = None
    currency: str | None = None
    quantity: int | None = None
    gate: str | None = None
    impression_id: str | None = None


def place_order(orderer: Orderer, command: PlaceOrder) -> Order:
    """Order something at today's price; it is held once the order is completed."""
    if orderer.role is RequestedBy.MEMBER:
        raise _not_a_buyer()
    return _place(orderer, command, OrderStatus.PENDING)


def request_upgrade(orderer: Orderer, command: PlaceOrder) -> Order:
    """Ask for something that management then approves or rejects; anybody may ask."""
    return _place(orderer, command, OrderStatus.REQUESTED)


def approve_order(environment_id: int, order_id: str, *, decided_by: str) -> Order:
    """Complete an order: the subscription changes now. Approving it again answers the same and changes nothing."""
    with transaction(environment_id) as session:
        row = _lock(session, environment_id, order_id)
        at = now()
        if _is_still_open(row, OrderStatus.COMPLETED, at):
            _complete(row, decided_by=decided_by, at=at)
            _note(row, "order.approved")
        return order_of(row, at=at)


def reject_order(environment_id: int, order_id: str, *, decided_by: str) -> Order:
    """Refuse an order; nothing is bought."""
    with transaction(environment_id) as session:
        row = _lock(session, environment_id, order_id)
        at = now()
        if _is_still_open(row, OrderStatus.REJECTED, at):
            _decide(row, OrderStatus.REJECTED, decided_by=decided_by, at=at)
            _note(row, "order.rejected")
        return order_of(row, at=at)


def confirm_order(orderer: Orderer, order_id: str) -> Order:
    """Complete an order by its buyer's own word, where the provider takes it."""
    if orderer.role is RequestedBy.MEMBER:
        raise _not_a_buyer()
    with transaction(orderer.environment_id) as session:
        row = _lock_own(session, orderer, order_id)
        at = now()
        if _is_still_open(row, OrderStatus.COMPLETED, at):
            environment = access.environment_by_id(orderer.environment_id)
            provider_named(row.provider).check_confirmation(order_of(row, at=at), environment)
            _complete(row, decided_by=_name(orderer), at=at)
            _note(row, "order.confirmed")
        return order_of(row, at=at)


def cancel_order(orderer: Orderer, order_id: str) -> Order:
    """Take an order back. A buyer may take back any of the account's, others what they asked for themselves."""
    with transaction(orderer.environment_id) as session:
        row = _lock_own(session, orderer, order_id)
        if orderer.role is RequestedBy.MEMBER and (row.user is None or row.user != orderer.user):
            raise _not_a_buyer()
        at = now()
        if _is_still_open(row, OrderStatus.CANCELED, at):
            _decide(row, OrderStatus.CANCELED, decided_by=_name(orderer), at=at)
        return order_of(row, at=at)


def cancel_open_orders(environment_id: int, customer: str) -> int:
    """Take back what an account has ordered and nobody has decided about, because the account goes; say how many."""
    with transaction(environment_id) as session:
        waiting = update(OrderRow).where(
            OrderRow.environment_id == environment_id, OrderRow.customer == customer, OrderRow.status.in_(_OPEN)
        )
        return changed_rows(session, waiting.values(status=OrderStatus.CANCELED.value, decided_at=now()))


def expire_due_orders(at: datetime) -> int:
    """Write down what has expired; readers see it without. Give the number of orders."""
    with transaction() as session:
        due = update(OrderRow).where(OrderRow.status.in_(_OPEN), OrderRow.expires_at <= at)
        return changed_rows(session, due.values(status=OrderStatus.EXPIRED.value, decided_at=OrderRow.expires_at))


def _place(orderer: Orderer, command: PlaceOrder, status: OrderStatus) -> Order:
    with transaction(orderer.environment_id) as session:
        if orderer.role is not RequestedBy.HOST:
            # The host vouches for the account by its token; gates work before the first upsert, so must buying.
            upsert_customer(orderer.environment_id, orderer.customer, UpsertCustomer())
        choice = _price(orderer, command)
        at = now()
        _refuse_flood(session, orderer, at)
        row = _new_row(orderer, command, choice, at)
        row.status = status.value
        session.add(row)
        session.flush()
        return order_of(row, at=at)


def _price(orderer: Orderer, command: PlaceOrder) -> PlanChoice | AddOnChoice:
    if command.addon is not None:
        addon_wish = AddOnWish(command.addon, command.quantity or 1, command.interval, command.currency)
        return purchases.price_addon(orderer.environment_id, orderer.customer, addon_wish)
    wish = PlanWish(command.plan or "", command.interval, command.currency, command.quantity)
    return purchases.price_plan(orderer.environment_id, orderer.customer, wish)


def _refuse_flood(session: Session, orderer: Orderer, at: datetime) -> None:
    open_orders = session.scalar(
        select(func.count())
        .select_from(OrderRow)
        .where(
            OrderRow.environment_id == orderer.environment_id,
            OrderRow.customer == orderer.customer,
            OrderRow.status.in_(_OPEN),
            OrderRow.expires_at > at,
        )
    )
    if (open_orders or 0) >= MOST_OPEN_ORDERS:
        raise Conflict("too_many_open_orders", f"The customer has {open_orders} open orders already.")


def _new_row(orderer: Orderer, command: PlaceOrder, choice: PlanChoice | AddOnChoice, at: datetime) -> OrderRow:
    is_plan = isinstance(choice, PlanChoice)
    return OrderRow(
        environment_id=orderer.environment_id,
        id=new_id("ord"),
        customer=orderer.customer,
        user=orderer.user,
        kind=(OrderKind.PLAN if is_plan else OrderKind.ADDON).value,
        key=choice.plan if isinstance(choice, PlanChoice) else choice.addon,
        version=choice.plan_version if isinstance(choice, PlanChoice) else choice.addon_version,
        interval=choice.interval.value,
        currency=choice.currency,
        quantity=choice.quantity,
        unit_amount=choice.unit_amount,
        price_per=(choice.per if isinstance(choice, PlanChoice) else PricePer.ACCOUNT).value,
        amount=choice.amount,
        gate=command.gate,
        impression_id=command.impression_id,
        requested_by=orderer.role.value,
        provider=MANUAL,
        created_at=at,
        expires_at=at + ORDER_LIFETIME,
    )


def _complete(row: OrderRow, *, decided_by: str, at: datetime) -> None:
    order = order_of(row, at=at)
    attribution = Attribution(order_id=order.id, impression_id=order.impression_id)
    subscription = purchases.buy(order.environment_id, order.customer, order.choice, attribution=attribution)
    row.customer_version = subscription.customer_version
    _decide(row, OrderStatus.COMPLETED, decided_by=decided_by, at=at)


def _note(row: OrderRow, action: str) -> None:
    """Tell the audit log who decided about what."""
    told = {"customer": row.customer, row.kind: version_name(row.key, row.version), "interval": row.interval}
    after = {**told, "quantity": row.quantity, "amount": row.amount, "currency": row.currency}
    write_entry(row.environment_id, action, subject=f"order:{row.id}", after=after)


def _decide(row: OrderRow, status: OrderStatus, *, decided_by: str, at: datetime) -> None:
    row.status = status.value
    row.decided_at = at
    row.decided_by = decided_by


def _is_still_open(row: OrderRow, wanted: OrderStatus, at: datetime) -> bool:
    """Whether the order can still become what is wanted; false when it is that already."""
    status = status_at(row, at)
    if status is wanted:
        return False
    if not status.is_open:
        raise Conflict(f"order_{status}", f"The order '{row.id}' is {status} and stays so.")
    return True


def _lock(session: Session, environment_id: int, order_id: str) -> OrderRow:
    row = session.get(OrderRow, (environment_id, order_id), with_for_update=True, populate_existing=True)
    if row is None:
        raise unknown_order(order_id)
    return row


def _lock_own(session: Session, orderer: Orderer, order_id: str) -> OrderRow:
    row = _lock(session, orderer.environment_id, order_id)
    if row.customer != orderer.customer:
        raise unknown_order(order_id)
    return row


def _not_a_buyer() -> Forbidden:
    return Forbidden("not_a_buyer", "This user may not buy for the account, but may request an upgrade.")


def _name(orderer: Orderer) -> str:
    return orderer.user or orderer.customer
