"""Examples of this room's requests and answers, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

PURCHASE: dict[str, Any] = {"plan": "pro", "interval": "month", "quantity": 5}
CLIENT_PURCHASE: dict[str, Any] = {"plan": "pro", "interval": "month", "gate": "boards.create"}
ORDER: dict[str, Any] = {
    "id": "ord_0tqv5w1k3k7d9w2m4x8r6h1z0b",
    "status": "pending",
    "customer": "acme",
    "user": "u1",
    "plan": "pro",
    "addon": None,
    "interval": "month",
    "currency": "EUR",
    "quantity": 5,
    "amount": 14500,
    "created_at": "2026-11-22T09:00:00Z",
    "expires_at": "2026-11-23T09:00:00Z",
    "completed_at": None,
    "customer_version": None,
    "next": {"kind": "confirm"},
    "summary": {
        "lines": [{"label": "Plan", "text": "Pro"}, {"label": "Seats", "text": "5"}],
        "total": "€145",
        "note": "Then €145 per month until you cancel.",
    },
}
COMPLETED_ORDER: dict[str, Any] = {
    **ORDER,
    "status": "completed",
    "completed_at": "2026-11-22T09:01:00Z",
    "customer_version": 8,
    "next": {"kind": "none"},
}
