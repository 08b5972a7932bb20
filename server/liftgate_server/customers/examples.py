"""Examples of this room's answers, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

_AT = "2026-01-31T10:00:00Z"

CUSTOMER: dict[str, Any] = {
    "id": "acme",
    "name": "Acme Media",
    "language": "de",
    "currency": "EUR",
    "attributes": {"industry": "media", "employees": 40},
    "version": 7,
    "billing_anchor": _AT,
    "created_at": _AT,
    "updated_at": "2026-11-22T09:00:00Z",
}
UPSERT_CUSTOMER: dict[str, Any] = {
    "name": "Acme Media",
    "language": "de",
    "attributes": {"employees": 40, "old_field": None},
}
USER: dict[str, Any] = {
    "customer": "acme",
    "id": "u1",
    "name": "Ada Lovelace",
    "email": "ada@example.com",
    "buyer": True,
    "created_at": _AT,
    "updated_at": _AT,
}
UPSERT_USER: dict[str, Any] = {"name": "Ada Lovelace", "email": "ada@example.com", "buyer": True}
_PLAN: dict[str, Any] = {
    "plan": "pro",
    "plan_version": 3,
    "interval": "month",
    "currency": "EUR",
    "quantity": 5,
    "amount": 14500,
    "starts_at": _AT,
    "ends_at": None,
}
SUBSCRIPTION: dict[str, Any] = {
    "customer": "acme",
    "customer_version": 7,
    "status": "active",
    "plan": _PLAN,
    "current_period": {"starts_at": "2026-10-31T10:00:00Z", "ends_at": "2026-11-30T10:00:00Z"},
    "scheduled": None,
    "cancel_at": None,
    "addons": [
        {
            "addon": "extra_exports",
            "addon_version": 1,
            "interval": "month",
            "currency": "EUR",
            "quantity": 2,
            "amount": 1800,
            "starts_at": _AT,
            "ends_at": None,
            "ends_with_plan": False,
            "scheduled_quantity": None,
        }
    ],
    "currency": "EUR",
    "mrr": 16300,
}
GRANT: dict[str, Any] = {
    "id": "grt_0tqv5w1k3k7d9w2m4x8r6h1z0b",
    "customer": "acme",
    "kind": "override",
    "state": "running",
    "feature": "exports",
    "plan": None,
    "plan_version": None,
    "entitlement": {"limit": 500, "per": "month"},
    "max_uses": None,
    "reason": "pilot",
    "created_by": "0tqv5w1k3k7d9w2m4x8r6h1z0b",
    "created_at": _AT,
    "starts_at": _AT,
    "ends_at": "2027-01-01T00:00:00Z",
}
CREATE_GRANT: dict[str, Any] = {
    "kind": "override",
    "feature": "exports",
    "entitlement": {"limit": 500, "per": "month"},
    "reason": "pilot",
    "ends_at": "2027-01-01T00:00:00Z",
}
MRR_CHANGE: dict[str, Any] = {
    "id": "mrr_0tqv5w1k3k7d9w2m4x8r6h1z0b",
    "customer": "acme",
    "at": _AT,
    "kind": "new",
    "cause": "started",
    "currency": "EUR",
    "mrr_before": 0,
    "mrr_after": 14500,
    "order": None,
    "offer": None,
    "impression_id": None,
}


def page_of(item: dict[str, Any]) -> dict[str, Any]:
    """Show a list of one."""
    return {"items": [item], "next_cursor": None}
