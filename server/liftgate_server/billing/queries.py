"""Reads of orders."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select

from liftgate_server.billing.facts import Order, OrderStatus
from liftgate_server.billing.models import OrderRow
from liftgate_server.billing.rows import order_of, unknown_order
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.db import reading
from liftgate_server.plumbing.paging import DEFAULT_PAGE, Page, page_query

__all__ = ["count_waiting", "order", "orders"]


def order(environment_id: int, order_id: str, *, customer: str | None = None) -> Order:
    """Return an order; with a customer, one of another customer is as unknown as one that does not exist."""
    row = reading().get(OrderRow, (environment_id, order_id))
    if row is None or (customer is not None and row.customer != customer):
        raise unknown_order(order_id)
    return order_of(row, at=now())


def orders(
    environment_id: int,
    *,
    customer: str | None = None,
    status: OrderStatus | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_PAGE,
) -> Page[Order]:
    """List orders, newest first, all or those in one status, of everybody or of one customer."""
    at = now()
    query = select(OrderRow).where(OrderRow.environment_id == environment_id)
    if customer is not None:
        query = query.where(OrderRow.customer == customer)
    if status is not None:
        query = query.where(_in_status(status, at))
    page = page_query(query, keys=(OrderRow.created_at, OrderRow.id), cursor=cursor, limit=limit, descending=True)
    return page.map(lambda row: order_of(row, at=at))


def count_waiting(environment_id: int, *, most: int = 100) -> int:
    """Count the orders that wait for a decision, up to a number beyond which nobody counts."""
    open_statuses = [each.value for each in OrderStatus if each.is_open]
    some = (
        select(OrderRow.id)
        .where(
            OrderRow.environment_id == environment_id,
            OrderRow.status.in_(open_statuses),
            OrderRow.expires_at > now(),
        )
        .limit(most)
        .subquery()
    )
    return reading().scalar(select(func.count()).select_from(some)) or 0


def _in_status(status: OrderStatus, at: datetime) -> ColumnElement[bool]:
    if status.is_open:
        return and_(OrderRow.status == status.value, OrderRow.expires_at > at)
    written = OrderRow.status == status.value
    if status is not OrderStatus.EXPIRED:
        return written
    open_statuses = [each.value for each in OrderStatus if each.is_open]
    return or_(written, and_(OrderRow.status.in_(open_statuses), OrderRow.expires_at <= at))
