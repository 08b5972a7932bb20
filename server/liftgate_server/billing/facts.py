"""What this room tells others: frozen values, never table rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from liftgate.engine.catalogue_model import PricePer, Recurrence
from liftgate_server.customers.timeline import AddOnChoice, PlanChoice


class OrderStatus(StrEnum):
    """``requested`` by somebody who may not buy, or ``pending``; the others are final."""

    REQUESTED = "requested"
    PENDING = "pending"
    COMPLETED = "completed"
    REJECTED = "rejected"
    CANCELED = "canceled"
    EXPIRED = "expired"

    @property
    def is_open(self) -> bool:
        return self in {OrderStatus.REQUESTED, OrderStatus.PENDING}


class OrderKind(StrEnum):
    PLAN = "plan"
    ADDON = "addon"


class RequestedBy(StrEnum):
    """Who placed the order: the host's server, or a user who may or may not buy."""

    HOST = "host"
    BUYER = "buyer"
    MEMBER = "member"


class NextKind(StrEnum):
    """What the reader does next: confirm, wait for an approval, go to a page, or nothing."""

    CONFIRM = "confirm"
    WAIT = "wait"
    REDIRECT = "redirect"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Next:
    kind: NextKind
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """An order as it is at one instant; amounts in minor units of ``currency`` for one interval."""

    id: str
    environment_id: int
    status: OrderStatus
    customer: str
    user: str | None
    kind: OrderKind
    key: str
    version: int
    interval: Recurrence
    currency: str
    quantity: int
    unit_amount: int
    per: PricePer
    amount: int
    gate: str | None
    impression_id: str | None
    requested_by: RequestedBy
    provider: str
    created_at: datetime
    expires_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    customer_version: int | None

    @property
    def completed_at(self) -> datetime | None:
        return self.decided_at if self.status is OrderStatus.COMPLETED else None

    @property
    def choice(self) -> PlanChoice | AddOnChoice:
        """What the customer holds once the order is completed."""
        if self.kind is OrderKind.ADDON:
            return AddOnChoice(self.key, self.version, self.interval, self.currency, self.quantity, self.unit_amount)
        return PlanChoice(
            self.key, self.version, self.interval, self.currency, self.quantity, self.unit_amount, self.per
        )
