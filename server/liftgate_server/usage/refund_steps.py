"""Giving back, one statement at a time. Read ``posting_steps`` first."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson

from liftgate.engine.allocation import Part, count
from liftgate_server.plumbing.errors import Conflict, NotFound
from liftgate_server.usage import posting_statements as sql
from liftgate_server.usage.counting_steps import (
    Place,
    Sent,
    add_to_counters,
    announce_returns,
    announce_returns_on_file,
    answer_on_file,
    count_day,
    open_counters,
    stands,
)
from liftgate_server.usage.facts import Operation, Posted
from liftgate_server.usage.posting_records import (
    allowance_on_file,
    base_units,
    document_of,
    instant_of,
    parts_of,
    receipt_document,
    receipt_of,
)
from liftgate_server.usage.posting_statements import COMMIT, Statement, Steps, begin

__all__ = ["refund"]

_REFUNDABLE = frozenset({Operation.RECORD, Operation.CONSUME, Operation.COMMIT})


def refund(
    environment_id: int, customer: str, key: str, *, of: str, quantity: int | None, at: datetime
) -> Steps[Posted]:
    """Give units of an entry back at the instant of that entry, to the buckets that they were taken from."""
    yield begin(environment_id, customer)
    fields: dict[str, object] = {"key": of, "quantity": quantity}
    digest = hashlib.sha256(orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)).digest()
    sent = Sent(environment_id, customer, key, Operation.REFUND.value, digest, fields)
    known = yield from answer_on_file(sent)
    if known is not None:
        yield COMMIT
        return known
    gate, feature, user, used_at, was = yield from _refundable(environment_id, customer, of)
    given_back = yield Statement(sql.GIVEN_BACK, (environment_id, customer, of))
    parts = _to_give_back(was, [document_of(given) for (given,) in given_back], quantity)
    place = Place(environment_id, customer, feature, user, instant_of(used_at))
    allowance = allowance_on_file(was)
    if allowance is None:
        before = yield from stands(place)
    else:
        before = yield from open_counters(place, allowance.windows())
    after = before if allowance is None else count(allowance, before, parts)
    document = receipt_document({"sent": fields, "context": {}}, parts, allowance, after)
    units = sum(part.units for part in parts)
    entry = (gate, feature, user, units, base_units(parts), 0, place.at, at, False, of, digest, None, document)
    yield Statement(sql.NEW_ENTRY, (environment_id, customer, key, Operation.REFUND.value, *entry))
    yield from add_to_counters(place, allowance, used=parts)
    yield from count_day(place, units=units, uses=0)
    if allowance is None:
        to_announce = yield from announce_returns_on_file(place, before, units=base_units(parts))
    else:
        to_announce = yield from announce_returns(place, allowance, before, after, at=at)
    yield COMMIT
    return Posted(granted=True, replayed=False, receipt=receipt_of(document, at=place.at), to_announce=to_announce)


def _refundable(environment_id: int, customer: str, of: str) -> Steps[tuple[Any, ...]]:
    """Return the gate, feature, user, instant and receipt of an entry."""
    for row in (yield Statement(sql.REFUNDED, (environment_id, customer, of))):
        operation, gate, feature, user, used_at, refused, receipt = row
        if operation in _REFUNDABLE and not refused and receipt is not None:
            return gate, feature, user, used_at, document_of(receipt)
    raise NotFound("unknown_usage", "Nothing that could be given back was counted under this key.")


def _to_give_back(was: dict[str, Any], given_back: Iterable[dict[str, Any]], quantity: int | None) -> tuple[Part, ...]:
    """Return what each bucket gets back (below zero), beginning with the one that was taken from last."""
    left = {part.bucket: part.units for part in parts_of(was)}
    for earlier in given_back:
        for part in parts_of(earlier):
            left[part.bucket] += part.units
    most = sum(left.values())
    wanted = most if quantity is None else quantity
    if wanted > most or not most:
        raise Conflict("beyond_refundable", f"Of these, {most} units can still be given back.")
    parts: list[Part] = []
    for bucket in reversed(left):
        some = min(left[bucket], wanted)
        wanted -= some
        if some:
            parts.append(Part(bucket, -some))
    return tuple(parts)
