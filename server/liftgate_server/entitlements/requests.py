"""The bodies of the hot calls, read by hand: a schema library would cost more than the whole check."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from liftgate.engine.catalogue_model import Recurrence
from liftgate.engine.limits import Reported
from liftgate_server.entitlements.service import BatchQuestion, Question
from liftgate_server.plumbing.errors import FieldError
from liftgate_server.plumbing.fields import (
    LARGEST_WHOLE_NUMBER,
    Fields,
    Wrong,
    read_id,
    read_instant,
    read_item,
    read_language,
    read_text,
    read_whole_number,
    refusal,
)

__all__ = [
    "ClientQuestion",
    "read_after",
    "read_batch",
    "read_client_question",
    "read_customer_id",
    "read_language_asked",
    "read_question",
]

_MOST_GATES: Final = 1_000
_LONGEST_GATE: Final = 128

_NUMBER = re.compile(r"[0-9]{1,16}", re.ASCII)

_QUESTION_FIELDS: Final = frozenset({"customer", "gate", "user", "units", "used", "language", "at"})
_BATCH_FIELDS: Final = frozenset({"customer", "gates", "user", "used", "language"})
_CLIENT_FIELDS: Final = frozenset({"gate", "used"})
_RECURRENCES: Final = frozenset(recurrence.value for recurrence in Recurrence)

ClientQuestion = tuple[str, Reported | None]
"""The gate and the host's own count."""


def read_question(body: Any) -> Question:
    """Read the body of a check."""
    fields = Fields(body, allowed=_QUESTION_FIELDS)
    question = Question(
        customer=fields.required("customer", read_id, ""),
        gate=fields.required("gate", _read_gate, ""),
        reader=(fields.optional("user", read_id), None, fields.optional("language", read_language)),
        units=fields.optional("units", read_whole_number),
        used=fields.optional("used", _read_used),
        at=fields.optional("at", read_instant),
    )
    fields.refuse_if_wrong()
    return question


def read_client_question(body: Any) -> ClientQuestion:
    """Read the body of a check by a page; who asks stands in its token."""
    fields = Fields(body, allowed=_CLIENT_FIELDS)
    question = (fields.required("gate", _read_gate, ""), fields.optional("used", _read_used))
    fields.refuse_if_wrong()
    return question


def read_batch(body: Any) -> BatchQuestion:
    """Read the body of a batch of checks."""
    fields = Fields(body, allowed=_BATCH_FIELDS)
    question = BatchQuestion(
        customer=fields.required("customer", read_id, ""),
        gates=fields.optional("gates", _read_gates),
        reader=(fields.optional("user", read_id), None, fields.optional("language", read_language)),
        used=fields.optional("used", _read_used_by_gate) or {},
    )
    fields.refuse_if_wrong()
    return question


def read_after(query: Mapping[str, str]) -> int | None:
    """Read the number up to which a reader knows the changes; ``None`` for one who knows none."""
    unknown = sorted(query.keys() - {"after"})
    if unknown:
        raise refusal(
            [FieldError(unknown[0][:_LONGEST_GATE], "unknown_field", "There is no such field; known is after.")]
        )
    text = query.get("after")
    if text is None:
        return None
    if _NUMBER.fullmatch(text) is None or int(text) > LARGEST_WHOLE_NUMBER:
        raise refusal([FieldError("after", "wrong_type", "Expected a whole number.")])
    return int(text)


def read_language_asked(query: Mapping[str, str]) -> str | None:
    """Read the language asked for in an address."""
    unknown = sorted(query.keys() - {"language"})
    if unknown:
        raise refusal(
            [FieldError(unknown[0][:_LONGEST_GATE], "unknown_field", "There is no such field; known is language.")]
        )
    if "language" not in query:
        return None
    try:
        return read_language(query["language"])
    except Wrong as wrong:
        raise refusal([FieldError("language", wrong.code, wrong.message)]) from None


def read_customer_id(text: str) -> str:
    """Read the customer in an address."""
    try:
        return read_id(text)
    except Wrong as wrong:
        raise refusal([FieldError("customer", wrong.code, wrong.message)]) from None


def _read_gate(value: Any) -> str:
    # Any short text may be asked for: one that no gate can have is an unknown gate, which is an answer.
    return read_text(value, longest=_LONGEST_GATE)


def _read_gates(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise Wrong("wrong_type", "Expected a list of gates.")
    if len(value) > _MOST_GATES:
        raise Wrong("out_of_range", f"At most {_MOST_GATES} gates are allowed.")
    return tuple(dict.fromkeys(read_item(f"[{index}]", _read_gate, gate) for index, gate in enumerate(value)))


def _read_used(value: Any) -> Reported:
    if not isinstance(value, dict):
        return read_whole_number(value)
    unknown = sorted(value.keys() - _RECURRENCES)
    if unknown:
        message = f"Expected one of {', '.join(sorted(_RECURRENCES))}."
        raise Wrong("unknown_field", message, f".{unknown[0][:_LONGEST_GATE]}")
    return {recurrence: read_item(f".{recurrence}", read_whole_number, used) for recurrence, used in value.items()}


def _read_used_by_gate(value: Any) -> Mapping[str, Reported]:
    if not isinstance(value, dict):
        raise Wrong("wrong_type", "Expected an object from gates to what was used.")
    if len(value) > _MOST_GATES:
        raise Wrong("out_of_range", f"At most {_MOST_GATES} gates are allowed.")
    return {gate: read_item(f".{gate[:_LONGEST_GATE]}", _read_used, used) for gate, used in value.items()}
