"""What the API's document shows of the catalogue's calls."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["CATALOGUE", "DIFFERENCE", "DOCUMENT", "DRAFT", "EDITS", "PUBLISHED", "REVISIONS", "VALID", "VERSIONS"]

DOCUMENT: Final[dict[str, Any]] = {
    "schema": 1,
    "languages": ["en"],
    "default_plan": "free",
    "features": {"exports": {"kind": "metered", "name": {"en": "Exports"}}},
    "plans": {
        "free": {"name": {"en": "Free"}, "rank": 0, "entitlements": {"exports": {"limit": 5, "per": "month"}}},
        "pro": {
            "name": {"en": "Pro"},
            "rank": 10,
            "prices": [{"interval": "month", "currency": "EUR", "amount": 2900}],
            "entitlements": {"exports": "unlimited"},
        },
    },
}

_VERSION: Final[dict[str, Any]] = {
    "version": 12,
    "message": "Exports are unlimited in Pro",
    "published_by": "1k0w06eyjctsf0pwj53s2r67rm",
    "published_at": "2026-11-22T09:00:00Z",
}
_PRODUCTS: Final[dict[str, Any]] = {"plan_versions": {"free": 1, "pro": 3}, "addon_versions": {}}
_CHANGES: Final = ["Plan pro: exports 100 per month → unlimited"]

CATALOGUE: Final[dict[str, Any]] = {**_VERSION, **_PRODUCTS, "document": DOCUMENT}
PUBLISHED: Final[dict[str, Any]] = {**_VERSION, **_PRODUCTS, "changed": True, "changes": _CHANGES}
VERSIONS: Final[dict[str, Any]] = {"items": [_VERSION], "next_cursor": None}
EDITS: Final[dict[str, Any]] = {
    "base_revision": 0,
    "edits": [
        {"path": ["plans", "pro", "entitlements", "exports"], "value": {"limit": 500, "per": "month"}},
        {"path": ["plans", "pro", "description"], "value": None},
    ],
}
REVISIONS: Final[dict[str, Any]] = {
    "items": [
        {
            "revision": 4,
            "base_version": 12,
            "is_discarded": False,
            "saved_by": "1k0w06eyjctsf0pwj53s2r67rm",
            "saved_at": "2026-11-22T09:00:00Z",
        }
    ],
    "next_cursor": None,
}
DRAFT: Final[dict[str, Any]] = {
    "revision": 4,
    "base_version": 12,
    "updated_by": "1k0w06eyjctsf0pwj53s2r67rm",
    "updated_at": "2026-11-22T09:00:00Z",
    "document": DOCUMENT,
}
VALID: Final[dict[str, Any]] = {"valid": True}
DIFFERENCE: Final[dict[str, Any]] = {
    "against": "version 12",
    "equal": False,
    "changes": _CHANGES,
    "unified": (
        "--- version 12\n+++ given\n@@ -16,1 +16,1 @@\n"
        "-      exports: {limit: 100, per: month}\n+      exports: unlimited\n"
    ),
}
