"""The upgrade-modal payload (schema 1) as frozen values. Text only, never HTML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

__all__ = [
    "Action",
    "ActionKind",
    "ActionStyle",
    "Content",
    "Grandfathering",
    "OfferReference",
    "Payload",
    "Presentation",
    "PurchaseOption",
    "Trigger",
    "UsageBar",
]


class Trigger(StrEnum):
    """What called for the offer."""

    GATE_DENIED = "gate_denied"
    LIMIT_REACHED = "limit_reached"
    NEAR_LIMIT = "near_limit"


class ActionKind(StrEnum):
    """What a button of the modal does."""

    CHECKOUT = "checkout"
    REQUEST_UPGRADE = "request_upgrade"
    CONTACT_SALES = "contact_sales"
    URL = "url"
    DISMISS = "dismiss"


class ActionStyle(StrEnum):
    """The weight of a button."""

    PRIMARY = "primary"
    SECONDARY = "secondary"


@dataclass(frozen=True, slots=True)
class OfferReference:
    """Which offer the payload shows, in which version of it."""

    key: str
    version: int


@dataclass(frozen=True, slots=True)
class Presentation:
    """How the payload is shown. ``auto_close`` closes it once the entitlement has arrived."""

    kind: str = "modal"
    dismissible: bool = True
    auto_close: bool = True


@dataclass(frozen=True, slots=True)
class UsageBar:
    """Use of a counted feature: ready texts for the eye, numbers for the bar. ``percent`` is 0 to 100."""

    label: str
    text: str
    used: int
    limit: int
    percent: int
    note: str | None = None


@dataclass(frozen=True, slots=True)
class PurchaseOption:
    """Something that can be ordered. ``amount`` is in minor units for one ``interval``, quantity included."""

    id: str
    plan: str | None
    addon: str | None
    quantity: int
    interval: str
    currency: str
    amount: int
    price: str
    price_note: str
    label: str
    selected: bool = False
    saving: str | None = None


@dataclass(frozen=True, slots=True)
class Grandfathering:
    """That the reader's version of the plan ends ``until`` then, in words."""

    text: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Content:
    """What the reader reads, in one language."""

    title: str
    body: str
    eyebrow: str | None = None
    bullets: tuple[str, ...] = ()
    usage: UsageBar | None = None
    options: tuple[PurchaseOption, ...] = ()
    legal: str | None = None
    grandfathering: Grandfathering | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """A button. ``href`` is set for the kinds that open an address."""

    kind: ActionKind
    label: str
    style: ActionStyle = ActionStyle.SECONDARY
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Payload:
    """Everything the widget needs to show one offer."""

    offer: OfferReference
    trigger: Trigger
    gate: str
    language: str
    content: Content
    labels: Mapping[str, str]
    actions: tuple[Action, ...]
    feature: str | None = None
    placement: str | None = None
    direction: str = "ltr"
    customer_version: int | None = None
    catalogue_version: int | None = None
    impression_id: str | None = None
    expires_at: datetime | None = None
    presentation: Presentation = field(default_factory=Presentation)
