"""A batch on PostgreSQL: one call of `usage_record_batch`, which migration 0008 makes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import orjson

from liftgate_server.plumbing.hot_writes import Execute
from liftgate_server.usage.batch_plan import BatchPlan, StaleBatch
from liftgate_server.usage.batch_taking import ExpiredInTheWay, Known, Reached, Taken
from liftgate_server.usage.facts import Posting
from liftgate_server.usage.posting_records import instant_of

__all__ = ["take_on_postgresql"]

_TERMS = ("text", "bigint", "bigint", "bigint", "boolean")
_ENTRIES = ("text", "text", "text", "text", "bigint", "timestamptz", "text", "bytea", "jsonb")
_WINDOWS = ("text", "text", "text", "text", "timestamptz", "timestamptz")
_MARKS = ("integer", "bigint", "bigint", "bigint")
_ARRAYS = ", ".join(f"?::{kind}[]" for kind in (*_TERMS, *_ENTRIES, *_WINDOWS, *_MARKS))
_CALL = f"SELECT usage_record_batch(?, ?, {_ARRAYS})::text"


def take_on_postgresql(execute: Execute, environment_id: int, plan: BatchPlan) -> Taken:
    """Count what is new of a batch in one statement, and once more where counters have to be made first."""
    answer = _call(execute, environment_id, plan, alone=frozenset())
    if answer["outcome"] == "alone":
        # Nobody else may count for these customers while their counters are made from the ledger.
        answer = _call(execute, environment_id, plan, alone=frozenset(answer["customers"]))
    if answer["outcome"] == "alone":
        # A retried work may find others missing; it is rare enough to take all.
        answer = _call(execute, environment_id, plan, alone=frozenset(plan.proofs))
    if answer["outcome"] == "stale":
        raise StaleBatch(answer["customers"])
    if answer["outcome"] == "expired":
        raise ExpiredInTheWay(tuple((customer, feature) for customer, feature in answer["features"]))
    return Taken(
        known=tuple(_known(said) for said in answer.get("known") or ()),
        reached=tuple(Reached(*said) for said in answer.get("crossed") or ()),
        to_announce=frozenset(answer.get("announced") or ()),
    )


def _call(execute: Execute, environment_id: int, plan: BatchPlan, *, alone: frozenset[str]) -> dict[str, Any]:
    arrays = (*_terms(plan, alone), *_entries(plan.postings), *_windows(plan), *_marks(plan))
    received_at = max(it.received_at for it in plan.postings)
    ((said,),) = execute(_CALL, (environment_id, received_at, *arrays))
    answer: dict[str, Any] = orjson.loads(said)
    return answer


def _terms(plan: BatchPlan, alone: frozenset[str]) -> tuple[str, ...]:
    proofs = plan.proofs.values()
    return (
        _texts(plan.proofs),
        _plain(proof.catalogue for proof in proofs),
        _plain("NULL" if proof.access is None else proof.access for proof in proofs),
        _plain(proof.customer_version for proof in proofs),
        _plain(customer in alone for customer in plan.proofs),
    )


def _entries(postings: Sequence[Posting]) -> tuple[str, ...]:
    return (
        _texts(it.key for it in postings),
        _texts(it.customer for it in postings),
        _texts(it.feature for it in postings),
        _texts(it.user or "" for it in postings),
        _plain(it.quantity for it in postings),
        _instants(it.at for it in postings),
        _texts(it.gate for it in postings),
        "{" + ",".join([f'"\\\\x{it.digest.hex()}"' for it in postings]) + "}",
        _texts(None if it.properties is None else orjson.dumps(it.properties).decode() for it in postings),
    )


def _windows(plan: BatchPlan) -> tuple[str, ...]:
    return (
        _texts(it.customer for it in plan.windows),
        _texts(it.feature for it in plan.windows),
        _texts(it.user for it in plan.windows),
        _texts(it.window for it in plan.windows),
        _instants(it.starts_at for it in plan.windows),
        _instants(it.ends_at for it in plan.windows),
    )


def _marks(plan: BatchPlan) -> tuple[str, ...]:
    marks = [
        (place, percent, units, it.limit)
        for place, it in enumerate(plan.windows, start=1)
        for percent, units in it.marks
    ]
    return tuple(_plain(mark[column] for mark in marks) for column in range(4))


def _known(said: dict[str, Any]) -> Known:
    return Known(
        place=said["place"],
        operation=said["operation"],
        is_same=said["is_same"],
        granted=said["granted"],
        feature=said["feature"],
        user=said["user"] or None,
        gate=said["gate"],
        quantity=said["quantity"],
        at=instant_of(said["at"]),
        properties=said["properties"],
        receipt=said["receipt"],
    )


# Written by hand: the driver takes ten times as long to write lists of thousands of values.
def _texts(values: Iterable[str | None]) -> str:
    return "{" + ",".join([_text(value) for value in values]) + "}"


def _text(value: str | None) -> str:
    if value is None:
        return "NULL"
    if "\\" in value or '"' in value:
        value = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{value}"'


def _instants(values: Iterable[datetime]) -> str:
    return "{" + ",".join([f'"{value.isoformat()}"' for value in values]) + "}"


def _plain(values: Iterable[object]) -> str:
    return "{" + ",".join([str(value) for value in values]) + "}"
