"""What the API's document shows of the calls that use something up."""

from __future__ import annotations

from typing import Any, Final

__all__ = [
    "ANSWER",
    "COMMIT",
    "CONSUME",
    "HISTORY",
    "HISTORY_CSV",
    "LEDGER",
    "LEDGER_CSV",
    "LEVEL",
    "NOW",
    "RECORD",
    "RECORDED",
    "REFUND",
    "RELEASE",
    "RESERVATION",
    "RESERVE",
]

_WINDOW: Final = "month:2026-11-01T00:00:00Z"
_START: Final = "2026-11-01T00:00:00Z"
_END: Final = "2026-12-01T00:00:00Z"
_AT: Final = "2026-11-22T09:00:00Z"

CONSUME: Final[dict[str, Any]] = {"customer": "acme", "gate": "exports", "quantity": 3, "user": "u1"}
RESERVE: Final[dict[str, Any]] = {"customer": "acme", "feature": "exports", "quantity": 3, "expires_in_seconds": 300}
COMMIT: Final[dict[str, Any]] = {"customer": "acme", "reservation": "use_4f3c9d", "quantity": 2}
RELEASE: Final[dict[str, Any]] = {"customer": "acme", "reservation": "use_4f3c9d"}
REFUND: Final[dict[str, Any]] = {"customer": "acme", "key": "use_4f3c9d", "quantity": 1}
LEVEL: Final[dict[str, Any]] = {"customer": "acme", "feature": "boards", "level": 3}
RECORD: Final[dict[str, Any]] = {
    "events": [
        {"key": "export-8131", "customer": "acme", "feature": "exports", "user": "u1", "properties": {"format": "pdf"}}
    ]
}
RECORDED: Final[dict[str, Any]] = {
    "counted": 1,
    "replayed": 0,
    "refused": [
        {
            "index": 1,
            "key": "export-8132",
            "code": "unknown_feature",
            "message": "The catalogue has no feature 'export'.",
            "errors": [
                {"path": "feature", "code": "unknown_feature", "message": "The catalogue has no feature 'export'."}
            ],
        }
    ],
}
ANSWER: Final[dict[str, Any]] = {
    "granted": True,
    "replayed": False,
    "key": "use_4f3c9d",
    "decision": {
        "granted": True,
        "reason": "entitled",
        "gate": "exports",
        "feature": "exports",
        "used": 45,
        "limit": 500,
        "remaining": 455,
        "resets_at": _END,
        "value": None,
        "sources": [{"kind": "plan", "key": "pro@3", "ends_at": None}],
        "decided_by": "plan:pro@3",
        "observed": None,
        "message": None,
        "valid_until": _END,
        "catalogue_version": 12,
        "customer_version": 7,
        "stale": False,
        "fallback": False,
        "over_limit": None,
    },
    "offer": None,
    "receipt": [{"bucket": "base", "units": 3}],
    "counters": [{"feature": "exports", "user": None, "window": _WINDOW, "used": 45}],
}
RESERVATION: Final[dict[str, Any]] = ANSWER | {"reservation": "use_4f3c9d", "expires_at": "2026-11-22T09:05:00Z"}
NOW: Final[dict[str, Any]] = {
    "customer": "acme",
    "user": None,
    "at": _AT,
    "features": [
        {
            "feature": "exports",
            "kind": "metered",
            "used": 410,
            "held": 10,
            "limit": 500,
            "remaining": 90,
            "resets_at": _END,
            "projection": 575,
            "decided_by": "plan:pro@3",
            "over_limit": None,
            "windows": [
                {
                    "window": _WINDOW,
                    "user": None,
                    "used": 410,
                    "held": 10,
                    "limit": 500,
                    "starts_at": _START,
                    "ends_at": _END,
                    "projection": 575,
                }
            ],
            "crossings": [{"window": _WINDOW, "user": None, "percent": 80, "at": _AT}],
            "percent": 82,
            "sentence": "You have used 82% of your exports this month. If you need more, we recommend Business.",
        }
    ],
    "value_metrics": [{"metric": "minutes_saved", "since": _START, "units": 1260, "uses": 42}],
}
HISTORY: Final[dict[str, Any]] = {
    "items": [{"day": "2026-11-21", "units": 40, "uses": 12, "users": 3, "last_at": "2026-11-21T17:20:00Z"}],
    "next_cursor": None,
}
HISTORY_CSV: Final = "day,units,uses,users,last_at\r\n2026-11-21,40,12,3,2026-11-21T17:20:00Z\r\n"
LEDGER: Final[dict[str, Any]] = {
    "items": [
        {
            "key": "export-8131",
            "operation": "record",
            "feature": "exports",
            "gate": None,
            "user": "u1",
            "quantity": 1,
            "uses": 1,
            "at": _AT,
            "received_at": _AT,
            "refused": False,
            "properties": {"format": "pdf"},
            "receipt": [{"bucket": "base", "units": 1}],
        }
    ],
    "next_cursor": None,
}
LEDGER_CSV: Final = (
    "at,received_at,key,operation,feature,gate,user,quantity,uses,refused,properties,receipt\r\n"
    '2026-11-22T09:00:00Z,2026-11-22T09:00:00Z,export-8131,record,exports,,u1,1,1,no,"{""format"":""pdf""}",base 1\r\n'
)
