"""What the storm is about: a catalogue of limits of every kind, and the accounts that run into them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

FREE, PRO, BIG = "free", "pro", "big"

TOKENS = "tokens"
"""Hard, by the month: the limit that a race would cross."""
RENDERS = "renders"
"""Hard by the minute and by the month: windows that end while the storm blows."""
EXPORTS = "exports"
"""Soft with an overage that ends."""
DRAFTS = "drafts"
"""Hard for each user."""
CALLS = "calls"
"""Unlimited, and recorded after the fact."""
SEATS = "seats"
"""A capacity, whose level is set and moved."""
SAVED = "minutes_saved"
"""A value metric: recorded, never limited."""

METERED = (TOKENS, RENDERS, EXPORTS, DRAFTS)
MOVERS = 6
"""Accounts whose plan goes up and down while they consume."""
STEADY = "steady"
"""The account without a limit in reach: the hot one."""
FOCUS, FOCUS_SECONDS = 1, 1
"""So many of the tight accounts are in use at once, so that every limit is met by all hosts at the same time; and how
long it takes until a fresh one comes into use."""
USERS = ("ada", "ben", "cleo")

# For each plan and feature: the most that any one window may ever hold.
LIMITS: Mapping[str, Mapping[str, Mapping[str, int]]] = {
    FREE: {
        TOKENS: {"month": 12},
        RENDERS: {"minute": 8, "month": 20},
        EXPORTS: {"month": 10 + 10},
        DRAFTS: {"day": 6},
        SEATS: {"never": 10},
    },
    PRO: {
        TOKENS: {"month": 400},
        RENDERS: {"minute": 60, "month": 600},
        EXPORTS: {"month": 200 + 20},
        DRAFTS: {"day": 40},
        SEATS: {"never": 30},
    },
    BIG: {
        TOKENS: {"month": 1_000_000},
        RENDERS: {"minute": 100_000, "month": 1_000_000},
        EXPORTS: {"month": 1_000_000 + 20},
        DRAFTS: {"day": 100_000},
        SEATS: {"never": 1_000},
    },
}
_OVERAGE = {FREE: 10, PRO: 20, BIG: 20}


def tight_customer(number: int) -> str:
    return f"tight-{number}"


def moving_customer(number: int) -> str:
    return f"moving-{number}"


def tight_count(seconds: float) -> int:
    """Give how many tight accounts a storm uses up."""
    return int(seconds / FOCUS_SECONDS) + FOCUS


def customers(seconds: float) -> Iterator[str]:
    """Name every account of a storm of so many seconds."""
    yield STEADY
    yield from (moving_customer(number) for number in range(MOVERS))
    yield from (tight_customer(number) for number in range(tight_count(seconds)))


def plan_at_first(customer: str) -> str:
    return BIG if customer == STEADY else FREE


def limit_of(plan: str, feature: str, window: str) -> int | None:
    """Give the most that a window may hold under a plan; the window is named as the ledger names it."""
    recurrence = window.partition(":")[0]
    return LIMITS[plan].get(feature, {}).get(recurrence)


def highest_limit(plan: str, feature: str) -> float:
    """Give the most that any window of a feature may hold under a plan."""
    return max(LIMITS[plan].get(feature, {}).values(), default=float("inf"))


def catalogue_document() -> dict[str, Any]:
    """Return the catalogue that is published before the storm."""
    kinds = {CALLS: "metered", SEATS: "capacity", **dict.fromkeys(METERED, "metered")}
    prices = [{"interval": "month", "currency": "EUR", "amount": 2900}]
    return {
        "schema": 1,
        "languages": ["en"],
        "time_zone": "Europe/Berlin",
        "default_plan": FREE,
        "features": {feature: _feature(feature, kind) for feature, kind in kinds.items()},
        "value_metrics": {SAVED: {"name": {"en": "Minutes saved"}}},
        "plans": {
            FREE: {"name": {"en": "Free"}, "rank": 0, "entitlements": _entitlements(FREE)},
            PRO: {"name": {"en": "Pro"}, "rank": 10, "prices": prices, "entitlements": _entitlements(PRO)},
            BIG: {"name": {"en": "Big"}, "rank": 20, "prices": prices, "entitlements": _entitlements(BIG)},
        },
        "gates": {f"{feature}.use": {"requires": feature} for feature in METERED},
    }


def _feature(feature: str, kind: str) -> dict[str, Any]:
    document: dict[str, Any] = {"kind": kind, "name": {"en": feature.capitalize()}}
    if feature == CALLS:
        document["on_failure"] = "allow_and_record"
    return document


def _entitlements(plan: str) -> dict[str, Any]:
    limits, overage = LIMITS[plan], _OVERAGE[plan]
    return {
        TOKENS: {"limit": limits[TOKENS]["month"], "per": "month", "warn_at": [50, 80]},
        RENDERS: [{"limit": limit, "per": per} for per, limit in limits[RENDERS].items()],
        EXPORTS: {
            "limit": limits[EXPORTS]["month"] - overage,
            "per": "month",
            "enforcement": "soft",
            "overage": overage,
        },
        DRAFTS: {"limit": limits[DRAFTS]["day"], "per": "day", "scope": "user"},
        CALLS: "unlimited",
        SEATS: limits[SEATS]["never"],
    }
