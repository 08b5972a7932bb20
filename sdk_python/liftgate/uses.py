"""What is to be counted, checked before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from liftgate.views import View

__all__ = [
    "Use",
    "check_change",
    "check_instant",
    "check_key",
    "check_level",
    "check_properties",
    "check_subject",
    "check_units",
]

# What the server takes. It is checked here too, because what is recorded is sent when nobody can be told any more.
_MOST_UNITS: Final = 10**12
_HIGHEST_LEVEL: Final = 2**53 - 1
_LONGEST_SUBJECT: Final = 128
_LONGEST_KEY: Final = 128
_MOST_PROPERTIES: Final = 32
_LONGEST_NAME: Final = 64
_LONGEST_TEXT: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What is to be counted: so many units of a feature, or of the meter of a gate, for whom, under which key.

    ``subject`` is the key of the gate or feature. ``is_named`` says that the caller chose the key and may ask with it
    again; ``view`` is what decided for the caller so far.
    """

    customer: str
    subject: str
    view: View = field(repr=False, compare=False)
    key: str
    units: int = 1
    user: str | None = None
    at: datetime | None = None
    properties: Mapping[str, Any] | None = None
    is_named: bool = False


def check_units(units: object, *, least: int = 1, most: int = _MOST_UNITS, what: str = "units") -> int:
    """Return a whole number within its bounds, or say what is wrong with it."""
    if type(units) is not int:  # `True` is one, too, and nobody means it
        raise ValueError(f"`{what}` is a whole number; got {units!r}.")
    if not least <= units <= most:
        raise ValueError(f"`{what}` is a whole number from {least} to {most}; got {units!r}.")
    return units


def check_level(level: object) -> int:
    """Return how much there is of something."""
    return check_units(level, least=0, most=_HIGHEST_LEVEL, what="level")


def check_change(by: object) -> int:
    """Return a change of a level, which goes up or down."""
    change = check_units(by, least=-_MOST_UNITS, what="by")
    if change == 0:
        raise ValueError("`by` is a change, so it is not 0.")
    return change


def check_key(key: object) -> str:
    """Return an idempotency key that arrives at the server as it is."""
    if not isinstance(key, str) or not 0 < len(key) <= _LONGEST_KEY or not (key.isascii() and key.isprintable()):
        raise ValueError(f"`key` is 1 to {_LONGEST_KEY} printable ASCII characters; got {key!r}.")
    if key.strip() != key:
        # It travels in a header, whose ends are trimmed on the way.
        raise ValueError(f"`key` has no spaces at its ends; got {key!r}.")
    return key


def check_subject(subject: object) -> str:
    """Return the key of a feature or a gate; whether there is one, the server says."""
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT:
        raise ValueError(f"A feature or gate is named by its key; got {subject!r}.")
    return subject


def check_instant(at: datetime | None) -> datetime | None:
    """Return an instant that means the same everywhere."""
    if at is not None and (not isinstance(at, datetime) or at.tzinfo is None):
        raise ValueError(f"`at` is a datetime with a time zone; got {at!r}.")
    return at


def check_properties(properties: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return a copy that the caller cannot change any more, or say why it cannot be sent."""
    if properties is None:
        return None
    if len(properties) > _MOST_PROPERTIES:
        raise ValueError(f"At most {_MOST_PROPERTIES} `properties` are kept; got {len(properties)}.")
    for name, value in properties.items():
        if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_NAME:
            raise ValueError(f"The name of a property is 1 to {_LONGEST_NAME} characters; got {name!r}.")
        if not _is_plain(value):
            raise ValueError(
                f"The property {name!r} is a number, a boolean, `None` or a text of at most {_LONGEST_TEXT}."
            )
    return dict(properties)


def _is_plain(value: object) -> bool:
    if type(value) is int:
        return abs(value) <= _HIGHEST_LEVEL
    if isinstance(value, str):
        return len(value) <= _LONGEST_TEXT
    return value is None or type(value) is bool or (type(value) is float and isfinite(value))
