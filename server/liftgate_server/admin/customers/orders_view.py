"""Orders as lines of a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from liftgate.engine.catalogue_model import Catalogue
from liftgate.engine.reader import Reader
from liftgate_server.admin.customers.state_words import Badge, order_badge
from liftgate_server.admin.framing import translate as _
from liftgate_server.admin.printing import print_money
from liftgate_server.admin.wording import gate_name, interval_words, product_name
from liftgate_server.billing.facts import Order, OrderKind, RequestedBy

__all__ = ["OrderLine", "order_lines"]


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One order; ``what`` names it with its quantity, ``price`` says what one interval costs in all."""

    id: str
    customer: str
    customer_name: str
    what: str
    price: str
    by: str
    gate: str | None
    status: Badge
    is_open: bool
    created_at: datetime
    expires_at: datetime
    decided_at: datetime | None
    decided_by: str | None


def order_lines(
    orders: Iterable[Order], catalogue: Catalogue, reader: Reader, *, customer_names: Mapping[str, str]
) -> list[OrderLine]:
    """Return orders as lines, in the order they come."""
    return [_line(order, catalogue, reader, customer_names.get(order.customer)) for order in orders]


def _line(order: Order, catalogue: Catalogue, reader: Reader, customer_name: str | None) -> OrderLine:
    name = product_name(catalogue, order.key, reader) or order.key
    is_counted = order.quantity > 1 or order.kind is OrderKind.ADDON
    return OrderLine(
        id=order.id,
        customer=order.customer,
        customer_name=customer_name or order.customer,
        what=f"{name} × {order.quantity}" if is_counted else name,
        price=f"{print_money(order.amount, order.currency)} {interval_words(order.interval)}",
        by=_by(order),
        gate=gate_name(catalogue, order.gate, reader) if order.gate else None,
        status=order_badge(order.status),
        is_open=order.status.is_open,
        created_at=order.created_at,
        expires_at=order.expires_at,
        decided_at=order.decided_at,
        decided_by=order.decided_by,
    )


def _by(order: Order) -> str:
    role = {
        RequestedBy.HOST: _("the app"),
        RequestedBy.BUYER: _("a buyer"),
        RequestedBy.MEMBER: _("a member who may not buy"),
    }[order.requested_by]
    return role if order.user is None else f"{order.user} ({role})"
