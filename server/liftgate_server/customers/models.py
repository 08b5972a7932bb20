"""Tables of the paying accounts. Every instant is UTC; every stretch of time is ``[starts_at, ends_at)``.

The phases are the truth about a subscription: at any instant at most one plan phase of a customer applies, and of each
add-on at most one phase. Rows are only written by this room; ``entitlements.queries`` reads them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ForeignKey, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from liftgate_server.plumbing.db import JsonDocument, Model

ID_LENGTH = 128
KEY_LENGTH = 64
NAME_LENGTH = 200


class CustomerRow(Model):
    """One paying account of the host app.

    - ``id``: the host's own id of the account.
    - ``search_id``, ``search_name``: case-folded, for the search by prefix.
    - ``language``: BCP 47 tag of the texts shown to the account; ``currency``: ISO 4217, the one it pays in.
    - ``attributes``: what the host reports; key to string, number, true or false.
    - ``version``: rises by one with each change that somebody outside can see; ordinary usage does not raise it.
    - ``billing_anchor``: billing periods start here and every interval later; empty until something was held.
    - ``changed_at``: the last instant at which the account's holdings were changed; no later change lies before it.
    - ``next_change_at``: the next instant at which a phase begins or ends and the MRR ledger must be brought up to
      date; empty when nothing is scheduled.
    """

    __tablename__ = "customers"

    environment_id: Mapped[int] = mapped_column(ForeignKey("environments.id"), primary_key=True)
    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    search_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    name: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    search_name: Mapped[str | None] = mapped_column(String(3 * NAME_LENGTH))
    language: Mapped[str | None] = mapped_column(String(35))
    currency: Mapped[str | None] = mapped_column(String(3))
    attributes: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    version: Mapped[int]
    billing_anchor: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    changed_at: Mapped[datetime | None]
    next_change_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_customers_search_id", "environment_id", "search_id"),
        Index("ix_customers_search_name", "environment_id", "search_name"),
        Index("ix_customers_next_change_at", "next_change_at"),
    )


class CustomerUserRow(Model):
    """A person in an account. ``buyer`` says whether that person may buy; with no buyer at all, everybody may."""

    __tablename__ = "customer_users"

    environment_id: Mapped[int] = mapped_column(primary_key=True)
    customer: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    name: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    email: Mapped[str | None] = mapped_column(String(320))
    buyer: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (
        ForeignKeyConstraint(["environment_id", "customer"], ["customers.environment_id", "customers.id"]),
    )


class PlanPhaseRow(Model):
    """A plan version held over ``[starts_at, ends_at)``; ``ends_at`` is empty while no end is known.

    - ``status``: trialing, active, past_due or paused. A cancellation is a phase's end with nothing after it.
    - ``interval``: month or year; ``quantity``: seats.
    - ``unit_amount``: the price agreed on, in minor units of ``currency`` per ``price_per`` (account or seat) and
      interval.
    """

    __tablename__ = "plan_phases"

    environment_id: Mapped[int] = mapped_column(primary_key=True)
    customer: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    plan: Mapped[str] = mapped_column(String(KEY_LENGTH))
    plan_version: Mapped[int]
    status: Mapped[str] = mapped_column(String(16))
    interval: Mapped[str] = mapped_column(String(8))
    currency: Mapped[str] = mapped_column(String(3))
    quantity: Mapped[int]
    unit_amount: Mapped[int]
    price_per: Mapped[str] = mapped_column(String(8))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(["environment_id", "customer"], ["customers.environment_id", "customers.id"]),
        # The customer comes third, so that a page of the subscribers of a plan is read in its order.
        Index("ix_plan_phases_plan", "environment_id", "plan", "customer"),
        Index("ix_plan_phases_status", "environment_id", "status", "customer"),
    )


class AddOnPhaseRow(Model):
    """An add-on version held over ``[starts_at, ends_at)`` in that ``quantity``.

    - ``unit_amount``: the price agreed on, minor units of ``currency`` for one piece and interval.
    - ``ends_with_plan``: it ends because its plan does, so keeping the plan keeps it too.
    """

    __tablename__ = "addon_phases"

    environment_id: Mapped[int] = mapped_column(primary_key=True)
    customer: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    addon: Mapped[str] = mapped_column(String(KEY_LENGTH))
    addon_version: Mapped[int]
    interval: Mapped[str] = mapped_column(String(8))
    currency: Mapped[str] = mapped_column(String(3))
    quantity: Mapped[int]
    unit_amount: Mapped[int]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    ends_with_plan: Mapped[bool] = mapped_column(Boolean, default=False)

    __table_args__ = (
        ForeignKeyConstraint(["environment_id", "customer"], ["customers.environment_id", "customers.id"]),
    )


class GrantRow(Model):
    """An elementary grant over ``[starts_at, ends_at)``.

    - ``kind``: override, promotion, revoke or trial.
    - ``feature``: set for all but the trial of a whole ``plan``, which pins ``plan_version``.
    - ``entitlement``: what is given, in the form that stands alone (``read_standalone_entitlement``); empty for a
      revoke and for the trial of a plan.
    - ``max_uses``: bounds the trial of a feature by uses.
    - ``created_by``: id of the key that made it.
    - ``given_for``: the version (``pro@2``) that the customer left early and was promised this for.
    """

    __tablename__ = "grants"

    environment_id: Mapped[int] = mapped_column(primary_key=True)
    customer: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    feature: Mapped[str | None] = mapped_column(String(KEY_LENGTH))
    plan: Mapped[str | None] = mapped_column(String(KEY_LENGTH))
    plan_version: Mapped[int | None]
    entitlement: Mapped[Any] = mapped_column(JsonDocument, nullable=True)
    max_uses: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(String(500))
    created_by: Mapped[str | None] = mapped_column(String(64))
    given_for: Mapped[str | None] = mapped_column(String(96))
    created_at: Mapped[datetime]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(["environment_id", "customer"], ["customers.environment_id", "customers.id"]),
    )


class MrrChangeRow(Model):
    """One change of a customer's monthly recurring revenue; the ledger is only ever appended to.

    - ``sequence``: 1, 2, 3 … per customer. ``mrr_before`` is the ``mrr_after`` of the row before it, so the changes of
      a customer add up to what it pays now.
    - ``at``: the instant from which it holds, which for a scheduled change is the instant it fell due.
    - ``mrr_before``, ``mrr_after``: minor units of ``currency`` per month.
    - ``order_id``, ``offer_key``, ``impression_id``: what led to it, where that is known.
    """

    __tablename__ = "mrr_changes"

    environment_id: Mapped[int] = mapped_column(primary_key=True)
    customer: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(16))
    cause: Mapped[str] = mapped_column(String(24))
    currency: Mapped[str] = mapped_column(String(3))
    mrr_before: Mapped[int]
    mrr_after: Mapped[int]
    order_id: Mapped[str | None] = mapped_column(String(32))
    offer_key: Mapped[str | None] = mapped_column(String(KEY_LENGTH))
    impression_id: Mapped[str | None] = mapped_column(String(64))

    __table_args__ = (
        ForeignKeyConstraint(["environment_id", "customer"], ["customers.environment_id", "customers.id"]),
        Index("ix_mrr_changes_at", "environment_id", "at", "customer", "sequence"),
    )


class SuccessionRunRow(Model):
    """How far the end of one version has been written into the phases. Nobody's access waits for it.

    - ``kind``, ``key``, ``version``: the version that has ended; ``to_version``: the one that follows.
    - ``moved``: the customers written down so far, each in the transaction of its batch.
    - ``finished_at``: when nobody was left; empty until then.
    """

    __tablename__ = "succession_runs"

    environment_id: Mapped[int] = mapped_column(ForeignKey("environments.id"), primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    key: Mapped[str] = mapped_column(String(KEY_LENGTH), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    to_version: Mapped[int]
    moved: Mapped[int]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
