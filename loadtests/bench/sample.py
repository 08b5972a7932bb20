"""The catalogue and the customer that benchmarks measure with: all kinds of features, most of them held."""

from __future__ import annotations

from typing import Any

CUSTOMER = "acme"
USER = "u1"
CLOSED_SHARE = 5
"""Every fifth feature comes only with the higher plan."""

KINDS = ("switch", "metered", "switch", "capacity", "switch", "metered", "switch", "metered", "switch", "setting")
"""Ten features in a row; half of them only on or off, as in most catalogues."""

ENTITLEMENTS: dict[str, object] = {
    "switch": True,
    "metered": [{"limit": 50, "per": "day"}, {"limit": 1000, "per": "month"}],
    "capacity": 20,
    "setting": 90,
}


def kind_of(number: int) -> str:
    return KINDS[number % len(KINDS)]


def feature_key(number: int) -> str:
    return f"feature_{number}"


def gate_key(number: int) -> str:
    return f"area_{number % 7}.action_{number}"


def is_closed(number: int) -> bool:
    return number % CLOSED_SHARE == 0


def granted_gates(features: int) -> list[str]:
    return [gate_key(number) for number in range(features) if not is_closed(number)]


def refused_gates(features: int) -> list[str]:
    return [gate_key(number) for number in range(features) if is_closed(number)]


def catalogue_document(features: int) -> dict[str, Any]:
    """Return a catalogue with one gate for each feature, and two plans."""
    numbers = range(features)
    everything = {feature_key(number): ENTITLEMENTS[kind_of(number)] for number in numbers}
    most = {feature_key(number): everything[feature_key(number)] for number in numbers if not is_closed(number)}
    prices = [
        {"interval": "month", "currency": "EUR", "amount": 2900},
        {"interval": "year", "currency": "EUR", "amount": 29000},
    ]
    return {
        "schema": 1,
        "languages": ["en", "de"],
        "time_zone": "Europe/Berlin",
        "default_plan": "free",
        "features": {
            feature_key(number): {
                "kind": kind_of(number),
                "name": {"en": f"Feature {number}", "de": f"Funktion {number}"},
            }
            for number in numbers
        },
        "plans": {
            "free": {"name": {"en": "Free", "de": "Free"}, "rank": 0, "entitlements": most},
            "pro": {"name": {"en": "Pro", "de": "Pro"}, "rank": 10, "prices": prices, "entitlements": everything},
        },
        "gates": {gate_key(number): {"requires": feature_key(number)} for number in numbers},
    }


def snapshot_document(features: int) -> dict[str, Any]:
    """Return the published catalogue as the server sends it."""
    return {
        "wire": 1,
        "environment": "bench",
        "version": 1,
        "published_at": "2026-01-01T00:00:00Z",
        "plan_versions": {"free": 1, "pro": 1},
        "addon_versions": {},
        "catalogue": catalogue_document(features),
    }


def state_document() -> dict[str, Any]:
    """Return the state of a customer on the default plan, as the server sends it."""
    return {
        "wire": 1,
        "environment": "bench",
        "customer": CUSTOMER,
        "version": 1,
        "language": "en",
        "currency": "EUR",
        "attributes": {},
        "buyers": [],
        "billing_anchor": None,
        "phases": [],
        "addons": [],
        "grants": [],
        "pinned_plans": {},
        "pinned_addons": {},
        "usage": [],
    }
