"""What counting is, one statement at a time, without any I/O: consume, record and reserve.

``post``, like ``settling_steps.settle``, ``refund_steps.refund`` and ``level_steps``, is one transaction. It yields a
``Statement`` for every single read and write and is sent the rows, so it can be carried out by a driver, or by a
simulator that crashes, repeats and reorders at every yield. It begins with ``begin``, which gives it the customer's
ledger to itself, and ends with ``COMMIT``; an exception means that everything is to be rolled back. The order is what
makes it right:

1. the key: a repetition is answered from its receipt, and nothing else happens;
2. the terms: what the allowance was made from still holds (``StaleTerms``);
3. reservations that have expired give back what they hold;
4. the counters are read, made from the ledger where they are missing, and the request is judged by them;
5. the entry with its key, and only then the counters, the day and the thresholds, all in the same transaction.

On PostgreSQL the functions of migration 0007 do the same in one round trip, sharing the customer's lock.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from liftgate.engine.allocation import Counters, Part, allocate, count
from liftgate.engine.allowance_model import BASE
from liftgate_server.usage import posting_statements as sql
from liftgate_server.usage.counting_steps import (
    RESERVE,
    Place,
    Sent,
    add_to_counters,
    answer_on_file,
    count_day,
    cross,
    open_counters,
    prove_terms,
)
from liftgate_server.usage.facts import Operation, Posted, Posting, Receipt, ReservationState
from liftgate_server.usage.posting_records import base_units, receipt_document, remembered
from liftgate_server.usage.posting_statements import COMMIT, Statement, Steps, begin
from liftgate_server.usage.settling_steps import sweep_feature

__all__ = ["post"]


def post(environment_id: int, posting: Posting, *, expires_at: datetime | None = None) -> Steps[Posted]:
    """Count the units of a posting, or hold them until ``expires_at``."""
    yield begin(environment_id, posting.customer)
    operation = posting.operation.value if expires_at is None else RESERVE
    sent = Sent(environment_id, posting.customer, posting.key, operation, posting.digest, dict(posting.sent))
    known = yield from answer_on_file(sent)
    if known is not None:
        yield COMMIT
        return known
    yield from prove_terms(environment_id, posting.customer, posting.proof)
    freed = yield from sweep_feature(environment_id, posting.customer, posting.feature, at=posting.received_at)
    place = Place(environment_id, posting.customer, posting.feature, posting.user or "", posting.at)
    windows = () if posting.allowance is None else posting.allowance.windows()
    before = yield from open_counters(place, windows)
    judged = _judge(posting, before)
    if expires_at is None:
        yield Statement(sql.NEW_ENTRY, _entry_row(environment_id, posting, judged))
    else:
        yield Statement(sql.NEW_RESERVATION, _reservation_row(environment_id, posting, judged, expires_at))
    receipt = Receipt(judged.parts, judged.after, posting.at, posting.allowance, posting.context, expires_at)
    posted = Posted(granted=judged.granted, replayed=False, receipt=receipt, to_announce=freed)
    if judged.granted:
        if expires_at is None:
            yield from add_to_counters(place, posting.allowance, used=judged.parts)
            yield from count_day(place, units=posting.quantity, uses=1)
        else:
            yield from add_to_counters(place, posting.allowance, held=judged.parts)
        crossed, news = yield from cross(place, posting.allowance, before, judged.after, at=posting.received_at)
        posted = replace(posted, crossed=crossed, to_announce=freed or news)
    yield COMMIT
    return posted


@dataclass(frozen=True, slots=True)
class _Judged:
    granted: bool
    parts: tuple[Part, ...]
    after: Counters


def _judge(posting: Posting, before: Counters) -> _Judged:
    if posting.allowance is None:
        return _Judged(granted=True, parts=(Part(BASE, posting.quantity),), after={})
    forced = posting.forced or posting.operation is Operation.RECORD
    parts = allocate(posting.allowance, before, posting.quantity, forced=forced)
    if parts is None:
        return _Judged(granted=False, parts=(), after=before)
    return _Judged(granted=True, parts=parts, after=count(posting.allowance, before, parts))


def _entry_row(environment_id: int, posting: Posting, judged: _Judged) -> tuple[Any, ...]:
    return (
        environment_id,
        posting.customer,
        posting.key,
        posting.operation.value,
        posting.gate,
        posting.feature,
        posting.user or "",
        posting.quantity if judged.granted else 0,
        base_units(judged.parts),
        int(judged.granted),
        posting.at,
        posting.received_at,
        not judged.granted,
        None,
        posting.digest,
        _properties(posting),
        receipt_document(remembered(posting), judged.parts, posting.allowance, judged.after),
    )


def _reservation_row(environment_id: int, posting: Posting, judged: _Judged, expires_at: datetime) -> tuple[Any, ...]:
    return (
        environment_id,
        posting.customer,
        posting.key,
        posting.gate,
        posting.feature,
        posting.user or "",
        posting.quantity if judged.granted else 0,
        base_units(judged.parts),
        posting.digest,
        _properties(posting),
        receipt_document(remembered(posting), judged.parts, posting.allowance, judged.after),
        posting.at,
        expires_at,
        (ReservationState.OPEN if judged.granted else ReservationState.REFUSED).value,
    )


def _properties(posting: Posting) -> dict[str, Any] | None:
    return None if posting.properties is None else dict(posting.properties)
