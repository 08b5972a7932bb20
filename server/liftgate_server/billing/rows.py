"""Rows of this room become its facts here."""

from __future__ import annotations

from datetime import datetime

from liftgate.engine.catalogue_model import PricePer, Recurrence
from liftgate_server.billing.facts import Order, OrderKind, OrderStatus, RequestedBy
from liftgate_server.billing.models import OrderRow
from liftgate_server.plumbing.errors import NotFound


def unknown_order(order_id: str) -> NotFound:
    return NotFound("unknown_order", f"There is no order '{order_id}'.")


def order_of(row: OrderRow, *, at: datetime) -> Order:
    return Order(
        id=row.id,
        environment_id=row.environment_id,
        status=status_at(row, at),
        customer=row.customer,
        user=row.user,
        kind=OrderKind(row.kind),
        key=row.key,
        version=row.version,
        interval=Recurrence(row.interval),
        currency=row.currency,
        quantity=row.quantity,
        unit_amount=row.unit_amount,
        per=PricePer(row.price_per),
        amount=row.amount,
        gate=row.gate,
        impression_id=row.impression_id,
        requested_by=RequestedBy(row.requested_by),
        provider=row.provider,
        created_at=row.created_at,
        expires_at=row.expires_at,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        customer_version=row.customer_version,
    )


def status_at(row: OrderRow, at: datetime) -> OrderStatus:
    """Return the status at the instant; no job is needed for an order to expire."""
    status = OrderStatus(row.status)
    return OrderStatus.EXPIRED if status.is_open and row.expires_at <= at else status
