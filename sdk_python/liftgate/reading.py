"""JSON answers of the server into frozen values. What the engine knows is read by ``liftgate.engine.wire``."""

from __future__ import annotations

from typing import Any

from liftgate.answers import Change, ChangePage, Order, OrderStatus, SummaryLine
from liftgate.engine import wire
from liftgate.engine.explain import Explanation, SkippedStep, TraceStep

__all__ = ["read_change_page", "read_explanation", "read_order"]


def read_change_page(data: Any) -> ChangePage:
    """Read the answer of ``GET /v1/changes``."""
    return ChangePage(
        latest=int(data["latest"]),
        is_reset=bool(data.get("reset", False)),
        changes=tuple(
            Change(
                number=int(item["number"]), kind=str(item["kind"]), key=str(item["key"]), version=int(item["version"])
            )
            for item in data.get("changes", ())
        ),
    )


def read_order(data: Any) -> Order:
    """Read an order."""
    following, summary = data.get("next") or {}, data.get("summary") or {}
    return Order(
        id=str(data["id"]),
        status=OrderStatus(data["status"]),
        customer=str(data["customer"]),
        user=data.get("user"),
        plan=data.get("plan"),
        addon=data.get("addon"),
        interval=str(data["interval"]),
        currency=str(data["currency"]),
        quantity=int(data["quantity"]),
        amount=int(data["amount"]),
        created_at=wire.decode_instant(data.get("created_at")),
        expires_at=wire.decode_instant(data.get("expires_at")),
        completed_at=wire.decode_instant(data.get("completed_at")),
        customer_version=data.get("customer_version"),
        next_kind=str(following.get("kind", "none")),
        next_url=following.get("url"),
        summary=tuple(SummaryLine(str(line["label"]), str(line["text"])) for line in summary.get("lines", ())),
        total=summary.get("total"),
        note=summary.get("note"),
    )


def read_explanation(data: Any) -> Explanation:
    """Read the answer of ``POST /v1/explain``; fields that a newer server adds are passed over."""
    return Explanation(
        decision=wire.decode_decision(data["decision"]),
        trace=tuple(
            TraceStep(
                rule=str(step["rule"]),
                detail=str(step["detail"]),
                feature=step.get("feature"),
                decisive=bool(step.get("decisive", False)),
            )
            for step in data.get("trace", ())
        ),
        skipped=tuple(
            SkippedStep(step=str(step["step"]), reason=str(step["reason"])) for step in data.get("skipped", ())
        ),
    )
