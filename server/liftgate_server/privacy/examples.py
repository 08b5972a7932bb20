"""What the API's document shows of exports and erasures."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["ERASURE", "EXPORT", "RUNNING"]

ERASURE: Final[dict[str, Any]] = {
    "id": "ers_0tqv5w1k3k7d9w2m4x8r6h1z0b",
    "kind": "customer",
    "pseudonym": "erased_3f9c1d7e5b2a4c60a1b2c3d4",
    "state": "done",
    "rows": {"customers": 1, "plan_phases": 2, "mrr_changes": 3, "gate_hours": 120, "audit_entries": 4},
    "requested_by": "0tqv5w1k3k7d9w2m4x8r6h1z0b",
    "requested_at": "2026-11-22T09:00:00Z",
    "finished_at": "2026-11-22T09:00:01Z",
}
RUNNING: Final[dict[str, Any]] = {**ERASURE, "state": "running", "finished_at": None}
EXPORT: Final = (
    '{"kind":"export","schema":1,"environment":"demo","customer":"acme","at":"2026-11-22T09:00:00Z"}\n'
    '{"kind":"customer","row":{"id":"acme","name":"Acme","attributes":{"employees":40}}}\n'
    '{"kind":"end","rows":{"customer":1}}\n'
)
