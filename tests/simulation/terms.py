"""What is sold in the simulation: two publications, two plans, a promotion; small limits, so that they are met.

One table says it twice: the engine reads it as a catalogue document, the oracle as plain numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from liftgate.engine.catalogue import read_catalogue, read_entitlement
from liftgate.engine.catalogue_model import Recurrence, Snapshot
from liftgate.engine.customer_state import CustomerState, Grant, GrantKind, PlanPhase, SubscriptionStatus

# A few seconds before a day and a month end, so that a run meets both.
START = datetime(2026, 11, 30, 23, 59, 50, tzinfo=UTC)
BOUNDARY = datetime(2026, 12, 1, tzinfo=UTC)
PROMOTION_ENDS = BOUNDARY + timedelta(hours=1)
PROMOTION = "grt_gift"
CUSTOMERS = ("acme", "globex")
USERS = ("ann", "ben")
FEATURES = ("exports", "calls", "seats")


@dataclass(frozen=True, slots=True)
class Rule:
    """One cap: so many units in each ``per``, of the account or of each user, and beyond it so many more."""

    limit: int
    per: str = "never"
    by_user: bool = False
    overage: int = 0

    def window_of(self, at: datetime) -> tuple[datetime, datetime] | None:
        """Say from when to when the instant's window lasts; ``None`` is for ever."""
        midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
        if self.per == "day":
            return midnight, midnight + timedelta(days=1)
        if self.per == "month":
            first = midnight.replace(day=1)
            return first, (first + timedelta(days=32)).replace(day=1)
        return None

    def key_of(self, at: datetime) -> str:
        """Name the window of an instant."""
        window = self.window_of(at)
        return self.per if window is None else f"{self.per}:{window[0]:%Y-%m-%dT%H:%M:%SZ}"

    def document(self, kind: str) -> dict[str, Any]:
        """Say it as a catalogue does."""
        told: dict[str, Any] = {"limit": self.limit}
        if kind == "metered":
            told["per"] = self.per
        if self.by_user:
            told["scope"] = "user"
        if self.overage:
            told |= {"enforcement": "soft", "overage": self.overage}
        return told


Sold = Mapping[str, Mapping[str, tuple[Rule, ...]]]
_PRO: Mapping[str, tuple[Rule, ...]] = {
    "exports": (Rule(5, "month"),),
    "calls": (Rule(4, "day"),),
    "seats": (Rule(4),),
}
_CALLS = (Rule(2, "day", overage=1),)
PUBLICATIONS: tuple[Sold, Sold] = (
    {
        "free": {"exports": (Rule(3, "month"), Rule(2, "day", by_user=True)), "calls": _CALLS, "seats": (Rule(2),)},
        "pro": _PRO,
    },
    {
        "free": {"exports": (Rule(2, "month"), Rule(2, "day", by_user=True)), "calls": _CALLS, "seats": (Rule(1),)},
        "pro": _PRO,
    },
)
GIFT = Rule(2)
GIFT_FEATURE = "exports"
KINDS = {"exports": "metered", "calls": "metered", "seats": "capacity"}


@lru_cache(maxsize=256)
def snapshot_of(publication: int, version: int) -> Snapshot:
    """Give a publication as the engine has it."""
    plans = {
        plan: {
            "name": {"en": plan},
            "rank": rank,
            "entitlements": {
                feature: [rule.document(KINDS[feature]) for rule in rules]
                if KINDS[feature] == "metered"
                else rules[0].document(KINDS[feature])
                for feature, rules in sold.items()
            },
        }
        for rank, (plan, sold) in enumerate(PUBLICATIONS[publication].items())
    }
    features = {feature: {"kind": kind, "name": {"en": feature}} for feature, kind in KINDS.items()}
    document = {"schema": 1, "languages": ["en"], "default_plan": "free", "features": features, "plans": plans}
    return Snapshot("simulation", version, START, read_catalogue(document), dict.fromkeys(plans, 1), {})


@lru_cache(maxsize=256)
def state_of(customer: str, version: int, plan: str, has_gift: bool) -> CustomerState:
    """Give a customer as the engine has it."""
    begun = START - timedelta(days=60)
    phase = PlanPhase(plan, 1, SubscriptionStatus.ACTIVE, Recurrence.MONTH, "EUR", 1, begun)
    grants: tuple[Grant, ...] = ()
    if has_gift:
        exports = snapshot_of(0, 1).catalogue.features["exports"]
        given = read_entitlement(exports, {"limit": GIFT.limit, "per": GIFT.per})
        grants = (Grant(PROMOTION, GrantKind.PROMOTION, begun, begun, PROMOTION_ENDS, "exports", entitlement=given),)
    return CustomerState("simulation", customer, version, phases=(phase,), grants=grants)
