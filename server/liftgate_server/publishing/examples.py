"""What the API's document shows of the publishing calls."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["ACCOUNTS", "REVIEW", "ROLL_BACK", "SCHEDULED", "SCHEDULED_PAGE", "USES", "WARNINGS"]

_TERMS: Final[dict[str, Any]] = {
    "audience": "all",
    "starts_at": "2027-01-01T00:00:00Z",
    "notice_days": 30,
    "incentive": {"feature": "exports", "entitlement": {"limit": 50, "per": "month"}, "days": 90},
}
_WARNING: Final[dict[str, Any]] = {
    "code": "lacks_feature",
    "plan": "pro",
    "other": "free",
    "message": "Plan pro lacks sso, which free has.",
    "values": {"feature": "sso", "lower": "on", "higher": "not included"},
}
_IN_USE: Final[dict[str, Any]] = {
    "subject": "plan:team",
    "removable": False,
    "by": [{"kind": "subscription", "count": 2, "examples": ["acme", "harbour"]}],
}

WARNINGS: Final[dict[str, Any]] = {"items": [_WARNING]}
USES: Final[dict[str, Any]] = {"items": [_IN_USE]}
REVIEW: Final[dict[str, Any]] = {
    "base_version": 12,
    "revision": 4,
    "is_empty": False,
    "changes": ["Plan pro: exports 100 per month → 50 per month"],
    "unified": (
        "--- version 12\n+++ to be published\n@@ -16,1 +16,1 @@\n"
        "-      exports: {limit: 100, per: month}\n+      exports: {limit: 50, per: month}\n"
    ),
    "warnings": [_WARNING],
    "impact": {
        "gaining": 0,
        "losing": 3,
        "over_limit": 0,
        "moving": 3,
        "keeping": 0,
        "plans": [
            {
                "kind": "plan",
                "plan": "pro",
                "name": "Pro",
                "from_version": 3,
                "to_version": 4,
                "follows": False,
                "accounts": 3,
                "gains": [],
                "losses": ["exports 100 per month → 50 per month"],
                "over_limit": 0,
            }
        ],
    },
    "blocked": [_IN_USE],
    "terms": _TERMS,
}
ACCOUNTS: Final[dict[str, Any]] = {
    "items": [
        {
            "customer": "acme",
            "name": "Acme Media",
            "plan": "pro",
            "version": 3,
            "details": ["exports 100 per month → 50 per month"],
        }
    ],
    "next_cursor": None,
}
ROLL_BACK: Final[dict[str, Any]] = {"version": 1, "message": "Back to the old limits"}
SCHEDULED: Final[dict[str, Any]] = {
    "id": "pub_01m3x5k9q2",
    "at": "2026-12-01T08:00:00Z",
    "state": "waiting",
    "base_version": 12,
    "terms": _TERMS,
    "message": "New limits for the new year",
    "created_by": "1k0w06eyjctsf0pwj53s2r67rm",
    "created_at": "2026-11-22T09:00:00Z",
    "decided_at": None,
    "version": None,
    "code": None,
    "reason": None,
}
SCHEDULED_PAGE: Final[dict[str, Any]] = {"items": [SCHEDULED], "next_cursor": None}
