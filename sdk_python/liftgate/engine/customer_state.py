"""What the engine needs to know about one customer, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from liftgate.engine.catalogue_model import AddOn, Entitlement, Plan, Recurrence

__all__ = [
    "AddOnPhase",
    "Attribute",
    "Crossed",
    "CustomerState",
    "Grant",
    "GrantKind",
    "PlanPhase",
    "SubscriptionStatus",
    "UsageKey",
]

Attribute = str | int | float | bool | None
"""A value the host reports about an account."""

UsageKey = tuple[str, str | None, str]
"""(feature, user or ``None`` for the account, window), as made by ``periods.window_key``."""


class SubscriptionStatus(StrEnum):
    """The state of a subscription. Paused and canceled give nothing; past due still gives everything."""

    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    PAUSED = "paused"
    CANCELED = "canceled"

    @property
    def gives_access(self) -> bool:
        """Whether the plan of a subscription in this state applies."""
        return self in (SubscriptionStatus.TRIALING, SubscriptionStatus.ACTIVE, SubscriptionStatus.PAST_DUE)


class GrantKind(StrEnum):
    """What a grant does: set the base, close, add a bucket, or lend a plan or a feature."""

    OVERRIDE = "override"
    REVOKE = "revoke"
    PROMOTION = "promotion"
    TRIAL = "trial"


@dataclass(frozen=True, slots=True)
class PlanPhase:
    """A plan version held over ``[starts_at, ends_at)``; ``ends_at`` is ``None`` while no end is known."""

    plan: str
    plan_version: int
    status: SubscriptionStatus
    interval: Recurrence
    currency: str
    quantity: int
    starts_at: datetime
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AddOnPhase:
    """An add-on held over ``[starts_at, ends_at)``; ``interval`` is the one it is paid in, ``None`` when not known."""

    addon: str
    addon_version: int
    quantity: int
    starts_at: datetime
    ends_at: datetime | None = None
    interval: Recurrence | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """An elementary grant over ``[starts_at, ends_at)``.

    An override, promotion or revoke names a ``feature``; a trial names a ``feature`` with its entitlement or a whole
    ``plan`` with its version. ``max_uses`` bounds a feature trial by uses.
    """

    id: str
    kind: GrantKind
    created_at: datetime
    starts_at: datetime
    ends_at: datetime | None = None
    feature: str | None = None
    plan: str | None = None
    plan_version: int | None = None
    entitlement: Entitlement | None = None
    max_uses: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Crossed:
    """A threshold that the use reached in a window that still runs: ``percent`` of the limit, 100 for all of it."""

    feature: str
    user: str | None
    window: str
    percent: int
    at: datetime


@dataclass(frozen=True, slots=True)
class CustomerState:
    """Everything pinned to one customer. ``version`` rises with each change; ordinary usage does not raise it.

    ``pinned_plans`` and ``pinned_addons`` are keyed ``"<key>@<version>"`` and hold what the snapshot lacks.
    """

    environment: str
    customer: str
    version: int
    language: str | None = None
    currency: str | None = None
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    buyers: tuple[str, ...] = ()
    billing_anchor: datetime | None = None
    phases: tuple[PlanPhase, ...] = ()
    addons: tuple[AddOnPhase, ...] = ()
    grants: tuple[Grant, ...] = ()
    pinned_plans: Mapping[str, Plan] = field(default_factory=dict)
    pinned_addons: Mapping[str, AddOn] = field(default_factory=dict)
    usage: Mapping[UsageKey, int] = field(default_factory=dict)
    crossings: tuple[Crossed, ...] = ()

    def may_buy(self, user: str | None) -> bool:
        """Whether that user may buy; an account in which nobody is marked as a buyer lets everybody buy."""
        return not self.buyers or user in self.buyers
