"""Fields of bodies and addresses that hot calls read by hand: a schema library would cost more than the whole call."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from typing import Any, Final, TypeVar

from liftgate_server.plumbing.errors import FieldError, Invalid

__all__ = [
    "LARGEST_WHOLE_NUMBER",
    "Fields",
    "Wrong",
    "read_id",
    "read_instant",
    "read_item",
    "read_language",
    "read_text",
    "read_whole_number",
    "refusal",
]

T = TypeVar("T")

LARGEST_WHOLE_NUMBER: Final = 2**53 - 1
_LONGEST_NAME: Final = 128

_ID = re.compile(r"[A-Za-z0-9._:@|-]{1,128}")
_ID_WORDS: Final = "Expected 1 to 128 letters, digits or any of . _ : @ | -"
_LANGUAGE = re.compile(r"[A-Za-z0-9-]{2,35}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)


class Wrong(Exception):
    """What is wrong with one value; ``path`` leads to the place inside it."""

    def __init__(self, code: str, message: str, path: str = "") -> None:
        super().__init__(code, message, path)
        self.code, self.message, self.path = code, message, path


class Fields:
    """The fields of one body; what is wrong with them is collected."""

    __slots__ = ("_body", "errors")

    def __init__(self, body: Any, *, allowed: frozenset[str]) -> None:
        if not isinstance(body, Mapping):
            raise refusal([FieldError("", "wrong_type", "Expected an object.")])
        self._body: Mapping[str, Any] = body
        self.errors: list[FieldError] = []
        if not body.keys() <= allowed:
            known = ", ".join(sorted(allowed))
            for name in sorted(body.keys() - allowed):
                message = f"There is no such field; known are {known}."
                self.errors.append(FieldError(name[:_LONGEST_NAME], "unknown_field", message))

    def has(self, name: str) -> bool:
        """Whether a field is there, and not null."""
        return self._body.get(name) is not None

    def required(self, name: str, read: Callable[[Any], T], absent: T) -> T:
        if name not in self._body:
            self.errors.append(FieldError(name, "missing", "This field is required."))
            return absent
        return self._read(name, read, absent)

    def optional(self, name: str, read: Callable[[Any], T]) -> T | None:
        if self._body.get(name) is None:
            return None
        return self._read(name, read, None)

    def refuse(self, name: str, code: str, message: str) -> None:
        """Note that something is wrong with a field."""
        self.errors.append(FieldError(name, code, message))

    def refuse_if_wrong(self) -> None:
        if self.errors:
            raise refusal(self.errors)

    def _read(self, name: str, read: Callable[[Any], T], wrong: T) -> T:
        try:
            return read(self._body[name])
        except Wrong as found:
            self.errors.append(FieldError(name + found.path, found.code, found.message))
            return wrong


def refusal(errors: list[FieldError]) -> Invalid:
    """Give the refusal of a request whose fields are wrong."""
    return Invalid("invalid_request", "The request has fields that cannot be accepted.", errors=errors)


def read_id(value: Any) -> str:
    """Read the id of a customer or a user."""
    if not isinstance(value, str):
        raise Wrong("wrong_type", "Expected a text.")
    if _ID.fullmatch(value) is None:
        raise Wrong("bad_value", _ID_WORDS)
    return value


def read_text(value: Any, *, longest: int) -> str:
    """Read any text that is not empty."""
    if not isinstance(value, str):
        raise Wrong("wrong_type", "Expected a text.")
    if not 1 <= len(value) <= longest:
        raise Wrong("out_of_range", f"Expected 1 to {longest} characters.")
    return value


def read_language(value: Any) -> str:
    if not isinstance(value, str):
        raise Wrong("wrong_type", "Expected a language tag.")
    if _LANGUAGE.fullmatch(value) is None:
        raise Wrong("bad_value", "Expected a language tag such as de or pt-BR.")
    return value


def read_whole_number(value: Any, *, least: int = 0, most: int = LARGEST_WHOLE_NUMBER) -> int:
    # bool is a subclass of int, and 3.0 is no whole number here.
    if type(value) is not int:
        raise Wrong("wrong_type", "Expected a whole number.")
    if not least <= value <= most:
        raise Wrong("out_of_range", f"Expected a whole number from {least} to {most}.")
    return value


def read_instant(value: Any) -> datetime:
    if not isinstance(value, str):
        raise Wrong("wrong_type", "Expected an instant.")
    if _INSTANT.fullmatch(value) is None:
        raise Wrong("bad_value", "Expected an instant such as 2026-11-22T09:00:00Z.")
    try:
        at = datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError) as failure:
        raise Wrong("bad_value", "There is no such instant.") from failure
    # The periods around it have to lie within the calendar too, in every time zone.
    if not MINYEAR < at.year < MAXYEAR:
        raise Wrong("bad_value", f"Expected an instant in the years {MINYEAR + 1} to {MAXYEAR - 1}.")
    return at


def read_item(path: str, read: Callable[[Any], T], value: Any) -> T:
    """Read a value inside another one."""
    try:
        return read(value)
    except Wrong as found:
        raise Wrong(found.code, found.message, path + found.path) from found
