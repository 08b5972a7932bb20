"""Write `liftgate/engine/format_tables.py` from CLDR, read through Babel.

Run it after a Babel update; with `--check` it only compares and exits 1 when the file is out of date. It is a tool of
the checkout: the wheel carries its output, so the SDK needs neither Babel nor CLDR.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from babel import Locale
from babel.localedata import locale_identifiers
from babel.numbers import NumberPattern

LANGUAGES = ("en", "en-GB", "de", "de-AT", "de-CH")
TARGET = Path(__file__).parent / "liftgate" / "engine" / "format_tables.py"

# ISO 4217 minor units other than two. CLDR's own digits are no substitute: for some currencies they say what is usual
# in print (0 for PKR, RSD or IQD), while an amount in minor units still counts hundredths or thousandths.
ISO_DIGITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}

HEAD = '''"""How each language writes numbers, money and dates. Generated from CLDR by `generate_format_tables.py`."""

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


'''


def render() -> str:
    """Return the whole text of the module."""
    entries = "".join(f"        {text(tag)}: LanguageFormat(\n{fields(tag)}        ),\n" for tag in LANGUAGES)
    digits = {code: count for count, codes in ISO_DIGITS.items() for code in codes.split()}
    languages, scripts = right_to_left()
    return (
        f"{HEAD}FORMATS: Mapping[str, LanguageFormat] = MappingProxyType(\n    {{\n{entries}    }}\n)\n\n"
        "# ISO 4217 minor units, where they are not two.\n"
        f"CURRENCY_DIGITS: Mapping[str, int] = MappingProxyType(\n    {mapping(digits, 4)}\n)\n\n"
        f"RIGHT_TO_LEFT = {text_set(languages)}\n\nRIGHT_TO_LEFT_SCRIPTS = {text_set(scripts)}\n"
    )


def fields(tag: str) -> str:
    """Return the keyword arguments of one language's entry."""
    locale = Locale.parse(tag.replace("-", "_"))
    symbols = locale.number_symbols["latn"]
    decimal, percent = locale.decimal_formats[None], locale.percent_formats[None]
    money = locale.currency_formats["standard"]
    for pattern in (decimal, percent, money):
        if pattern.grouping != (3, 3):
            raise SystemExit(f"{tag}: the renderer groups by threes, CLDR by {pattern.grouping}.")
    if symbols.get("currencyGroup", symbols["group"]) != symbols["group"]:
        raise SystemExit(f"{tag}: money is grouped otherwise than numbers, which the renderer does not know.")
    values = {
        "group": symbols["group"],
        "decimal": symbols["decimal"],
        "negative": affixed(decimal, symbols, negative=True),
        "percent": affixed(percent, symbols, negative=False),
        "negative_percent": affixed(percent, symbols, negative=True),
        "money": affixed(money, symbols, negative=False),
        "negative_money": affixed(money, symbols, negative=True),
    }
    lines = [f"{name}={text(value)}," for name, value in values.items()]
    shown = {code: symbol for code, symbol in sorted(locale.currency_symbols.items()) if symbol != code}
    lines += [
        f"currency_symbols=MappingProxyType(\n                {mapping(shown, 16)}\n            ),",
        f"long_date={text_tuple(date_parts(locale.date_formats['long'].pattern))},",
        f"month_and_year={text_tuple(date_parts(locale.datetime_skeletons['yMMMM'].pattern))},",
        f"months={text(months(locale))},",
    ]
    return "".join(f"            {line}\n" for line in lines)


def affixed(pattern: NumberPattern, symbols: dict[str, str], *, negative: bool) -> str:
    """Return a pattern with its digits folded into ``#`` and the language's own signs in place."""
    prefix, suffix = pattern.prefix[negative], pattern.suffix[negative]
    folded = f"{prefix}#{suffix}"
    return folded.replace("-", symbols["minusSign"]).replace("%", symbols["percentSign"])


def date_parts(pattern: str) -> list[str]:
    """Split a date pattern into its fields and the literal text between them."""
    parts: list[str] = []
    for character in pattern.replace("'", ""):
        if parts and (parts[-1][-1] == character or not (parts[-1][-1].isalpha() or character.isalpha())):
            parts[-1] += character
        else:
            parts.append(character)
    unknown = {part for part in parts if part.isalpha()} - {"d", "MMMM", "y"}
    if unknown:
        raise SystemExit(f"{pattern!r}: the renderer does not know {sorted(unknown)}.")
    return parts


def months(locale: Locale) -> str:
    """Return the twelve wide names of the months, separated by spaces, which none of them holds."""
    names: dict[int, str] = locale.months["format"]["wide"]
    return " ".join(names[number] for number in range(1, 13))


def right_to_left() -> tuple[list[str], list[str]]:
    """Return the languages and the scripts that CLDR writes from right to left."""
    locales = [Locale.parse(name) for name in locale_identifiers()]
    leftward = [locale for locale in locales if locale.character_order == "right-to-left" and not locale.territory]
    languages = {locale.language for locale in leftward if locale.script is None}
    scripts = {locale.script for locale in leftward if locale.script is not None}
    # Hebrew and Thaana are the default of their languages, so no language tag names them.
    return sorted(languages), sorted(script.lower() for script in {*scripts, "Hebr", "Syrc", "Thaa"})


def mapping(values: dict[str, Any], indent: int) -> str:
    """Return a dict display, one item a line."""
    inner = "".join(f"{' ' * (indent + 4)}{text(key)}: {text(value)},\n" for key, value in values.items())
    return f"{{\n{inner}{' ' * indent}}}"


def text_tuple(values: list[str]) -> str:
    """Return the texts as a tuple on one line."""
    return f"({', '.join(text(value) for value in values)})"


def text_set(values: list[str]) -> str:
    """Return the texts as a frozen set, one a line."""
    inner = "".join(f"        {text(value)},\n" for value in values)
    return f"frozenset(\n    {{\n{inner}    }}\n)"


def text(value: str | int) -> str:
    """Return a literal in our quoting, with every invisible space spelt out."""
    if isinstance(value, int):
        return str(value)
    spelt = "".join(f"\\u{ord(c):04x}" if c.isspace() and c != " " else c for c in value)
    return f'"{spelt}"'


def main() -> int:
    """Write the module, or compare it with what would be written."""
    wanted = render()
    if "--check" not in sys.argv[1:]:
        TARGET.write_text(wanted, encoding="utf-8")
        return 0
    if TARGET.exists() and TARGET.read_text(encoding="utf-8") == wanted:
        return 0
    sys.stderr.write(f"{TARGET.name} is out of date: run python {Path(__file__).name}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
