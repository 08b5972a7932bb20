"""Numbers, money and dates in the reader's language, from tables; server and SDK share this one renderer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from liftgate.engine.format_tables import (
    CURRENCY_DIGITS,
    FORMATS,
    RIGHT_TO_LEFT,
    RIGHT_TO_LEFT_SCRIPTS,
    LanguageFormat,
)

__all__ = [
    "choose_language",
    "currency_digits",
    "direction",
    "find_language",
    "format_date",
    "format_money",
    "format_month",
    "format_number",
    "format_percent",
]

_FALLBACK = "en"
_NO_BREAK_SPACE = "\u00a0"
_SCRIPT_LENGTH = 4


def format_number(value: int, language: str) -> str:
    """Return a whole number with the language's grouping.

    >>> format_number(1234567, "de")
    '1.234.567'
    """
    table = _table(language)
    digits = _grouped(abs(value), table)
    return digits if value >= 0 else table.negative.replace("#", digits)


@lru_cache(maxsize=4096)
def format_money(amount_minor: int, currency: str, language: str) -> str:
    r"""Return an amount of minor units as money.

    The minor units are those of ISO 4217 (EUR 2, JPY 0, KWD 3). A whole amount drops its fraction, any other shows all
    digits of it. A currency that is written as a word keeps a no-break space to the digits, as CLDR asks for.

    >>> format_money(2900, "EUR", "en"), format_money(290050, "EUR", "de"), format_money(2900, "CHF", "en")
    ('€29', '2.900,50\xa0€', 'CHF\xa029')
    """
    table = _table(language)
    digits = currency_digits(currency)
    whole, fraction = divmod(abs(amount_minor), 10**digits)
    number = _grouped(whole, table)
    if fraction:
        number = f"{number}{table.decimal}{fraction:0{digits}}"
    pattern = table.money if amount_minor >= 0 else table.negative_money
    symbol = table.currency_symbols.get(currency, currency)
    if symbol[-1:].isalnum() and "¤#" in pattern:
        symbol += _NO_BREAK_SPACE
    return pattern.replace("#", number).replace("¤", symbol)


def format_percent(value: int, language: str) -> str:
    r"""Return whole percent, with the space that the language puts before the sign.

    >>> format_percent(78, "en"), format_percent(78, "de")
    ('78%', '78\xa0%')
    """
    table = _table(language)
    pattern = table.percent if value >= 0 else table.negative_percent
    return pattern.replace("#", _grouped(abs(value), table))


@lru_cache(maxsize=1024)
def format_date(day: date, language: str) -> str:
    """Return a date in the language's long form.

    >>> [format_date(date(2026, 12, 1), language) for language in ("en", "en-GB", "de")]
    ['December 1, 2026', '1 December 2026', '1. Dezember 2026']
    """
    table = _table(language)
    return _dated(day, table, table.long_date)


def format_month(day: date, language: str) -> str:
    """Return the month and the year of a date.

    >>> format_month(date(2026, 12, 1), "de")
    'Dezember 2026'
    """
    table = _table(language)
    return _dated(day, table, table.month_and_year)


def currency_digits(currency: str) -> int:
    """Return how many decimal digits the minor unit of an ISO 4217 currency stands for.

    >>> currency_digits("EUR"), currency_digits("JPY"), currency_digits("KWD")
    (2, 0, 3)
    """
    return CURRENCY_DIGITS.get(currency, 2)


@lru_cache(maxsize=256)
def direction(language: str) -> str:
    """Return ``rtl`` for a language written from right to left, else ``ltr``.

    A script in the tag decides before the language does.

    >>> direction("ar-EG"), direction("ar-Latn"), direction("de")
    ('rtl', 'ltr', 'ltr')
    """
    base, *rest = _normal(language).split("-")
    script = next((part for part in rest if len(part) == _SCRIPT_LENGTH and part.isalpha()), None)
    leftward = base in RIGHT_TO_LEFT if script is None else script in RIGHT_TO_LEFT_SCRIPTS
    return "rtl" if leftward else "ltr"


def find_language(requested: str | None, available: Sequence[str]) -> str | None:
    """Return the tag that fits: the same tag, then its base language, then another region of it; else ``None``.

    Case does not matter and ``_`` is read as ``-``.

    >>> find_language("de_AT", ["en", "de"]), find_language("fr", ["en", "de"])
    ('de', None)
    """
    if not requested:
        return None
    if requested in available:
        return requested
    wanted = _normal(requested)
    base = wanted.partition("-")[0]
    tags = {_normal(tag): tag for tag in reversed(available)}
    if wanted in tags:
        return tags[wanted]
    if base in tags:
        return tags[base]
    return next((tag for tag in available if _normal(tag).partition("-")[0] == base), None)


def choose_language(requested: str | None, available: Sequence[str]) -> str:
    """Return the tag that fits what was requested, else the first available one; English when there is none.

    >>> choose_language("de-AT", ["en", "de"]), choose_language("fr", ["en", "de"]), choose_language(None, ["de"])
    ('de', 'en', 'de')
    """
    return find_language(requested, available) or (available[0] if available else _FALLBACK)


@lru_cache(maxsize=256)
def _table(language: str) -> LanguageFormat:
    found = find_language(language, tuple(FORMATS))
    return FORMATS[found or _FALLBACK]


def _normal(language: str) -> str:
    return language.replace("_", "-").lower()


def _grouped(value: int, table: LanguageFormat) -> str:
    return f"{value:,}".replace(",", table.group)


def _dated(day: date, table: LanguageFormat, pattern: tuple[str, ...]) -> str:
    fields = {"d": str(day.day), "MMMM": table.months.split()[day.month - 1], "y": str(day.year)}
    return "".join(fields.get(part, part) for part in pattern)
