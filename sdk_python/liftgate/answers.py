"""What the server answers to direct calls, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

__all__ = [
    "Change",
    "ChangePage",
    "Fetched",
    "Order",
    "OrderStatus",
    "SummaryLine",
]

Value = TypeVar("Value")


class OrderStatus(StrEnum):
    """How far an order has come."""

    REQUESTED = "requested"
    PENDING = "pending"
    COMPLETED = "completed"
    REJECTED = "rejected"
    CANCELED = "canceled"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """One line of an order's summary, in the reader's language."""

    label: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order of a plan or an add-on. ``amount`` is in minor units of ``currency`` for one ``interval``.

    >>> # order = client.order(plan="pro", interval="month"); order.status is OrderStatus.PENDING
    """

    id: str
    status: OrderStatus
    customer: str
    user: str | None
    plan: str | None
    addon: str | None
    interval: str
    currency: str
    quantity: int
    amount: int
    created_at: datetime | None
    expires_at: datetime | None
    completed_at: datetime | None
    customer_version: int | None
    next_kind: str = "none"
    next_url: str | None = None
    summary: tuple[SummaryLine, ...] = ()
    total: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the environment's list of changes: what there is a new version of, not what is in it.

    ``kind`` is ``catalogue``, ``customer``, ``access`` or what a newer server adds.
    """

    number: int
    kind: str
    key: str
    version: int


@dataclass(frozen=True, slots=True)
class ChangePage:
    """The changes after a number. ``is_reset`` says that the number means nothing to the server."""

    latest: int
    is_reset: bool
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Fetched(Generic[Value]):
    """Something that came with an entity tag to ask again with."""

    value: Value
    etag: str | None
