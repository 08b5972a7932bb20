"""The bodies of the hot calls, read by hand: a schema library would cost more than the whole check."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from typing import Any, Final, TypeVar

from liftgate.engine.catalogue_model import Recurrence
from liftgate.engine.limits import Reported
from liftgate_server.entitlements.service import BatchQuestion, Question
from liftgate_server.plumbing.errors import FieldError, Invalid

__all__ = [
    "ClientQuestion",
    "read_after",
    "read_batch",
    "read_client_question",
    "read_customer_id",
    "read_language",
    "read_question",
]

_T = TypeVar("_T")

_LARGEST_WHOLE_NUMBER: Final = 2**53 - 1
_MOST_GATES: Final = 1_000
_LONGEST_GATE: Final = 128

_ID = re.compile(r"[A-Za-z0-9._:@|-]{1,128}")
_ID_WORDS: Final = "Expected 1 to 128 letters, digits or any of . _ : @ | -"
_LANGUAGE = re.compile(r"[A-Za-z0-9-]{2,35}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,16}", re.ASCII)

_QUESTION_FIELDS: Final = frozenset({"customer", "gate", "user", "units", "used", "language", "at"})
_BATCH_FIELDS: Final = frozenset({"customer", "gates", "user", "used", "language"})
_CLIENT_FIELDS: Final = frozenset({"gate", "used"})
_RECURRENCES: Final = frozenset(recurrence.value for recurrence in Recurrence)

ClientQuestion = tuple[str, Reported | None]
"""The gate and the host's own count."""


def read_question(body: Any) -> Question:
    """Read the body of a check."""
    fields = _Fields(body, allowed=_QUESTION_FIELDS)
    question = Question(
        customer=fields.required("customer", _read_id, ""),
        gate=fields.required("gate", _read_gate, ""),
        reader=(fields.optional("user", _read_id), None, fields.optional("language", _read_language)),
        units=fields.optional("units", _read_whole_number),
        used=fields.optional("used", _read_used),
        at=fields.optional("at", _read_instant),
    )
    fields.refuse_if_wrong()
    return question


def read_client_question(body: Any) -> ClientQuestion:
    """Read the body of a check by a page; who asks stands in its token."""
    fields = _Fields(body, allowed=_CLIENT_FIELDS)
    question = (fields.required("gate", _read_gate, ""), fields.optional("used", _read_used))
    fields.refuse_if_wrong()
    return question


def read_batch(body: Any) -> BatchQuestion:
    """Read the body of a batch of checks."""
    fields = _Fields(body, allowed=_BATCH_FIELDS)
    question = BatchQuestion(
        customer=fields.required("customer", _read_id, ""),
        gates=fields.optional("gates", _read_gates),
        reader=(fields.optional("user", _read_id), None, fields.optional("language", _read_language)),
        used=fields.optional("used", _read_used_by_gate) or {},
    )
    fields.refuse_if_wrong()
    return question


def read_after(query: Mapping[str, str]) -> int | None:
    """Read the number up to which a reader knows the changes; ``None`` for one who knows none."""
    unknown = sorted(query.keys() - {"after"})
    if unknown:
        raise _refusal(
            [FieldError(unknown[0][:_LONGEST_GATE], "unknown_field", "There is no such field; known is after.")]
        )
    text = query.get("after")
    if text is None:
        return None
    if _NUMBER.fullmatch(text) is None or int(text) > _LARGEST_WHOLE_NUMBER:
        raise _refusal([FieldError("after", "wrong_type", "Expected a whole number.")])
    return int(text)


def read_language(query: Mapping[str, str]) -> str | None:
    """Read the language asked for in an address."""
    unknown = sorted(query.keys() - {"language"})
    if unknown:
        raise _refusal(
            [FieldError(unknown[0][:_LONGEST_GATE], "unknown_field", "There is no such field; known is language.")]
        )
    if "language" not in query:
        return None
    try:
        return _read_language(query["language"])
    except _Wrong as wrong:
        raise _refusal([FieldError("language", wrong.code, wrong.message)]) from None


def read_customer_id(text: str) -> str:
    """Read the customer in an address."""
    if _ID.fullmatch(text) is None:
        raise _refusal([FieldError("customer", "bad_value", _ID_WORDS)])
    return text


class _Wrong(Exception):
    def __init__(self, code: str, message: str, path: str = "") -> None:
        super().__init__(code, message, path)
        self.code, self.message, self.path = code, message, path


class _Fields:
    """The fields of one body; what is wrong with them is collected."""

    __slots__ = ("_body", "_errors")

    def __init__(self, body: Any, *, allowed: frozenset[str]) -> None:
        if not isinstance(body, dict):
            raise _refusal([FieldError("", "wrong_type", "Expected an object.")])
        self._body: dict[str, Any] = body
        self._errors: list[FieldError] = []
        if not body.keys() <= allowed:
            known = ", ".join(sorted(allowed))
            for name in sorted(body.keys() - allowed):
                message = f"There is no such field; known are {known}."
                self._errors.append(FieldError(name[:_LONGEST_GATE], "unknown_field", message))

    def required(self, name: str, read: Callable[[Any], _T], absent: _T) -> _T:
        if name not in self._body:
            self._errors.append(FieldError(name, "missing", "This field is required."))
            return absent
        return self._read(name, read, absent)

    def optional(self, name: str, read: Callable[[Any], _T]) -> _T | None:
        if self._body.get(name) is None:
            return None
        return self._read(name, read, None)

    def refuse_if_wrong(self) -> None:
        if self._errors:
            raise _refusal(self._errors)

    def _read(self, name: str, read: Callable[[Any], _T], wrong: _T) -> _T:
        try:
            return read(self._body[name])
        except _Wrong as found:
            self._errors.append(FieldError(name + found.path, found.code, found.message))
            return wrong


def _refusal(errors: list[FieldError]) -> Invalid:
    return Invalid("invalid_request", "The request has fields that cannot be accepted.", errors=errors)


def _read_id(value: Any) -> str:
    if not isinstance(value, str):
        raise _Wrong("wrong_type", "Expected a text.")
    if _ID.fullmatch(value) is None:
        raise _Wrong("bad_value", _ID_WORDS)
    return value


def _read_gate(value: Any) -> str:
    # Any short text may be asked for: one that no gate can have is an unknown gate, which is an answer.
    if not isinstance(value, str):
        raise _Wrong("wrong_type", "Expected a text.")
    if not 1 <= len(value) <= _LONGEST_GATE:
        raise _Wrong("out_of_range", f"Expected 1 to {_LONGEST_GATE} characters.")
    return value


def _read_gates(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _Wrong("wrong_type", "Expected a list of gates.")
    if len(value) > _MOST_GATES:
        raise _Wrong("out_of_range", f"At most {_MOST_GATES} gates are allowed.")
    return tuple(dict.fromkeys(_read_item(f"[{index}]", _read_gate, gate) for index, gate in enumerate(value)))


def _read_language(value: Any) -> str:
    if not isinstance(value, str):
        raise _Wrong("wrong_type", "Expected a language tag.")
    if _LANGUAGE.fullmatch(value) is None:
        raise _Wrong("bad_value", "Expected a language tag such as de or pt-BR.")
    return value


def _read_whole_number(value: Any) -> int:
    # bool is a subclass of int, and 3.0 is no whole number here.
    if type(value) is not int:
        raise _Wrong("wrong_type", "Expected a whole number.")
    if not 0 <= value <= _LARGEST_WHOLE_NUMBER:
        raise _Wrong("out_of_range", f"Expected a whole number from 0 to {_LARGEST_WHOLE_NUMBER}.")
    return value


def _read_used(value: Any) -> Reported:
    if not isinstance(value, dict):
        return _read_whole_number(value)
    unknown = sorted(value.keys() - _RECURRENCES)
    if unknown:
        message = f"Expected one of {', '.join(sorted(_RECURRENCES))}."
        raise _Wrong("unknown_field", message, f".{unknown[0][:_LONGEST_GATE]}")
    return {recurrence: _read_item(f".{recurrence}", _read_whole_number, used) for recurrence, used in value.items()}


def _read_used_by_gate(value: Any) -> Mapping[str, Reported]:
    if not isinstance(value, dict):
        raise _Wrong("wrong_type", "Expected an object from gates to what was used.")
    if len(value) > _MOST_GATES:
        raise _Wrong("out_of_range", f"At most {_MOST_GATES} gates are allowed.")
    return {gate: _read_item(f".{gate[:_LONGEST_GATE]}", _read_used, used) for gate, used in value.items()}


def _read_instant(value: Any) -> datetime:
    if not isinstance(value, str):
        raise _Wrong("wrong_type", "Expected an instant.")
    if _INSTANT.fullmatch(value) is None:
        raise _Wrong("bad_value", "Expected an instant such as 2026-11-22T09:00:00Z.")
    try:
        at = datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError) as failure:
        raise _Wrong("bad_value", "There is no such instant.") from failure
    # The periods around it have to lie within the calendar too, in every time zone.
    if not MINYEAR < at.year < MAXYEAR:
        raise _Wrong("bad_value", f"Expected an instant in the years {MINYEAR + 1} to {MAXYEAR - 1}.")
    return at


def _read_item(path: str, read: Callable[[Any], _T], value: Any) -> _T:
    try:
        return read(value)
    except _Wrong as found:
        raise _Wrong(found.code, found.message, path + found.path) from found
