"""What this room tells others: frozen values, never table rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from liftgate.engine.customer_state import Attribute, GrantKind
from liftgate.engine.periods import Period
from liftgate_server.customers.mrr import MrrCause, MrrKind
from liftgate_server.customers.timeline import AddOnHolding, PlanHolding


@dataclass(frozen=True, slots=True)
class Customer:
    id: str
    name: str | None
    language: str | None
    currency: str | None
    attributes: Mapping[str, Attribute]
    version: int
    billing_anchor: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class CustomerUser:
    customer: str
    id: str
    name: str | None
    email: str | None
    buyer: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class HeldAddOn:
    """An add-on held now, and what becomes of it: ``scheduled_quantity`` is 0 when it ends."""

    holding: AddOnHolding
    scheduled_quantity: int | None


@dataclass(frozen=True, slots=True)
class Subscription:
    """A customer's subscription at one instant.

    ``current`` is the plan phase that runs; ``last`` the latest one that ended, told when none runs. ``scheduled`` is
    the phase that follows by itself, other than the paid one after a trial; ``cancel_at`` is when everything ends.
    ``mrr`` is in minor units of ``currency`` per month.
    """

    customer: str
    customer_version: int
    current: PlanHolding | None
    last: PlanHolding | None
    scheduled: PlanHolding | None
    cancel_at: datetime | None
    period: Period | None
    addons: tuple[HeldAddOn, ...]
    currency: str | None
    mrr: int


class GrantState(StrEnum):
    SCHEDULED = "scheduled"
    RUNNING = "running"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class CustomerGrant:
    """A grant as stored; ``entitlement`` is its document in the form that stands alone."""

    id: str
    customer: str
    kind: GrantKind
    state: GrantState
    feature: str | None
    plan: str | None
    plan_version: int | None
    entitlement: Any
    max_uses: int | None
    reason: str | None
    created_by: str | None
    created_at: datetime
    starts_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class MrrChange:
    """A row of the MRR ledger; amounts in minor units of ``currency`` per month."""

    id: str
    customer: str
    at: datetime
    kind: MrrKind
    cause: MrrCause
    currency: str
    mrr_before: int
    mrr_after: int
    order_id: str | None
    offer_key: str | None
    impression_id: str | None


@dataclass(frozen=True, slots=True)
class Attribution:
    """What led to a change of MRR, as far as it is known."""

    order_id: str | None = None
    offer_key: str | None = None
    impression_id: str | None = None
