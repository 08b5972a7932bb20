"""A batch on SQLite: one short transaction of prepared statements, the same steps as the function on PostgreSQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

import orjson

from liftgate.engine.allowance_model import BASE
from liftgate_server.plumbing.db import read_stored
from liftgate_server.plumbing.hot_writes import Execute
from liftgate_server.usage import posting_statements as sql
from liftgate_server.usage.batch_plan import BatchPlan, BatchSpan, BatchWindow, StaleBatch
from liftgate_server.usage.batch_taking import ExpiredInTheWay, Known, Reached, Taken
from liftgate_server.usage.facts import Operation, Posting, is_kept_by_ledger

__all__ = ["take_on_sqlite"]

_LIMIT = 100

_ENTRY = (
    'SELECT operation, digest, refused, feature, "user", gate, quantity, at, properties, receipt FROM usage_events'
    " WHERE environment_id = ? AND customer = ? AND key = ?"
)
_RESERVATION = (
    "SELECT 'reserve', NULL, 1, feature, \"user\", gate, units, created_at, properties, receipt FROM usage_reservations"
    " WHERE environment_id = ? AND customer = ? AND key = ?"
)
_COUNTERS = (
    'SELECT "window", used + held, starts_at, ends_at FROM usage_counters'
    ' WHERE environment_id = ? AND customer = ? AND feature = ? AND "user" = ? AND ends_at > ? AND starts_at <= ?'
)
_HAS_COUNTER = (
    "SELECT 1 FROM usage_counters"
    ' WHERE environment_id = ? AND customer = ? AND feature = ? AND "user" = ? AND "window" = ?'
)


def take_on_sqlite(execute: Execute, environment_id: int, plan: BatchPlan) -> Taken:
    """Count what is new of a batch in one transaction."""
    execute("BEGIN IMMEDIATE", ())
    known = tuple(_known(execute, environment_id, plan))
    fresh = plan.without(frozenset((plan.postings[it.place].customer, plan.postings[it.place].key) for it in known))
    if not fresh.postings:
        execute("ROLLBACK", ())
        return Taken(known)
    _prove(execute, environment_id, fresh)
    _look_for_expired(execute, environment_id, fresh)
    for window in fresh.windows:
        _open_if_missing(execute, environment_id, window)
    moved = _moved(execute, environment_id, fresh)
    for it in fresh.postings:
        _insert(execute, environment_id, it)
    for place, (_, units) in moved.items():
        execute(sql.ADD_TO_WINDOW, (units, 0, environment_id, *place))
    reached, to_announce = _cross(execute, environment_id, fresh, moved)
    _count_days(execute, environment_id, fresh)
    execute("COMMIT", ())
    return Taken(known, reached, to_announce)


def _known(execute: Execute, environment_id: int, plan: BatchPlan) -> Iterator[Known]:
    for place, it in enumerate(plan.postings):
        name = (environment_id, it.customer, it.key)
        found = execute(_ENTRY, name) or execute(_RESERVATION, name)
        if found:
            operation, digest, refused, feature, user, gate, quantity, at, properties, receipt = found[0]
            yield Known(
                place=place,
                operation=operation,
                is_same=digest == it.digest,
                granted=not refused,
                feature=feature,
                user=user or None,
                gate=gate,
                quantity=quantity,
                at=read_stored(at),
                properties=_document(properties),
                receipt=_document(receipt),
            )


def _document(text: str | None) -> Mapping[str, Any] | None:
    document: Mapping[str, Any] | None = None if text is None else orjson.loads(text)
    return document


def _prove(execute: Execute, environment_id: int, plan: BatchPlan) -> None:
    stale = []
    for customer, proof in plan.proofs.items():
        terms = execute(sql.TERMS, (environment_id, customer, environment_id))
        catalogue, access, version = terms[0] if terms else (None, None, None)
        if (catalogue, version) != (proof.catalogue, proof.customer_version) or proof.access not in (None, access):
            stale.append(customer)
    if stale:
        raise StaleBatch(stale)


def _look_for_expired(execute: Execute, environment_id: int, plan: BatchPlan) -> None:
    features = {(it.customer, it.feature): it.received_at for it in plan.postings}
    expired = [feature for feature, at in features.items() if execute(sql.EXPIRED, (environment_id, *feature, at))]
    if expired:
        raise ExpiredInTheWay(tuple(expired))


def _open_if_missing(execute: Execute, environment_id: int, it: BatchWindow) -> None:
    if execute(_HAS_COUNTER, (environment_id, *it.place)):
        return
    span = (environment_id, it.customer, it.feature, it.starts_at, it.ends_at, it.user, it.user)
    ((used, level_at),) = execute(sql.USED, span)
    ((held,),) = execute(sql.HELD, span)
    execute(sql.NEW_COUNTER, (environment_id, *it.place, it.starts_at, it.ends_at, used, held, level_at))


def _moved(execute: Execute, environment_id: int, plan: BatchPlan) -> dict[tuple[str, str, str, str], tuple[int, int]]:
    """Say of each counter that entries of the batch lie within where it stands, and how many units come to it."""
    moved: dict[tuple[str, str, str, str], tuple[int, int]] = {}
    for span in plan.spans():
        owner = (span.customer, span.feature, span.user)
        for window, stands, starts_at, ends_at in execute(
            _COUNTERS, (environment_id, *owner, span.first_at, span.last_at)
        ):
            if is_kept_by_ledger(window):
                moved[*owner, window] = (stands, _units_within(span, read_stored(starts_at), read_stored(ends_at)))
    return moved


def _units_within(span: BatchSpan, starts_at: datetime, ends_at: datetime) -> int:
    return sum(it.quantity for it in span.entries if starts_at <= it.at < ends_at)


def _insert(execute: Execute, environment_id: int, it: Posting) -> None:
    row = (it.customer, it.key, Operation.RECORD.value, it.gate, it.feature, it.user or "", it.quantity, it.quantity)
    properties = None if it.properties is None else dict(it.properties)
    receipt = {"parts": [[BASE, it.quantity]], "counters": [], "allowance": None}
    told = (1, it.at, it.received_at, False, None, it.digest, properties, receipt)
    execute(sql.NEW_ENTRY, (environment_id, *row, *told))


def _cross(
    execute: Execute,
    environment_id: int,
    plan: BatchPlan,
    moved: Mapping[tuple[str, str, str, str], tuple[int, int]],
) -> tuple[tuple[Reached, ...], frozenset[str]]:
    at = max(it.received_at for it in plan.postings)
    reached: list[Reached] = []
    to_announce: set[str] = set()
    for window in plan.windows:
        before, units = moved.get(window.place, (0, 0))
        for percent, mark in window.marks:
            if not before < mark <= before + units or window.limit is None:
                continue
            crossing = Reached(*window.place, percent, window.limit, before + units)
            if execute(
                sql.NEW_CROSSING, (environment_id, *window.place, percent, window.limit, before + units, at, False)
            ):
                reached.append(crossing)
                to_announce.add(window.customer)
            elif percent == _LIMIT:
                execute(sql.ANNOUNCE_AGAIN, (False, environment_id, *window.place, percent))
                to_announce.add(window.customer)
    return tuple(reached), frozenset(to_announce)


def _count_days(execute: Execute, environment_id: int, plan: BatchPlan) -> None:
    days: dict[tuple[str, str, str, date], list[Posting]] = defaultdict(list)
    for it in plan.postings:
        days[it.customer, it.feature, it.user or "", it.at.astimezone(UTC).date()].append(it)
    for day, entries in sorted(days.items()):
        units, last_at = sum(it.quantity for it in entries), max(it.at for it in entries)
        execute(sql.COUNT_DAY, (environment_id, *day, units, len(entries), last_at))
