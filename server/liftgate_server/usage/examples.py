"""What the API's document shows of reports."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["REPORT", "TAKEN"]

REPORT: Final[dict[str, Any]] = {
    "batch": "3f9c1d7e5b2a4c60",
    "gates": [
        {
            "gate": "boards.create",
            "customer": "acme",
            "hour": "2026-11-22T09:00:00Z",
            "outcome": "refused",
            "reason": "limit_reached",
            "count": 3,
        }
    ],
    "levels": [{"customer": "acme", "feature": "boards", "used": 3, "at": "2026-11-22T09:00:00Z"}],
    "uses": [{"customer": "acme", "user": "u1", "feature": "sso", "hour": "2026-11-22T09:00:00Z", "count": 12}],
}
TAKEN: Final[dict[str, Any]] = {"batch": "3f9c1d7e5b2a4c60", "replayed": False}
