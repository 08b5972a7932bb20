"""Babel is the oracle: what the tables render equals what CLDR says."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from babel import Locale
from babel.dates import format_date as babel_date
from babel.dates import format_skeleton
from babel.numbers import format_currency, format_decimal, get_currency_precision, list_currencies
from babel.numbers import format_percent as babel_percent
from hypothesis import given
from hypothesis import strategies as st

from liftgate.engine.format_tables import FORMATS
from liftgate.engine.formats import (
    choose_language,
    currency_digits,
    direction,
    find_language,
    format_date,
    format_money,
    format_month,
    format_number,
    format_percent,
)

GENERATOR = Path(__file__).parents[2] / "sdk_python" / "generate_format_tables.py"
LARGEST = 2**53 - 1

languages = st.sampled_from(sorted(FORMATS))
whole_numbers = st.integers(min_value=-LARGEST, max_value=LARGEST)
# CLDR prints some currencies with other digits than ISO 4217 counts; those have a test of their own.
agreeing_currencies = sorted(
    code for code in list_currencies() if get_currency_precision(code) == currency_digits(code)
)


def babel_money(amount_minor: int, currency: str, locale: Locale) -> str:
    """What Babel writes, with the two documented differences: no empty fraction, a space after a word."""
    digits = currency_digits(currency)
    written = format_currency(Decimal(amount_minor).scaleb(-digits), currency, locale=locale)
    if digits and amount_minor % 10**digits == 0:
        written = written.replace(locale.number_symbols["latn"]["decimal"] + "0" * digits, "")
    symbol = locale.currency_symbols.get(currency, currency)
    if symbol[-1].isalpha() and symbol + "\u00a0" not in written and not written.endswith(symbol):
        digit = written.index(symbol) + len(symbol)
        written = written[:digit] + ("\u00a0" if written[digit].isdigit() else "") + written[digit:]
    return written


def locale_of(language: str) -> Locale:
    return Locale.parse(language.replace("-", "_"))


@given(value=whole_numbers, language=languages)
def test_numbers_are_written_as_babel_writes_them(value, language):
    assert format_number(value, language) == format_decimal(value, locale=locale_of(language))


@given(amount=whole_numbers, currency=st.sampled_from(agreeing_currencies), language=languages)
def test_money_is_written_as_babel_writes_it(amount, currency, language):
    assert format_money(amount, currency, language) == babel_money(amount, currency, locale_of(language))


@given(value=st.integers(min_value=-10_000, max_value=10_000), language=languages)
def test_percentages_are_written_as_babel_writes_them(value, language):
    assert format_percent(value, language) == babel_percent(Decimal(value) / 100, locale=locale_of(language))


@given(day=st.dates(), language=languages)
def test_dates_are_written_as_babel_writes_them(day, language):
    assert format_date(day, language) == babel_date(day, format="long", locale=locale_of(language))


@given(day=st.dates(), language=languages)
def test_months_are_written_as_babel_writes_them(day, language):
    assert format_month(day, language) == format_skeleton("yMMMM", day, locale=locale_of(language))


def test_the_tables_are_what_the_generator_writes():
    finished = subprocess.run([sys.executable, str(GENERATOR), "--check"], capture_output=True, text=True, check=False)

    assert (finished.returncode, finished.stderr) == (0, "")


@pytest.mark.parametrize(
    ("amount", "currency", "language", "written"),
    [
        (2900, "EUR", "en", "€29"),
        (2950, "EUR", "en", "€29.50"),
        (2905, "EUR", "en", "€29.05"),
        (290000, "EUR", "de", "2.900\u00a0€"),
        (290000, "EUR", "de-AT", "€\u00a02.900"),
        (0, "EUR", "en", "€0"),
        (-1, "USD", "en", "-$0.01"),
        (2900, "JPY", "en", "¥2,900"),
        (29500, "KWD", "en", "KWD\u00a029.500"),
        (2900, "CHF", "en", "CHF\u00a029"),
        (-2900, "CHF", "en", "-CHF\u00a029"),
        (2900, "CHF", "de-CH", "CHF\u00a029"),
    ],
)
def test_a_whole_amount_drops_its_fraction_and_a_word_keeps_its_distance(amount, currency, language, written):
    assert format_money(amount, currency, language) == written


@pytest.mark.parametrize(("currency", "digits"), [("PKR", 2), ("RSD", 2), ("IQD", 3), ("LBP", 2), ("UGX", 0)])
def test_minor_units_are_those_of_iso_4217_where_cldr_prints_fewer(currency, digits):
    assert currency_digits(currency) == digits
    assert format_money(7 * 10**digits, currency, "en") == f"{currency}\u00a07"


@pytest.mark.parametrize("language", ["fr", "ja", "", "xx-YY"])
def test_an_unknown_language_is_written_as_english(language):
    assert format_number(1234567, language) == "1,234,567"
    assert format_date(date(2026, 12, 1), language) == "December 1, 2026"


@pytest.mark.parametrize("language", ["de-DE", "de_DE", "DE", "de-LI"])
def test_an_unknown_region_is_written_as_its_language(language):
    assert format_money(123456, "EUR", language) == "1.234,56\u00a0€"


@pytest.mark.parametrize("language", ["ar", "he", "fa", "ur", "yi", "ar-EG", "AR_eg", "az-Arab", "uz-Arab-AF", "ks"])
def test_languages_written_leftward_are_rtl(language):
    assert direction(language) == "rtl"


@pytest.mark.parametrize("language", ["en", "de", "ar-Latn", "az", "ja", "", "zh-Hant-TW"])
def test_other_languages_are_ltr(language):
    assert direction(language) == "ltr"


@pytest.mark.parametrize(
    ("requested", "available", "chosen"),
    [
        ("de", ["en", "de"], "de"),
        ("de-AT", ["en", "de", "de-AT"], "de-AT"),
        ("DE_at", ["en", "de", "de-AT"], "de-AT"),
        ("de-AT", ["en", "de"], "de"),
        ("de", ["en", "de-CH"], "de-CH"),
        ("fr", ["en", "de"], "en"),
        (None, ["de", "en"], "de"),
        ("", ["de", "en"], "de"),
        ("fr", [], "en"),
    ],
)
def test_the_nearest_language_is_chosen(requested, available, chosen):
    assert choose_language(requested, available) == chosen


def test_finding_a_language_says_when_none_fits():
    assert find_language("fr", ["en", "de"]) is None
