"""The ledger on PostgreSQL: counting, and the end of a reservation, in one round trip each.

The functions (migration 0007) share the customer's lock, so that customers with many users are not held up by
themselves. They ask to be called again where that is not enough: alone, to make a counter; or after expired
reservations have been swept. What is rare is carried out step by step, with the customer's ledger to itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, NoReturn

import orjson
from sqlalchemy.exc import DBAPIError

from liftgate.engine.allocation import Counters, Crossing, Part
from liftgate.engine.allowance_model import Allowance
from liftgate_server.plumbing.errors import Invalid, Unavailable
from liftgate_server.plumbing.hot_writes import HotWrites
from liftgate_server.usage.carrying_out import carry_out
from liftgate_server.usage.counting_steps import RESERVE
from liftgate_server.usage.facts import Operation, Posted, Posting, Receipt, StaleTerms
from liftgate_server.usage.posting_records import (
    conflict,
    instant_of,
    key_conflict,
    receipt_of,
    remembered,
    replayed,
)
from liftgate_server.usage.settling_steps import beyond_reservation, raise_for_state, sweep, unknown_reservation

__all__ = ["post", "settle"]

_POST: Final = f"SELECT usage_post({', '.join('?' * 20)})::text"
_SETTLE: Final = "SELECT usage_settle(?, ?, ?, ?, ?)::text"

# Each asks once for what it lacks, and another reservation may expire meanwhile; more is a bug or a clock that races.
_MOST_CALLS = 10

# Whoever asks for counters that this process has not seen does so alone at once: one round trip instead of two.
_MOST_SEEN = 100_000
_seen: set[int] = set()
_seen_lock = threading.Lock()

_OUT_OF_RANGE = "22003"


def post(writes: HotWrites, environment_id: int, posting: Posting, *, expires_at: datetime | None = None) -> Posted:
    """Count or hold, as ``posting_steps.post`` says."""
    document = _document(posting)
    counters = hash((environment_id, posting.customer, document))
    is_alone = document is not None and counters not in _seen
    freed = False
    for _ in range(_MOST_CALLS):
        values = _values(environment_id, posting, document, expires_at, is_alone=is_alone)
        answer = _call(writes, _POST, values)
        outcome = answer["outcome"]
        if outcome == "expired":
            freed = _sweep(writes, environment_id, posting) or freed
        elif outcome == "alone":
            is_alone = True
        else:
            _remember(counters)
            return _posted(posting, answer, expires_at, freed=freed)
    raise Unavailable("database_unavailable", "The database could not count this; try again.")


def settle(
    writes: HotWrites, environment_id: int, customer: str, key: str, *, quantity: int | None, at: datetime
) -> Posted:
    """Commit or release, as ``settling_steps.settle`` says."""
    answer = _call(writes, _SETTLE, (environment_id, customer, key, quantity, at))
    outcome = answer["outcome"]
    if outcome == "settled":
        receipt = receipt_of(answer["receipt"], at=instant_of(answer["at"]))
        return Posted(granted=True, replayed=False, receipt=receipt, to_announce=answer["to_announce"])
    if outcome == "replayed":
        return replayed(answer["receipt"], granted=True, at=instant_of(answer["at"]))
    _REFUSALS.get(outcome, raise_for_state)(outcome)
    raise AssertionError(outcome)


def _refuse_unknown(_outcome: str) -> NoReturn:
    raise unknown_reservation()


def _refuse_beyond(_outcome: str) -> NoReturn:
    raise beyond_reservation()


def _refuse_conflict(_outcome: str) -> NoReturn:
    raise key_conflict()


_REFUSALS: dict[str, Callable[[str], NoReturn]] = {
    "unknown": _refuse_unknown,
    "beyond": _refuse_beyond,
    "conflict": _refuse_conflict,
}


def _document(posting: Posting) -> str | None:
    if posting.allowance is None:
        return None
    return (posting.document or orjson.dumps(posting.allowance.as_document())).decode()


def _remember(counters: int) -> None:
    if counters not in _seen:
        with _seen_lock:
            if len(_seen) >= _MOST_SEEN:
                _seen.clear()
            _seen.add(counters)


def _values(
    environment_id: int, posting: Posting, document: str | None, expires_at: datetime | None, *, is_alone: bool
) -> tuple[Any, ...]:
    return (
        environment_id,
        posting.customer,
        posting.key,
        posting.operation.value,
        posting.gate,
        posting.feature,
        posting.user or "",
        posting.quantity,
        posting.forced or posting.operation is Operation.RECORD,
        posting.at,
        posting.received_at,
        posting.digest,
        None if posting.properties is None else dict(posting.properties),
        document,
        remembered(posting),
        posting.proof.catalogue,
        posting.proof.access,
        posting.proof.customer_version,
        expires_at,
        is_alone,
    )


def _call(writes: HotWrites, statement: str, values: tuple[Any, ...]) -> dict[str, Any]:
    try:
        ((answer,),) = writes.run(lambda execute: execute(statement, values))
    except DBAPIError as failure:
        if getattr(failure.orig, "sqlstate", None) == _OUT_OF_RANGE:
            raise Invalid("out_of_range", "So much cannot be counted.") from failure
        raise
    told: dict[str, Any] = orjson.loads(answer)
    return told


def _sweep(writes: HotWrites, environment_id: int, posting: Posting) -> bool:
    return carry_out(writes, lambda: sweep(environment_id, posting.customer, posting.feature, at=posting.received_at))


def _posted(posting: Posting, answer: dict[str, Any], expires_at: datetime | None, *, freed: bool) -> Posted:
    outcome = answer["outcome"]
    if outcome == "stale":
        raise StaleTerms
    if outcome == "conflict":
        operation = posting.operation.value if expires_at is None else RESERVE
        raise conflict(operation, posting.sent, was_operation=answer["operation"], was=answer["receipt"])
    if outcome == "replayed":
        until = answer.get("expires_at")
        return replayed(
            answer["receipt"],
            granted=answer["granted"],
            at=instant_of(answer["at"]),
            expires_at=None if until is None else instant_of(until),
        )
    counters = _counters(posting.allowance, answer["counters"])
    parts = tuple(Part(bucket, units) for bucket, units in answer["parts"])
    return Posted(
        granted=answer["granted"],
        replayed=False,
        receipt=Receipt(parts, counters, posting.at, posting.allowance, posting.context, expires_at),
        crossed=_crossed(posting.allowance, answer["crossed"], counters),
        to_announce=freed or answer["to_announce"],
    )


def _counters(allowance: Allowance | None, stands: list[int]) -> Counters:
    windows = () if allowance is None else allowance.windows()
    return {window.counter: stand for window, stand in zip(windows, stands, strict=True)}


def _crossed(allowance: Allowance | None, crossed: list[list[int]], counters: Counters) -> tuple[Crossing, ...]:
    if allowance is None or not crossed:
        return ()
    windows = allowance.windows()
    return tuple(
        Crossing(
            allowance.feature,
            windows[place].user,
            windows[place].key,
            percent,
            windows[place].limit or 0,
            counters[windows[place].counter],
        )
        for place, percent in crossed
    )
