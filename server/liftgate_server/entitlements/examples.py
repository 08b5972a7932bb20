"""What the API's document shows of the calls that check."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["BATCH", "CHANGES", "CHECK", "EXPLANATION", "NOTICES", "SNAPSHOT", "STATE"]

_DECISION: Final[dict[str, Any]] = {
    "granted": True,
    "reason": "entitled",
    "gate": "boards.create",
    "feature": "boards",
    "used": 1,
    "limit": 3,
    "remaining": 2,
    "resets_at": None,
    "value": None,
    "sources": [{"kind": "plan", "key": "free@1", "ends_at": None}],
    "decided_by": "plan:free@1",
    "observed": None,
    "message": None,
    "valid_until": None,
    "catalogue_version": 12,
    "customer_version": 7,
    "stale": False,
    "fallback": False,
    "over_limit": None,
}

CHECK: Final[dict[str, Any]] = {"decision": _DECISION, "offer": None}
BATCH: Final[dict[str, Any]] = {"decisions": {"boards.create": _DECISION}}
EXPLANATION: Final[dict[str, Any]] = {
    "decision": _DECISION,
    "trace": [
        {"rule": "gate_mode", "detail": "the mode is enforce", "feature": None, "decisive": False},
        {
            "rule": "base",
            "detail": "plan:free@1 gives 3 per customer and never (hard)",
            "feature": "boards",
            "decisive": True,
        },
        {"rule": "verdict", "detail": "entitled: 1 used of 3", "feature": "boards", "decisive": True},
    ],
    "skipped": [],
}
SNAPSHOT: Final[dict[str, Any]] = {
    "wire": 1,
    "environment": "demo",
    "version": 12,
    "published_at": "2026-11-22T09:00:00Z",
    "plan_versions": {"free": 1},
    "addon_versions": {},
    "plan_successions": {
        "pro@2": {"to_version": 3, "at": "2027-01-01T00:00:00Z", "notice_at": None, "incentive": None}
    },
    "addon_successions": {},
    "catalogue": {
        "schema": 1,
        "languages": ["en"],
        "features": {"boards": {"kind": "capacity", "name": {"en": "Boards"}}},
        "plans": {"free": {"name": {"en": "Free"}, "rank": 0, "entitlements": {"boards": 3}}},
        "gates": {"boards.create": {"requires": "boards"}},
    },
}
STATE: Final[dict[str, Any]] = {
    "wire": 1,
    "environment": "demo",
    "customer": "acme",
    "version": 7,
    "language": "de",
    "currency": "EUR",
    "attributes": {"industry": "media"},
    "buyers": ["u1"],
    "billing_anchor": "2026-01-31T10:00:00Z",
    "phases": [
        {
            "plan": "free",
            "plan_version": 1,
            "status": "active",
            "interval": "month",
            "currency": "EUR",
            "quantity": 1,
            "starts_at": "2026-01-31T10:00:00Z",
            "ends_at": None,
        }
    ],
    "addons": [],
    "grants": [],
    "pinned_plans": {},
    "pinned_addons": {},
    "usage": [{"feature": "exports", "user": None, "window": "month:2026-11-01T00:00:00Z", "used": 42}],
    "crossings": [
        {
            "feature": "exports",
            "user": None,
            "window": "month:2026-11-01T00:00:00Z",
            "percent": 80,
            "at": "2026-11-22T09:00:00Z",
        }
    ],
}
CHANGES: Final[dict[str, Any]] = {
    "latest": 42,
    "reset": False,
    "changes": [{"number": 42, "kind": "customer", "key": "acme", "version": 7}],
}
NOTICES: Final[dict[str, Any]] = {
    "notices": [
        {
            "kind": "grandfathering",
            "plan": "pro",
            "at": "2027-01-01T00:00:00Z",
            "title": "Your plan Pro is changing",
            "text": "From January 1, 2027, the new version of Pro applies to you.",
            "incentive": "Switch before then and get +100 exports per month for 30 days.",
        }
    ]
}
