"""What every part of the wire shares: its version and error, instants, and reading that tolerates newer writers."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar, overload

from liftgate.engine.document_reader import DocumentProblem, Fields, ProblemCode, Problems, read_whole, shown

__all__ = [
    "WIRE_VERSION",
    "WireError",
    "WireFields",
    "decode_instant",
    "decode_whole",
    "encode_instant",
    "read_version_name",
    "require_version",
]

WIRE_VERSION = 1

# RFC 3339. An offset other than Z is read too, because people send it; we write only Z.
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})",
)

# One version of a plan or add-on, as made by ``version_name``.
_VERSION_NAME = re.compile(r"[a-z][a-z0-9_.-]{0,63}@[1-9][0-9]{0,15}")

_EARLIEST = datetime.min.replace(tzinfo=UTC)

_T = TypeVar("_T")


class WireError(ValueError):
    """Something that came over the wire and cannot be understood: another version, or malformed."""

    def __init__(self, path: str, message: str) -> None:
        self.path = path
        self.message = message
        super().__init__(f"{path or 'document'}: {message}")


@overload
def encode_instant(at: datetime) -> str: ...
@overload
def encode_instant(at: datetime | None) -> str | None: ...
def encode_instant(at: datetime | None) -> str | None:
    """Return an instant as RFC 3339 in UTC; the instant has to know its time zone.

    >>> encode_instant(datetime(2026, 11, 22, 9, 0, tzinfo=UTC))
    '2026-11-22T09:00:00Z'
    """
    if at is None:
        return None
    if at.tzinfo is not UTC:
        if at.tzinfo is None:
            message = "An instant without a time zone cannot be sent."
            raise ValueError(message)
        at = at.astimezone(UTC)
    # "+00:00" is what isoformat() ends with here.
    return at.isoformat()[:-6] + "Z"


def decode_instant(value: object, *, path: str = "") -> datetime | None:
    """Return the instant of an RFC 3339 text, in UTC; ``None`` stands for itself.

    >>> decode_instant("2026-11-22T10:00:00+01:00")
    datetime.datetime(2026, 11, 22, 9, 0, tzinfo=datetime.timezone.utc)
    """
    if value is None:
        return None
    at = _parse_instant(value)
    if at is None:
        raise WireError(path, _not_an_instant(value))
    return at


def decode_whole(document: object, read: Callable[[WireFields], _T]) -> _T:
    """Return what ``read`` makes of the fields of a document; the first problem raises ``WireError``."""
    problems = Problems(strict=False)
    return read_whole(problems, lambda: read(WireFields(problems, "", document)), _refuse)


def require_version(fields: WireFields, name: str, expected: int) -> None:
    """Raise at once on another version, since nothing else can be judged then."""
    version = fields.get(name)
    if fields.is_readable and (version != expected or isinstance(version, bool | float)):
        raise WireError(fields.at(name), f"Expected version {expected}, not {shown(version)}.")


def read_version_name(fields: Fields, path: str, name: str) -> str:
    """Return the name of one version of a plan or add-on, such as ``pro@2``."""
    if _VERSION_NAME.fullmatch(name) is None:
        message = f"Expected a key with a version, such as 'pro@2', not {shown(name)}."
        fields.problems.add(path, ProblemCode.BAD_KEY, message)
    return name


class WireFields(Fields):
    """The fields of one object that came over the wire.

    Its texts have been checked where they entered the system, so a string is taken as it is.
    """

    __slots__ = ()

    def __init__(self, problems: Problems, path: str, value: object) -> None:
        super().__init__(problems, path, value, allowed=None)

    def string(self, name: str) -> str:
        """Return a string."""
        if not self.require(name):
            return ""
        value = self.get(name)
        if isinstance(value, str):
            return value
        self.refuse(name, ProblemCode.WRONG_TYPE, f"Expected a string, not {shown(value)}.")
        return ""

    def optional_string(self, name: str) -> str | None:
        """Return a string or ``None``."""
        return self.string(name) if self.has(name) else None

    def instant(self, name: str) -> datetime:
        """Return an instant."""
        if not self.require(name):
            return _EARLIEST
        at = _parse_instant(self.get(name))
        if at is None:
            self.refuse(name, ProblemCode.BAD_VALUE, _not_an_instant(self.get(name)))
        return at or _EARLIEST

    def optional_instant(self, name: str) -> datetime | None:
        """Return an instant or ``None``."""
        return self.instant(name) if self.has(name) else None

    def scalar(self, name: str) -> str | int | None:
        """Return a string, a whole number or ``None``."""
        value = self.get(name)
        return self.optional_string(name) if isinstance(value, str) else self.optional_whole_number(name)

    def within(self, name: str) -> WireFields:
        """Return the fields of a nested object."""
        self.require(name)
        return WireFields(self.problems, self.at(name), self.get(name) if self.has(name) else {})

    def strings(self, name: str, *, most: int) -> tuple[str, ...]:
        """Return an optional list of strings."""
        return tuple(self._string_at(path, value) for path, value in self.items(name, most=most))

    def texts(self, name: str, *, most: int) -> dict[str, str]:
        """Return an optional object of strings."""
        return {key: self._string_at(path, value) for key, path, value in self.entries(name, most=most)}

    def _string_at(self, path: str, value: object) -> str:
        if isinstance(value, str):
            return value
        self.problems.add(path, ProblemCode.WRONG_TYPE, f"Expected a string, not {shown(value)}.")
        return ""


def _parse_instant(value: object) -> datetime | None:
    if not isinstance(value, str) or _INSTANT.fullmatch(value) is None:
        return None
    try:
        at = datetime.fromisoformat(value)
        return at if at.tzinfo is UTC else at.astimezone(UTC)
    except (ValueError, OverflowError):
        # 30 February, or an offset that leaves the calendar.
        return None


def _not_an_instant(value: object) -> str:
    return f"Expected an instant such as '2026-11-22T09:00:00Z', not {shown(value)}."


def _refuse(problems: tuple[DocumentProblem, ...]) -> WireError:
    return WireError(problems[0].path, problems[0].message)
