"""The body of a report, read by hand: a schema library would take longer over a thousand rows than the database."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from liftgate_server.plumbing.errors import FieldError, Invalid
from liftgate_server.usage.facts import GateReport, LevelReport, Outcome, Report, UseReport

__all__ = ["LARGEST_COUNT", "MOST_ROWS", "is_gate_key", "read_report"]

_T = TypeVar("_T")

MOST_ROWS: Final = 1_000
LARGEST_COUNT: Final = 1_000_000_000
_LARGEST_WHOLE_NUMBER: Final = 2**53 - 1
_MOST_ERRORS: Final = 100
_LONGEST_NAME: Final = 128
# How far the clock of a reporter may run ahead of ours.
_AHEAD: Final = timedelta(hours=1)

_BATCH = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_CUSTOMER = re.compile(r"[A-Za-z0-9._:@|-]{1,128}", re.ASCII)
_KEY = re.compile(r"[a-z][a-z0-9_.-]{0,63}", re.ASCII)
# A newer SDK may have reasons that this server has not heard of; they are counted like the others.
_REASON = re.compile(r"[a-z][a-z_]{0,31}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
_OUTCOMES: Final = {outcome.value: outcome for outcome in Outcome}

_REPORT_FIELDS: Final = frozenset({"batch", "gates", "levels", "uses"})
_GATE_FIELDS: Final = frozenset({"gate", "customer", "hour", "outcome", "reason", "count"})
_LEVEL_FIELDS: Final = frozenset({"customer", "feature", "used", "at"})
_USE_FIELDS: Final = frozenset({"customer", "user", "feature", "hour", "count"})

_Row = Mapping[str, Any]


def read_report(body: Any, *, digest: bytes, at: datetime) -> Report:
    """Read a report that came in at an instant; the first thing wrong with each of its rows is said."""
    errors: list[FieldError] = []
    latest = at + _AHEAD
    fields: _Row = _reading("", lambda: _object(body, _REPORT_FIELDS, required=frozenset({"batch"})), {}, errors)
    batch = _reading("batch", lambda: _text(fields["batch"], _BATCH), "", errors) if "batch" in fields else ""
    gates = _rows(fields, "gates", lambda row: _gate_report(row, latest), errors)
    levels = _rows(fields, "levels", lambda row: _level_report(row, latest), errors)
    uses = _rows(fields, "uses", lambda row: _use_report(row, latest), errors)
    if errors:
        raise Invalid(
            "invalid_request", "The request has fields that cannot be accepted.", errors=errors[:_MOST_ERRORS]
        )
    return Report(batch, digest, gates, levels, uses)


def is_gate_key(text: str) -> bool:
    """Tell whether a gate could have this key; a check may ask for any text."""
    return _KEY.fullmatch(text) is not None


class _Wrong(Exception):
    def __init__(self, path: str, code: str, message: str) -> None:
        super().__init__(path, code, message)
        self.path, self.code, self.message = path, code, message


def _reading(path: str, read: Callable[[], _T], wrong: _T, errors: list[FieldError]) -> _T:
    try:
        return read()
    except _Wrong as found:
        errors.append(FieldError(".".join(filter(None, (path, found.path))), found.code, found.message))
        return wrong


def _rows(fields: _Row, name: str, read: Callable[[Any], _T], errors: list[FieldError]) -> tuple[_T, ...]:
    rows = fields.get(name, [])
    if not isinstance(rows, list):
        errors.append(FieldError(name, "wrong_type", "Expected a list."))
        return ()
    if len(rows) > MOST_ROWS:
        errors.append(FieldError(name, "out_of_range", f"At most {MOST_ROWS} rows are allowed."))
        return ()
    taken: list[_T] = []
    for index, row in enumerate(rows):
        try:
            taken.append(read(row))
        except _Wrong as found:
            path = f"{name}[{index}]" + (f".{found.path}" if found.path else "")
            errors.append(FieldError(path, found.code, found.message))
    return tuple(taken)


def _gate_report(value: Any, latest: datetime) -> GateReport:
    row = _object(value, _GATE_FIELDS, required=_GATE_FIELDS)
    return GateReport(
        gate=_field(row, "gate", lambda it: _text(it, _KEY)),
        customer=_field(row, "customer", lambda it: _text(it, _CUSTOMER)),
        hour=_field(row, "hour", lambda it: _whole_hour(_instant(it, latest))),
        outcome=_field(row, "outcome", _outcome),
        reason=_field(row, "reason", lambda it: _text(it, _REASON)),
        times=_field(row, "count", lambda it: _whole_number(it, least=1, most=LARGEST_COUNT)),
    )


def _level_report(value: Any, latest: datetime) -> LevelReport:
    row = _object(value, _LEVEL_FIELDS, required=_LEVEL_FIELDS)
    return LevelReport(
        customer=_field(row, "customer", lambda it: _text(it, _CUSTOMER)),
        feature=_field(row, "feature", lambda it: _text(it, _KEY)),
        used=_field(row, "used", lambda it: _whole_number(it, least=0, most=_LARGEST_WHOLE_NUMBER)),
        at=_field(row, "at", lambda it: _instant(it, latest)),
    )


def _use_report(value: Any, latest: datetime) -> UseReport:
    row = _object(value, _USE_FIELDS, required=_USE_FIELDS - {"user"})
    return UseReport(
        customer=_field(row, "customer", lambda it: _text(it, _CUSTOMER)),
        user=None if row.get("user") is None else _field(row, "user", lambda it: _text(it, _CUSTOMER)),
        feature=_field(row, "feature", lambda it: _text(it, _KEY)),
        hour=_field(row, "hour", lambda it: _whole_hour(_instant(it, latest))),
        times=_field(row, "count", lambda it: _whole_number(it, least=1, most=LARGEST_COUNT)),
    )


def _field(row: _Row, name: str, read: Callable[[Any], _T]) -> _T:
    try:
        return read(row[name])
    except _Wrong as found:
        found.path = name
        raise


def _object(value: Any, allowed: frozenset[str], *, required: frozenset[str]) -> _Row:
    if not isinstance(value, dict):
        raise _Wrong("", "wrong_type", "Expected an object.")
    if not value.keys() <= allowed:
        known = ", ".join(sorted(allowed))
        name = min(value.keys() - allowed)
        raise _Wrong(name[:_LONGEST_NAME], "unknown_field", f"There is no such field; known are {known}.")
    if not required <= value.keys():
        raise _Wrong(min(required - value.keys()), "missing", "This field is required.")
    return value


def _text(value: Any, form: re.Pattern[str]) -> str:
    if not isinstance(value, str):
        raise _Wrong("", "wrong_type", "Expected a text.")
    if form.fullmatch(value) is None:
        raise _Wrong("", "bad_value", f"Expected a text of the form {form.pattern}")
    return value


def _outcome(value: Any) -> Outcome:
    if not isinstance(value, str):
        raise _Wrong("", "wrong_type", "Expected a text.")
    if value not in _OUTCOMES:
        raise _Wrong("", "bad_value", f"Expected one of {', '.join(_OUTCOMES)}.")
    return _OUTCOMES[value]


def _whole_number(value: Any, *, least: int, most: int) -> int:
    # bool is a subclass of int, and 3.0 is no whole number here.
    if type(value) is not int:
        raise _Wrong("", "wrong_type", "Expected a whole number.")
    if not least <= value <= most:
        raise _Wrong("", "out_of_range", f"Expected a whole number from {least} to {most}.")
    return value


def _instant(value: Any, latest: datetime) -> datetime:
    if not isinstance(value, str):
        raise _Wrong("", "wrong_type", "Expected an instant.")
    if _INSTANT.fullmatch(value) is None:
        raise _Wrong("", "bad_value", "Expected an instant such as 2026-11-22T09:00:00Z.")
    try:
        at = datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError) as failure:
        raise _Wrong("", "bad_value", "There is no such instant.") from failure
    if at > latest:
        raise _Wrong("", "out_of_range", "This instant is still to come.")
    return at


def _whole_hour(at: datetime) -> datetime:
    if at.minute or at.second or at.microsecond:
        raise _Wrong("", "bad_value", "Expected the beginning of an hour in UTC.")
    return at
