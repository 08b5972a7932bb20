"""A small catalogue for messages, in which every number occurs once, and a way to refuse a customer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from liftgate.engine.catalogue import read_catalogue
from liftgate.engine.catalogue_model import Recurrence, Snapshot
from liftgate.engine.customer_state import CustomerState, PlanPhase, SubscriptionStatus
from liftgate.engine.evaluate import Evaluator
from liftgate.engine.payload_model import Payload

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)

DOCUMENT: dict[str, Any] = {
    "schema": 1,
    "languages": ["en", "de"],
    "time_zone": "Europe/Berlin",
    "default_plan": "free",
    "features": {
        "boards": {
            "kind": "capacity",
            "name": {"en": "Boards", "de": "Boards"},
            "unit": {"en": {"one": "board", "other": "boards"}, "de": {"one": "Board", "other": "Boards"}},
        },
        "exports": {
            "kind": "metered",
            "name": {"en": "Exports", "de": "Exporte"},
            "unit": {"en": {"one": "export", "other": "exports"}, "de": {"one": "Export", "other": "Exporte"}},
        },
        "storage": {
            "kind": "capacity",
            "name": {"en": "Storage", "de": "Speicher"},
            "unit": {"en": {"one": "GB", "other": "GB"}, "de": {"one": "GB", "other": "GB"}},
        },
        "calls": {"kind": "metered", "name": {"en": "API calls", "de": "API-Aufrufe"}},
        "sso": {"kind": "switch", "name": {"en": "Single sign-on", "de": "Single Sign-on"}},
        "audit": {"kind": "switch", "name": {"en": "Audit log", "de": "Audit-Protokoll"}},
        "video": {
            "kind": "setting",
            "name": {"en": "Resolution", "de": "Auflösung"},
            "values": ["720p", "1080p", "4k"],
        },
    },
    "plans": {
        "free": {
            "name": {"en": "Free", "de": "Free"},
            "rank": 0,
            "entitlements": {
                "boards": 3,
                "exports": {"limit": 5, "per": "month"},
                "storage": 1,
                "calls": [{"limit": 10, "per": "minute"}, {"limit": 60, "per": "day"}],
                "video": "720p",
            },
        },
        "pro": {
            "name": {"en": "Pro", "de": "Pro"},
            "rank": 10,
            "prices": [
                {"interval": "month", "currency": "EUR", "amount": 2900},
                {"interval": "year", "currency": "EUR", "amount": 29000},
            ],
            "entitlements": {
                "boards": 25,
                "exports": {"limit": 500, "per": "month"},
                "storage": 50,
                "calls": [{"limit": 100, "per": "minute"}, {"limit": 7000, "per": "day"}],
                "audit": True,
                "video": "1080p",
            },
        },
        "business": {
            "name": {"en": "Business", "de": "Business"},
            "rank": 20,
            "prices": [{"interval": "month", "currency": "EUR", "amount": 1900, "per": "seat"}],
            "entitlements": {
                "boards": "unlimited",
                "exports": "unlimited",
                "storage": 1000,
                "calls": "unlimited",
                "sso": True,
                "audit": True,
                "video": "4k",
            },
        },
    },
    "addons": {
        "more_exports": {
            "name": {"en": "Export pack", "de": "Exportpaket"},
            "plans": ["pro"],
            "max_quantity": 3,
            "prices": [{"interval": "month", "currency": "EUR", "amount": 900}],
            "entitlements": {"exports": {"limit": 100, "per": "month"}},
        },
        "login": {
            "name": {"en": "Login", "de": "Anmeldung"},
            "plans": ["pro"],
            "prices": [{"interval": "month", "currency": "EUR", "amount": 4900}],
            "entitlements": {"sso": True},
        },
    },
    "gates": {
        "board.new": {"requires": "boards", "placement": "boards.toolbar"},
        "video.4k": {"requires": {"all": [{"feature": "video", "at_least": "4k"}]}},
        "security": {"requires": {"any": ["sso", "audit"]}},
        "beta": {"requires": "sso", "mode": "closed", "name": {"en": "Beta area", "de": "Beta-Bereich"}},
    },
}

SNAPSHOT = Snapshot(
    environment="demo",
    version=12,
    published_at=AT,
    catalogue=read_catalogue(DOCUMENT),
    plan_versions={"free": 1, "pro": 3, "business": 1},
    addon_versions={"more_exports": 1, "login": 1},
)


def customer(plan: str | None = None, *, quantity: int = 1, **fields: Any) -> CustomerState:
    """A customer on the default plan, or subscribed to one of the others."""
    phase = PlanPhase(
        plan or "",
        SNAPSHOT.plan_versions.get(plan or "", 1),
        SubscriptionStatus.ACTIVE,
        Recurrence.MONTH,
        "EUR",
        quantity,
        starts_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return CustomerState("demo", "acme", 7, phases=() if plan is None else (phase,), **fields)


def message(gate: str, state: CustomerState | None = None, *, language: str = "en", **asked: Any) -> Payload:
    """The payload of a refusal; fails when the gate lets pass or has nothing to say."""
    user, buyer = asked.pop("user", None), asked.pop("buyer", None)
    evaluator = Evaluator(SNAPSHOT, state or customer(), user=user, buyer=buyer, language=language)
    payload = evaluator.decide(gate, at=AT, **asked).offer
    assert payload is not None
    return payload
