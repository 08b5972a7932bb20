"""Typed reading of a document that collects every problem instead of stopping at the first.

A reader that meets a problem notes it and answers with a placeholder, so that the rest of the document is judged too;
``read_whole`` throws the placeholders away by raising when anything was noted.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import TypeVar

__all__ = [
    "KEY_PATTERN",
    "LARGEST_WHOLE_NUMBER",
    "UNSAFE_CHARACTERS",
    "Choices",
    "DocumentProblem",
    "Fields",
    "ProblemCode",
    "Problems",
    "read_choice",
    "read_items",
    "read_key",
    "read_text",
    "read_whole",
    "read_whole_number",
    "shown",
]

# The largest integer that every JSON reader, JavaScript's included, takes without rounding.
LARGEST_WHOLE_NUMBER = 2**53 - 1

KEY_PATTERN = re.compile(r"[a-z][a-z0-9_.-]{0,63}")

# Control characters, line and paragraph separators, bidirectional overrides and isolates (they can make a text read
# as something else), and lone surrogates (no encoder takes them).
UNSAFE_CHARACTERS = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]",
)

# Beyond this a reader has stopped reading the list; it also bounds the work a hostile document can cause.
_MOST_PROBLEMS = 1_000

# Looking for close words costs about 10 µs a candidate, so both numbers bound the time spent on one document.
_MOST_SUGGESTIONS = 10
_MOST_CANDIDATES = 300

_LONGEST_SHOWN = 40

_E = TypeVar("_E", bound=StrEnum)
_T = TypeVar("_T")

Choices = type[_E] | tuple[_E, ...]
"""A whole enumeration, or some members of it."""


class ProblemCode(StrEnum):
    """The kind of a problem; stable, unlike its message."""

    MISSING = "missing"
    UNKNOWN_FIELD = "unknown_field"
    WRONG_TYPE = "wrong_type"
    OUT_OF_RANGE = "out_of_range"
    BAD_KEY = "bad_key"
    BAD_VALUE = "bad_value"
    DUPLICATE = "duplicate"
    UNKNOWN_REFERENCE = "unknown_reference"
    NOT_ALLOWED = "not_allowed"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class DocumentProblem:
    """One thing that is wrong with a document.

    ``path`` is dotted with list indexes (``plans.free.entitlements.exports[1].limit``) and empty for the document as a
    whole. ``line`` is the line of the text the document came from, counted from 1, when it came as text.
    """

    path: str
    code: ProblemCode
    message: str
    line: int | None = None


class _TooManyProblemsError(Exception):
    """Ends the reading of a document of which everything seems wrong."""


class Problems:
    """The problems found in one document so far.

    ``strict`` refuses unknown fields and ``null``; without it unknown fields are passed over and ``null`` is the same
    as absent, so that an older reader understands what a newer writer of the same version says.
    """

    __slots__ = ("_found", "_lines", "_suggestions_left", "strict")

    def __init__(self, *, strict: bool = True, lines: Mapping[str, int] | None = None) -> None:
        self.strict = strict
        self._lines = lines or {}
        self._found: list[DocumentProblem] = []
        self._suggestions_left = _MOST_SUGGESTIONS

    def add(self, path: str, code: ProblemCode, message: str) -> None:
        """Note a problem."""
        if len(self._found) >= _MOST_PROBLEMS:
            more = f"There are more than {_MOST_PROBLEMS} problems; the others are not listed."
            self._found.append(DocumentProblem("", ProblemCode.UNREADABLE, more))
            raise _TooManyProblemsError
        self._found.append(DocumentProblem(_printable(path), code, message, self._line_of(path)))

    def suggestion(self, word: str, candidates: Iterable[str]) -> str:
        """Return `` Did you mean 'x'?`` for the closest candidate, or nothing."""
        if self._suggestions_left == 0 or len(word) > _LONGEST_SHOWN:
            return ""
        self._suggestions_left -= 1
        close = difflib.get_close_matches(word, list(islice(candidates, _MOST_CANDIDATES)), n=1, cutoff=0.65)
        return f" Did you mean {shown(close[0])}?" if close else ""

    def __len__(self) -> int:
        return len(self._found)

    def in_order(self) -> tuple[DocumentProblem, ...]:
        """Return what was found, by line where lines are known."""
        if not self._lines:
            return tuple(self._found)
        return tuple(sorted(self._found, key=lambda problem: problem.line or LARGEST_WHOLE_NUMBER))

    def _line_of(self, path: str) -> int | None:
        # What is missing has no line of its own, so the line of the nearest enclosing thing stands in.
        while self._lines and path:
            if path in self._lines:
                return self._lines[path]
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self._lines.get("")


def read_whole(
    problems: Problems,
    read: Callable[[], _T],
    refuse: Callable[[tuple[DocumentProblem, ...]], Exception],
) -> _T:
    """Return what ``read`` returns, or raise what ``refuse`` makes of the problems it noted."""
    try:
        result = read()
    except _TooManyProblemsError:
        raise refuse(problems.in_order()) from None
    if len(problems):
        raise refuse(problems.in_order())
    return result


def _printable(path: str) -> str:
    """Return the path with whatever cannot be printed escaped; half a surrogate pair cannot even be encoded."""
    if path.isprintable():
        return path
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in path)


def shown(value: object) -> str:
    """Return a short, printable form of a value for a message."""
    if isinstance(value, str):
        text = UNSAFE_CHARACTERS.sub("\ufffd", value[: _LONGEST_SHOWN + 1])
        return f"'{text}'" if len(text) <= _LONGEST_SHOWN else f"'{text[:_LONGEST_SHOWN]}…'"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        # Printing an integer of many thousand digits is refused by Python itself.
        return str(value) if abs(value) < 10**20 else "a number of more than 20 digits"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, Mapping):
        return "an object"
    return "a list" if isinstance(value, list | tuple) else "a value of another type"


def read_whole_number(
    problems: Problems, path: str, value: object, *, least: int = 0, most: int = LARGEST_WHOLE_NUMBER
) -> int:
    """Return a whole number within bounds; ``true``, ``3.0`` and ``2.6e-42`` are none."""
    if not isinstance(value, int) or isinstance(value, bool):
        problems.add(path, ProblemCode.WRONG_TYPE, f"Expected a whole number, not {shown(value)}.")
        return least
    if not least <= value <= most:
        message = f"Expected a whole number from {least} to {most}, not {shown(value)}."
        problems.add(path, ProblemCode.OUT_OF_RANGE, message)
        return least
    return value


def read_text(problems: Problems, path: str, value: object, *, longest: int = 500) -> str:
    """Return a non-empty text without control or bidirectional override characters."""
    if not isinstance(value, str):
        problems.add(path, ProblemCode.WRONG_TYPE, f"Expected a text, not {shown(value)}.")
        return ""
    if len(value) > longest:
        message = f"The text has {len(value)} characters; at most {longest} are allowed."
        problems.add(path, ProblemCode.OUT_OF_RANGE, message)
    elif unsafe := UNSAFE_CHARACTERS.search(value):
        message = f"The text holds the character U+{ord(unsafe[0]):04X}; control and direction characters are refused."
        problems.add(path, ProblemCode.BAD_VALUE, message)
    elif not value.strip():
        problems.add(path, ProblemCode.BAD_VALUE, "The text is empty.")
    return value


def read_key(problems: Problems, path: str, value: object) -> str:
    """Return the key of a feature, plan, add-on, gate or placement."""
    if not isinstance(value, str):
        problems.add(path, ProblemCode.WRONG_TYPE, f"Expected a key, not {shown(value)}.")
        return ""
    if KEY_PATTERN.fullmatch(value) is None:
        message = (
            f"The key {shown(value)} is not allowed: it starts with a small letter and goes on with small letters, "
            "digits, '_', '.' or '-', 64 characters at most."
        )
        problems.add(path, ProblemCode.BAD_KEY, message)
        return ""
    return value


def read_choice(problems: Problems, path: str, value: object, *, among: Choices[_E]) -> _E:
    """Return the member of an enumeration that a text names."""
    if isinstance(value, str):
        for member in among:
            if member == value:
                return member
    members = tuple(among)
    names = ", ".join(members)
    if isinstance(value, str):
        message = f"{shown(value)} is not one of {names}.{problems.suggestion(value, members)}"
        problems.add(path, ProblemCode.BAD_VALUE, message)
    else:
        problems.add(path, ProblemCode.WRONG_TYPE, f"Expected one of {names}, not {shown(value)}.")
    return members[0]


def read_items(
    problems: Problems, path: str, value: object, *, most: int, least: int = 0
) -> Iterator[tuple[str, object]]:
    """Yield the path and the value of each item of a list."""
    if not isinstance(value, list | tuple):
        problems.add(path, ProblemCode.WRONG_TYPE, f"Expected a list, not {shown(value)}.")
        return
    if not least <= len(value) <= most:
        message = f"Expected from {least} to {most} items, not {len(value)}."
        problems.add(path, ProblemCode.OUT_OF_RANGE, message)
        return
    for index, item in enumerate(value):
        yield f"{path}[{index}]", item


class Fields:
    """The fields of one object of a document, read by name.

    Readers named ``optional_…`` answer ``None`` for an absent field, the others note it as missing.
    """

    __slots__ = ("_values", "is_readable", "path", "problems")

    def __init__(self, problems: Problems, path: str, value: object, *, allowed: frozenset[str] | None) -> None:
        self.problems = problems
        self.path = path
        self.is_readable = isinstance(value, Mapping)
        self._values: Mapping[object, object] = value if isinstance(value, Mapping) else {}
        if not self.is_readable:
            problems.add(path, ProblemCode.WRONG_TYPE, f"Expected an object, not {shown(value)}.")
        elif allowed is not None and problems.strict and not self._values.keys() <= allowed:
            self._note_unknown(allowed)

    def at(self, name: str) -> str:
        """Return the path of a field."""
        return f"{self.path}.{name}" if self.path else name

    def has(self, name: str) -> bool:
        """Whether the field is there; ``null`` counts as a value only when reading strictly."""
        return name in self._values and (self.problems.strict or self._values[name] is not None)

    def get(self, name: str) -> object:
        """Return the field as it stands, ``None`` when absent."""
        return self._values.get(name)

    def present(self, among: Container[str]) -> tuple[str, ...]:
        """Return the names of the fields that are there and among those asked for, in the document's order."""
        return tuple(name for name in self._values if isinstance(name, str) and name in among and self.has(name))

    def require(self, name: str) -> bool:
        """Whether the field is there; when it is not, that is a problem."""
        if self.has(name):
            return True
        # What is no object at all has been noted as such; its fields are not missing on top of that.
        if self.is_readable:
            self.problems.add(self.at(name), ProblemCode.MISSING, f"The field {shown(name)} is required.")
        return False

    def refuse(self, name: str, code: ProblemCode, message: str) -> None:
        """Note a problem of a field."""
        self.problems.add(self.at(name), code, message)

    def whole_number(self, name: str, *, least: int = 0, most: int = LARGEST_WHOLE_NUMBER) -> int:
        """Return a whole number."""
        if not self.require(name):
            return least
        return read_whole_number(self.problems, self.at(name), self.get(name), least=least, most=most)

    def optional_whole_number(self, name: str, *, least: int = 0) -> int | None:
        """Return a whole number or ``None``."""
        return self.whole_number(name, least=least) if self.has(name) else None

    def flag(self, name: str, *, default: bool | None = None) -> bool:
        """Return ``true`` or ``false``; a ``default`` makes the field optional."""
        if default is not None and not self.has(name):
            return default
        value = self.get(name)
        if self.require(name) and not isinstance(value, bool):
            self.refuse(name, ProblemCode.WRONG_TYPE, f"Expected true or false, not {shown(value)}.")
        return value is True

    def text(self, name: str, *, longest: int = 500) -> str:
        """Return a text."""
        if not self.require(name):
            return ""
        return read_text(self.problems, self.at(name), self.get(name), longest=longest)

    def choice(self, name: str, among: Choices[_E], *, default: _E | None = None) -> _E:
        """Return a member of an enumeration; a ``default`` makes the field optional."""
        if default is not None and not self.has(name):
            return default
        if not self.require(name):
            return next(iter(among))
        return read_choice(self.problems, self.at(name), self.get(name), among=among)

    def items(self, name: str, *, most: int, least: int = 0) -> Iterator[tuple[str, object]]:
        """Yield the path and value of each item of an optional list."""
        if self.has(name):
            yield from read_items(self.problems, self.at(name), self.get(name), least=least, most=most)

    def entries(self, name: str, *, most: int) -> Iterator[tuple[str, str, object]]:
        """Yield the key, path and value of each entry of an optional object from keys to values."""
        if not self.has(name):
            return
        path, value = self.at(name), self.get(name)
        if not isinstance(value, Mapping):
            self.problems.add(path, ProblemCode.WRONG_TYPE, f"Expected an object, not {shown(value)}.")
            return
        if len(value) > most:
            message = f"At most {most} entries are allowed, not {len(value)}."
            self.problems.add(path, ProblemCode.OUT_OF_RANGE, message)
            return
        for key, entry in value.items():
            if isinstance(key, str):
                yield key, f"{path}.{_short_key(key)}", entry
            else:
                message = f"The key {shown(key)} must be a text; quote it."
                self.problems.add(f"{path}.{_short_key(key)}", ProblemCode.BAD_KEY, message)

    def keyed(self, name: str, *, most: int) -> Iterator[tuple[str, str, object]]:
        """Yield the entries of an optional object whose keys name parts of the catalogue."""
        for key, path, value in self.entries(name, most=most):
            read_key(self.problems, path, key)
            yield key, path, value

    def _note_unknown(self, allowed: frozenset[str]) -> None:
        for name in self._values:
            if name not in allowed:
                close = self.problems.suggestion(name, sorted(allowed)) if isinstance(name, str) else ""
                message = f"There is no field {shown(name)} here; known are {', '.join(sorted(allowed))}.{close}"
                self.problems.add(self.at(_short_key(name)), ProblemCode.UNKNOWN_FIELD, message)


def _short_key(key: object) -> str:
    if not isinstance(key, str):
        return shown(key)
    return UNSAFE_CHARACTERS.sub("\ufffd", key[:64])
