"""What each posting of a batch is told. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from liftgate.engine.allocation import Crossing, Part
from liftgate.engine.allowance_model import BASE
from liftgate_server.usage.batch_plan import BatchPlan
from liftgate_server.usage.batch_taking import Known, Reached, Taken
from liftgate_server.usage.facts import Posted, Posting, Receipt, Refusal
from liftgate_server.usage.posting_records import conflict, replayed

__all__ = ["Name", "Outcome", "answer_again", "answers"]

Outcome = Posted | Refusal

Name = tuple[str, str]
"""A customer and one of their keys."""


def answers(plan: BatchPlan, taken: Taken) -> dict[Name, Outcome]:
    """Give the answer to each posting of a part that was taken."""
    outcomes: dict[Name, Outcome] = {(it.customer, it.key): _counted(it, taken.reached) for it in plan.postings}
    for known in taken.known:
        posting = plan.postings[known.place]
        outcomes[posting.customer, posting.key] = _answer_on_file(known, posting)
    return outcomes


def _counted(posting: Posting, reached: Sequence[Reached]) -> Posted:
    crossed = tuple(
        Crossing(it.feature, it.user or None, it.window, it.percent, it.limit, it.used)
        for it in reached
        if (it.customer, it.feature) == (posting.customer, posting.feature) and it.user in ("", posting.user)
    )
    receipt = Receipt((Part(BASE, posting.quantity),), {}, posting.at)
    return Posted(granted=True, replayed=False, receipt=receipt, crossed=crossed, to_announce=bool(crossed))


def _answer_on_file(known: Known, posting: Posting) -> Outcome:
    if known.is_same and known.operation == posting.operation:
        document = known.receipt or {"parts": [[BASE, known.quantity]], "counters": [], "allowance": None}
        return replayed(document, granted=known.granted, at=known.at)
    if "sent" in (known.receipt or {}):
        found = conflict(posting.operation.value, posting.sent, was_operation=known.operation, was=known.receipt)
        return Refusal(found.code, found.detail, found.errors)
    return _refusal(
        {
            "operation": known.operation,
            "feature": known.feature,
            "user": known.user,
            "gate": known.gate,
            "quantity": known.quantity,
            "properties": known.properties,
            "at": known.at,
        },
        posting,
    )


def answer_again(outcome: Outcome, first: Posting, again: Posting) -> Outcome:
    """Answer what came twice in one batch: the second is a repetition of the first, or a conflict with it."""
    if isinstance(outcome, Refusal):
        return outcome
    if again.digest == first.digest:
        return replace(outcome, replayed=True, crossed=(), to_announce=False)
    return _refusal(_fields(first), again)


def _refusal(was: Mapping[str, object], posting: Posting) -> Refusal:
    found = conflict(
        posting.operation.value,
        {name: _written(value) for name, value in _fields(posting).items()},
        was_operation=str(was["operation"]),
        was={"sent": {name: _written(value) for name, value in was.items()}},
    )
    # An instant that nobody sent is that of the request, and differs by itself.
    errors = [error for error in found.errors if error.path != "at" or "at" in posting.sent]
    return Refusal(found.code, found.detail, tuple(errors))


def _fields(posting: Posting) -> dict[str, object]:
    return {
        "operation": posting.operation.value,
        "feature": posting.feature,
        "user": posting.user,
        "gate": posting.gate,
        "quantity": posting.quantity,
        "properties": posting.properties,
        "at": posting.at,
    }


def _written(value: object) -> object:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
