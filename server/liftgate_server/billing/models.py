"""The table of orders."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from liftgate_server.plumbing.db import Model


class OrderRow(Model):
    """What somebody wants to buy, at the price that was agreed on when the order was placed.

    - ``status``: requested, pending, completed, rejected, canceled or expired. An open order that has passed
      ``expires_at`` is expired whether or not the row says so already.
    - ``kind``, ``key``, ``version``: the plan or add-on, pinned to the version that was current.
    - ``quantity``: seats of a plan, or how many more of an add-on.
    - ``unit_amount``: minor units of ``currency`` per ``price_per`` (account or seat; of an add-on: one piece) and
      interval; ``amount``: what one interval costs in all.
    - ``requested_by``: host, buyer or member. ``decided_by``: the key or user that settled it.
    - ``customer_version``: the customer's version in which the purchase took effect.
    """

    __tablename__ = "orders"

    environment_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    customer: Mapped[str] = mapped_column(String(128))
    user: Mapped[str | None] = mapped_column(String(128))
    status: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(8))
    key: Mapped[str] = mapped_column(String(64))
    version: Mapped[int]
    interval: Mapped[str] = mapped_column(String(8))
    currency: Mapped[str] = mapped_column(String(3))
    quantity: Mapped[int]
    unit_amount: Mapped[int]
    price_per: Mapped[str] = mapped_column(String(8))
    amount: Mapped[int]
    gate: Mapped[str | None] = mapped_column(String(64))
    impression_id: Mapped[str | None] = mapped_column(String(64))
    requested_by: Mapped[str] = mapped_column(String(8))
    provider: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(128))
    customer_version: Mapped[int | None]

    __table_args__ = (
        ForeignKeyConstraint(["environment_id", "customer"], ["customers.environment_id", "customers.id"]),
        Index("ix_orders_created_at", "environment_id", "created_at", "id"),
        Index("ix_orders_status", "environment_id", "status", "created_at", "id"),
        Index("ix_orders_customer", "environment_id", "customer", "status"),
        Index("ix_orders_expires_at", "status", "expires_at"),
    )
