"""Single values of forms: whole numbers, money, texts by language, rows that repeat.

A field is named like its place in the document (``name.en``, ``prices[0].amount``), so that a problem which the
catalogue's reader reports is a problem of the field of that name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from liftgate.engine.document_reader import LARGEST_WHOLE_NUMBER
from liftgate.engine.format_tables import CURRENCY_DIGITS

__all__ = ["FormProblem", "Reading", "money_text", "rows_of", "texts_document", "texts_of"]

# Spaces of every width, as people type or paste them between thousands.
_SPACES = re.compile(r"[\s\u00a0\u2009\u202f]+")
_ROW = re.compile(r"\[(\d{1,3})\]\.([a-z_]+)")
_AMOUNT = re.compile(r"(\d{1,15})(?:[.,](\d{1,4}))?", re.ASCII)

_WHOLE_NUMBER: Final = "Write a whole number, such as 100."
_MONEY: Final = "Write an amount such as 29 or 29.00."
_TOO_PRECISE: Final = "This currency has fewer decimal places."
_TOO_LARGE: Final = "This number is too large."


@dataclass(frozen=True, slots=True)
class FormProblem:
    """What is wrong with one field; the message is in English, which pages translate, and may name a ``{name}``."""

    field: str
    message: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """A value read from a form, and what is wrong with it."""

    value: object
    problems: tuple[FormProblem, ...] = ()

    @classmethod
    def whole_number(cls, text: str, field: str) -> Reading:
        """Read a whole number; what is none stays text, so that the form can show it again."""
        digits = _SPACES.sub("", text)
        if not digits.isascii() or not digits.isdecimal():
            return cls(text, (FormProblem(field, _WHOLE_NUMBER),))
        number = int(digits[:20])
        return cls(number, () if number <= LARGEST_WHOLE_NUMBER else (FormProblem(field, _TOO_LARGE),))

    @classmethod
    def money(cls, text: str, currency: str, field: str) -> Reading:
        """Read an amount with a point or a comma as minor units of a currency."""
        match = _AMOUNT.fullmatch(_SPACES.sub("", text))
        if match is None:
            return cls(text, (FormProblem(field, _MONEY),))
        decimals = CURRENCY_DIGITS.get(currency, 2)
        whole, part = match[1], (match[2] or "").rstrip("0")
        if len(part) > decimals:
            return cls(text, (FormProblem(field, _TOO_PRECISE),))
        minor = int(whole + part.ljust(decimals, "0"))
        return cls(minor, () if minor <= LARGEST_WHOLE_NUMBER else (FormProblem(field, _TOO_LARGE),))


def money_text(amount: int, currency: str) -> str:
    """Return minor units as a person types them: ``29`` or ``29.50``."""
    decimals = CURRENCY_DIGITS.get(currency, 2)
    whole, part = divmod(amount, 10**decimals)
    return f"{whole}.{part:0{decimals}d}" if part else str(whole)


def rows_of(form: Mapping[str, str], prefix: str, names: Iterable[str]) -> list[dict[str, str]]:
    """Return the rows of ``prefix[0].name, prefix[1].name, …`` in the order of their numbers."""
    wanted = frozenset(names)
    rows: dict[int, dict[str, str]] = {}
    for field, value in form.items():
        match = _ROW.fullmatch(field.removeprefix(prefix)) if field.startswith(prefix) else None
        if match is not None and match[2] in wanted:
            rows.setdefault(int(match[1]), {})[match[2]] = value
    return [rows[number] for number in sorted(rows)]


def texts_of(form: Mapping[str, str], name: str, languages: Iterable[str]) -> dict[str, str]:
    """Return what was typed per language, empty where nothing was."""
    return {language: " ".join(form.get(f"{name}.{language}", "").split()) for language in languages}


def texts_document(texts: Mapping[str, str], before: object = None) -> dict[str, str]:
    """Return the texts that are not empty, those of languages the form does not know as they were."""
    kept = {tag: text for tag, text in before.items() if tag not in texts} if isinstance(before, Mapping) else {}
    return {tag: text for tag, text in texts.items() if text} | kept
