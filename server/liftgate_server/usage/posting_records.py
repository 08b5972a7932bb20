"""What a receipt is on file, and how a repetition is told from another request of the same key.

A receipt is a document: ``parts`` ``[[bucket, units], …]``, ``counters`` what each window of the allowance then stood
at (used and held, in the order of ``allowance.windows()``), ``allowance`` the document of ``engine.allowance_model`` or
null for what is never limited, ``sent`` the fields of the request and ``context`` what else its answer needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from liftgate.engine.allocation import Counters, Part
from liftgate.engine.allowance_model import BASE, Allowance
from liftgate_server.plumbing.errors import Conflict, FieldError
from liftgate_server.usage.facts import Posted, Posting, Receipt

__all__ = [
    "allowance_on_file",
    "base_units",
    "conflict",
    "document_of",
    "instant_of",
    "key_conflict",
    "parts_of",
    "receipt_document",
    "receipt_of",
    "remembered",
    "replayed",
]

_Document = Mapping[str, Any]


def remembered(posting: Posting) -> dict[str, Any]:
    """Return what the receipt keeps of the request itself."""
    return {"sent": dict(posting.sent), "context": dict(posting.context)}


def receipt_document(
    kept: _Document, parts: Iterable[Part], allowance: Allowance | None, counters: Counters
) -> dict[str, Any]:
    """Return a receipt as it is put on file; ``kept`` is ``remembered``, or another receipt of the same request."""
    windows = () if allowance is None else allowance.windows()
    return {
        **kept,
        "parts": [[part.bucket, part.units] for part in parts],
        "counters": [counters.get(window.counter, 0) for window in windows],
        "allowance": None if allowance is None else allowance.as_document(),
    }


def receipt_of(document: _Document, *, at: datetime, expires_at: datetime | None = None) -> Receipt:
    """Read a receipt."""
    allowance = allowance_on_file(document)
    windows = () if allowance is None else allowance.windows()
    return Receipt(
        parts=parts_of(document),
        counters={window.counter: stands for window, stands in zip(windows, document["counters"], strict=True)},
        at=at,
        allowance=allowance,
        context=document.get("context") or {},
        expires_at=expires_at,
    )


def replayed(document: _Document, *, granted: bool, at: datetime, expires_at: datetime | None = None) -> Posted:
    """Return the answer to a repetition."""
    return Posted(granted=granted, replayed=True, receipt=receipt_of(document, at=at, expires_at=expires_at))


def allowance_on_file(document: _Document) -> Allowance | None:
    return None if document["allowance"] is None else Allowance.from_document(document["allowance"])


def parts_of(document: _Document) -> tuple[Part, ...]:
    return tuple(Part(bucket, units) for bucket, units in document["parts"])


def base_units(parts: Iterable[Part]) -> int:
    """Return what the base gave of it."""
    return sum(part.units for part in parts if part.bucket == BASE)


def conflict(operation: str, sent: _Document, *, was_operation: str, was: _Document | None) -> Conflict:
    """Return the refusal of a key that was used for another request, with every field that differs."""
    told = (was or {}).get("sent")
    if told is None:
        # A batch keeps no fields beside the columns: all that is known is that something differs.
        sent = {}
    before = {"operation": was_operation, **(told or {})}
    now = {"operation": operation, **sent}
    names = sorted(name for name in {*before, *now} if before.get(name) != now.get(name))
    return key_conflict(
        FieldError(name, "differs", f"It was {_shown(before.get(name))} and is {_shown(now.get(name))} now.")
        for name in names
    )


def key_conflict(errors: Iterable[FieldError] = ()) -> Conflict:
    return Conflict("idempotency_conflict", "This key was used before for another request.", errors=errors)


def instant_of(value: Any) -> datetime:
    """Read an instant as either database hands it out."""
    moment: datetime = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def document_of(value: Any) -> Any:
    """Read a document as either database hands it out."""
    return orjson.loads(value) if isinstance(value, str | bytes) else value


def _shown(value: Any) -> str:
    return "absent" if value is None else orjson.dumps(value, default=str).decode()
