"""The decision on the wire."""

from __future__ import annotations

from liftgate.engine.catalogue_model import OverLimitPolicy
from liftgate.engine.decision import Decision, OverLimit, Reason, Source, SourceKind
from liftgate.engine.payload_model import Payload
from liftgate.engine.wire_values import WireFields, decode_whole, encode_instant

__all__ = ["decode_decision", "encode_decision"]

_MOST_SOURCES = 10_000


def encode_decision(decision: Decision) -> dict[str, object]:
    """Return a decision as a document of plain JSON values; its offer travels beside it."""
    # Written out field by field: the server does this thirty times for one batch. `str()` of an enumeration's member
    # is its plain text, which every JSON writer takes on its fast path.
    resets_at, valid_until, observed = decision.resets_at, decision.valid_until, decision.observed
    return {
        "granted": decision.granted,
        "reason": str(decision.reason),
        "gate": decision.gate,
        "feature": decision.feature,
        "used": decision.used,
        "limit": decision.limit,
        "remaining": decision.remaining,
        "resets_at": None if resets_at is None else encode_instant(resets_at),
        "value": decision.value,
        "sources": [
            {
                "kind": str(source.kind),
                "key": source.key,
                "ends_at": None if source.ends_at is None else encode_instant(source.ends_at),
            }
            for source in decision.sources
        ],
        "decided_by": decision.decided_by,
        "observed": None if observed is None else str(observed),
        "message": decision.message,
        "valid_until": None if valid_until is None else encode_instant(valid_until),
        "catalogue_version": decision.catalogue_version,
        "customer_version": decision.customer_version,
        "stale": decision.stale,
        "fallback": decision.fallback,
        "over_limit": None if decision.over_limit is None else _encode_over_limit(decision.over_limit),
    }


def _encode_over_limit(over_limit: OverLimit) -> dict[str, object]:
    return {
        "policy": str(over_limit.policy),
        "over": over_limit.over,
        "until": encode_instant(over_limit.until),
    }


def decode_decision(document: object, *, offer: Payload | None = None) -> Decision:
    """Return the decision of a document, with the offer that came beside it, or raise ``WireError``."""
    return decode_whole(document, lambda fields: _read_decision(fields, offer))


def _read_decision(fields: WireFields, offer: Payload | None) -> Decision:
    return Decision(
        granted=fields.flag("granted"),
        reason=fields.choice("reason", Reason),
        gate=fields.string("gate"),
        feature=fields.optional_string("feature"),
        used=fields.optional_whole_number("used"),
        limit=fields.optional_whole_number("limit"),
        remaining=fields.optional_whole_number("remaining"),
        resets_at=fields.optional_instant("resets_at"),
        value=fields.scalar("value"),
        sources=tuple(
            _read_source(WireFields(fields.problems, path, value))
            for path, value in fields.items("sources", most=_MOST_SOURCES)
        ),
        decided_by=fields.optional_string("decided_by"),
        observed=fields.choice("observed", Reason) if fields.has("observed") else None,
        message=fields.optional_string("message"),
        valid_until=fields.optional_instant("valid_until"),
        catalogue_version=fields.optional_whole_number("catalogue_version"),
        customer_version=fields.optional_whole_number("customer_version"),
        stale=fields.flag("stale", default=False),
        fallback=fields.flag("fallback", default=False),
        over_limit=_read_over_limit(fields.within("over_limit")) if fields.has("over_limit") else None,
        _offer=offer,
    )


def _read_source(fields: WireFields) -> Source:
    return Source(
        kind=fields.choice("kind", SourceKind),
        key=fields.string("key"),
        ends_at=fields.optional_instant("ends_at"),
    )


def _read_over_limit(fields: WireFields) -> OverLimit:
    return OverLimit(
        policy=fields.choice("policy", OverLimitPolicy),
        over=fields.whole_number("over"),
        until=fields.optional_instant("until"),
    )
