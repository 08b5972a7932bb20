"""From a receipt to the answer: the same receipt tells the same answer for ever, whatever has changed since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from liftgate.engine.allocation import Counters, Part, count, room
from liftgate.engine.allowance_model import Allowance
from liftgate.engine.customer_state import UsageKey
from liftgate.engine.decision import Decision, Reason, Source
from liftgate.engine.wire import encode_decision
from liftgate_server.entitlements.counters import Reading
from liftgate_server.usage.facts import Posted, Receipt

__all__ = ["Answered", "decision_of", "reading_of_receipt", "told"]


@dataclass(frozen=True, slots=True)
class Answered:
    """What is answered to whoever used something up; ``offer`` is JSON already."""

    granted: bool
    replayed: bool
    key: str
    decision: Mapping[str, Any] | None
    receipt: tuple[Part, ...]
    counters: tuple[tuple[UsageKey, int], ...]
    offer: bytes | None = None
    expires_at: datetime | None = None


def told(posted: Posted, *, key: str, quantity: int, offer: bytes | None = None) -> Answered:
    """Tell what became of a posting of so many units."""
    receipt = posted.receipt
    return Answered(
        granted=posted.granted,
        replayed=posted.replayed,
        key=key,
        decision=decision_of(receipt, granted=posted.granted, quantity=quantity),
        receipt=receipt.parts,
        counters=tuple(_counters(receipt)),
        offer=offer,
        expires_at=receipt.expires_at,
    )


def decision_of(receipt: Receipt, *, granted: bool, quantity: int) -> Mapping[str, Any] | None:
    """Return the decision as a check tells it: after a use what is left, after a refusal why; nothing of a metric."""
    allowance, context = receipt.allowance, receipt.context
    if "decision" in context:
        told: Mapping[str, Any] = context["decision"]
        return told
    if allowance is None:
        return None
    balance = room(allowance, receipt.counters, 0 if granted else quantity)
    observed = _would_have_been(allowance, receipt, quantity) if context.get("observes") and granted else None
    decision = Decision(
        granted=granted,
        reason=Reason.OBSERVED if observed is not None else _reason(balance.reason, granted=granted),
        gate=context.get("gate", allowance.feature),
        feature=allowance.feature,
        used=balance.used,
        limit=balance.limit,
        remaining=balance.remaining,
        resets_at=balance.resets_at,
        sources=tuple(_sources(allowance)),
        decided_by=balance.decided_by,
        observed=observed,
        valid_until=allowance.valid_until,
        catalogue_version=context.get("catalogue_version"),
        customer_version=context.get("customer_version"),
    )
    return encode_decision(decision)


def reading_of_receipt(receipt: Receipt, gate: str) -> Reading:
    """Give the counters of a receipt in the way that a check reads them."""
    counters = dict(_counters(receipt))
    return Reading({gate: tuple(range(len(counters)))}, tuple(counters), tuple(counters.values()))


def _reason(reason: Reason, *, granted: bool) -> Reason:
    # What was forced past its limits has been let pass, as beyond a soft one.
    return Reason.WITHIN_OVERAGE if granted and reason in (Reason.LIMIT_REACHED, Reason.NOT_INCLUDED) else reason


def _would_have_been(allowance: Allowance, receipt: Receipt, quantity: int) -> Reason | None:
    before: Counters = count(
        allowance, receipt.counters, tuple(Part(part.bucket, -part.units) for part in receipt.parts)
    )
    balance = room(allowance, before, quantity)
    return None if balance.granted else balance.reason


def _counters(receipt: Receipt) -> Iterator[tuple[UsageKey, int]]:
    if receipt.allowance is not None:
        for (window, user), used in receipt.counters.items():
            yield (receipt.allowance.feature, user, window), used


def _sources(allowance: Allowance) -> Iterator[Source]:
    base = allowance.base
    if base is not None:
        yield from base.sources
    for bucket in allowance.buckets:
        if bucket is not base:
            yield from bucket.sources
