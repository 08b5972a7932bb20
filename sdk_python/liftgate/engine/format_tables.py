"""How each language writes numbers, money and dates. Generated from CLDR by `generate_format_tables.py`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

__all__ = ["CURRENCY_DIGITS", "FORMATS", "RIGHT_TO_LEFT", "RIGHT_TO_LEFT_SCRIPTS", "LanguageFormat"]


class LanguageFormat(NamedTuple):
    """What one language needs. Patterns hold ``#`` for the digits, ``¤`` for the currency; ``d MMMM y`` for dates.

    ``months`` are the twelve names, separated by spaces.
    """

    group: str
    decimal: str
    negative: str
    percent: str
    negative_percent: str
    money: str
    negative_money: str
    currency_symbols: Mapping[str, str]
    long_date: tuple[str, ...]
    month_and_year: tuple[str, ...]
    months: str


FORMATS: Mapping[str, LanguageFormat] = MappingProxyType(
    {
        "en": LanguageFormat(
            group=",",
            decimal=".",
            negative="-#",
            percent="#%",
            negative_percent="-#%",
            money="¤#",
            negative_money="-¤#",
            currency_symbols=MappingProxyType(
                {
                    "AUD": "A$",
                    "BRL": "R$",
                    "CAD": "CA$",
                    "CNY": "CN¥",
                    "EUR": "€",
                    "GBP": "£",
                    "HKD": "HK$",
                    "ILS": "₪",
                    "INR": "₹",
                    "JPY": "¥",
                    "KRW": "₩",
                    "MXN": "MX$",
                    "NZD": "NZ$",
                    "PHP": "₱",
                    "TWD": "NT$",
                    "USD": "$",
                    "VND": "₫",
                    "XAF": "FCFA",
                    "XCD": "EC$",
                    "XCG": "Cg.",
                    "XOF": "F\u202fCFA",
                    "XPF": "CFPF",
                    "XXX": "¤",
                }
            ),
            long_date=("MMMM", " ", "d", ", ", "y"),
            month_and_year=("MMMM", " ", "y"),
            months="January February March April May June July August September October November December",
        ),
        "en-GB": LanguageFormat(
            group=",",
            decimal=".",
            negative="-#",
            percent="#%",
            negative_percent="-#%",
            money="¤#",
            negative_money="-¤#",
            currency_symbols=MappingProxyType(
                {
                    "AUD": "A$",
                    "BRL": "R$",
                    "CAD": "CA$",
                    "CNY": "CN¥",
                    "EUR": "€",
                    "GBP": "£",
                    "HKD": "HK$",
                    "ILS": "₪",
                    "INR": "₹",
                    "JPY": "JP¥",
                    "KRW": "₩",
                    "MXN": "MX$",
                    "NZD": "NZ$",
                    "PHP": "₱",
                    "TWD": "NT$",
                    "USD": "US$",
                    "VND": "₫",
                    "XAF": "FCFA",
                    "XCD": "EC$",
                    "XCG": "Cg.",
                    "XOF": "F\u202fCFA",
                    "XPF": "CFPF",
                    "XXX": "¤",
                }
            ),
            long_date=("d", " ", "MMMM", " ", "y"),
            month_and_year=("MMMM", " ", "y"),
            months="January February March April May June July August September October November December",
        ),
        "de": LanguageFormat(
            group=".",
            decimal=",",
            negative="-#",
            percent="#\u00a0%",
            negative_percent="-#\u00a0%",
            money="#\u00a0¤",
            negative_money="-#\u00a0¤",
            currency_symbols=MappingProxyType(
                {
                    "ATS": "öS",
                    "AUD": "AU$",
                    "BRL": "R$",
                    "CAD": "CA$",
                    "CNY": "CN¥",
                    "EUR": "€",
                    "GBP": "£",
                    "HKD": "HK$",
                    "ILS": "₪",
                    "INR": "₹",
                    "JPY": "¥",
                    "KRW": "₩",
                    "MXN": "MX$",
                    "NZD": "NZ$",
                    "THB": "฿",
                    "TWD": "NT$",
                    "USD": "$",
                    "VND": "₫",
                    "XAF": "FCFA",
                    "XCD": "EC$",
                    "XCG": "Cg.",
                    "XOF": "F\u202fCFA",
                    "XPF": "CFPF",
                    "XXX": "¤",
                }
            ),
            long_date=("d", ". ", "MMMM", " ", "y"),
            month_and_year=("MMMM", " ", "y"),
            months="Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        ),
        "de-AT": LanguageFormat(
            group=".",
            decimal=",",
            negative="-#",
            percent="#\u00a0%",
            negative_percent="-#\u00a0%",
            money="¤\u00a0#",
            negative_money="-¤\u00a0#",
            currency_symbols=MappingProxyType(
                {
                    "ATS": "öS",
                    "AUD": "AU$",
                    "BRL": "R$",
                    "CAD": "CA$",
                    "CNY": "CN¥",
                    "EUR": "€",
                    "GBP": "£",
                    "HKD": "HK$",
                    "ILS": "₪",
                    "INR": "₹",
                    "JPY": "¥",
                    "KRW": "₩",
                    "MXN": "MX$",
                    "NZD": "NZ$",
                    "THB": "฿",
                    "TWD": "NT$",
                    "USD": "$",
                    "VND": "₫",
                    "XAF": "FCFA",
                    "XCD": "EC$",
                    "XCG": "Cg.",
                    "XOF": "F\u202fCFA",
                    "XPF": "CFPF",
                    "XXX": "¤",
                }
            ),
            long_date=("d", ". ", "MMMM", " ", "y"),
            month_and_year=("MMMM", " ", "y"),
            months="Jänner Februar März April Mai Juni Juli August September Oktober November Dezember",
        ),
        "de-CH": LanguageFormat(
            group="’",
            decimal=".",
            negative="-#",
            percent="#%",
            negative_percent="-#%",
            money="¤\u00a0#",
            negative_money="¤-#",
            currency_symbols=MappingProxyType(
                {
                    "ATS": "öS",
                    "AUD": "AU$",
                    "BRL": "R$",
                    "CAD": "CA$",
                    "CNY": "CN¥",
                    "GBP": "£",
                    "HKD": "HK$",
                    "ILS": "₪",
                    "INR": "₹",
                    "JPY": "¥",
                    "KRW": "₩",
                    "MXN": "MX$",
                    "NZD": "NZ$",
                    "THB": "฿",
                    "TWD": "NT$",
                    "USD": "$",
                    "VND": "₫",
                    "XAF": "FCFA",
                    "XCD": "EC$",
                    "XCG": "Cg.",
                    "XOF": "F\u202fCFA",
                    "XPF": "CFPF",
                    "XXX": "¤",
                }
            ),
            long_date=("d", ". ", "MMMM", " ", "y"),
            month_and_year=("MMMM", " ", "y"),
            months="Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        ),
    }
)

# ISO 4217 minor units, where they are not two.
CURRENCY_DIGITS: Mapping[str, int] = MappingProxyType(
    {
        "BIF": 0,
        "CLP": 0,
        "DJF": 0,
        "GNF": 0,
        "ISK": 0,
        "JPY": 0,
        "KMF": 0,
        "KRW": 0,
        "PYG": 0,
        "RWF": 0,
        "UGX": 0,
        "UYI": 0,
        "VND": 0,
        "VUV": 0,
        "XAF": 0,
        "XOF": 0,
        "XPF": 0,
        "BHD": 3,
        "IQD": 3,
        "JOD": 3,
        "KWD": 3,
        "LYD": 3,
        "OMR": 3,
        "TND": 3,
        "CLF": 4,
        "UYW": 4,
    }
)

RIGHT_TO_LEFT = frozenset(
    {
        "apc",
        "ar",
        "bal",
        "bgn",
        "ckb",
        "dv",
        "fa",
        "he",
        "ks",
        "lrc",
        "mzn",
        "nqo",
        "ps",
        "rhg",
        "sd",
        "sdh",
        "skr",
        "syr",
        "trw",
        "ug",
        "ur",
        "yi",
    }
)

RIGHT_TO_LEFT_SCRIPTS = frozenset(
    {
        "adlm",
        "arab",
        "hebr",
        "nkoo",
        "rohg",
        "syrc",
        "thaa",
    }
)
