"""Texts with named placeholders, filled by a plain substitution that executes nothing.

A value is inserted as it is and never read again, so braces in a name or a message stay what they are. This is the seam
for ICU messages: a richer text becomes a third form beside the plain one and the plural.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

__all__ = ["VARIABLES", "Plural", "Text", "fill", "select", "variables_of"]

VARIABLES = frozenset(
    {
        "addon",
        "amount",
        "currency",
        "current",
        "date",
        "days",
        "feature",
        "given",
        "limit",
        "limit_counted",
        "message",
        "more",
        "needed",
        "noun",
        "percent",
        "period",
        "plan",
        "price",
        "product",
        "quantity",
        "seats",
        "thing",
        "total",
        "used",
        "used_counted",
        "value",
    }
)


class Plural(NamedTuple):
    """The forms of a text for one and for any other number, which is what English and German distinguish."""

    one: str
    other: str


Text = str | Plural
"""A template such as ``"{plan} removes the limit."``, or its plural forms."""


def select(text: Text, count: int) -> str:
    """Return the form of the text for a number.

    >>> select(Plural("{amount} board", "{amount} boards"), 1)
    '{amount} board'
    """
    if isinstance(text, str):
        return text
    return text.one if count == 1 else text.other


def fill(template: str, values: Mapping[str, str]) -> str:
    """Return the template with its placeholders replaced; raise ``KeyError`` for one without a value.

    >>> fill("More {thing} with {plan}", {"thing": "boards", "plan": "{Pro}"})
    'More boards with {Pro}'
    """
    return _pattern(template) % values


def variables_of(text: Text) -> frozenset[str]:
    """Return the placeholders of a text, of all its forms together."""
    forms = (text,) if isinstance(text, str) else text
    return frozenset(part for form in forms for is_name, part in _parts(form) if is_name)


def _parts(template: str) -> tuple[tuple[bool, str], ...]:
    parts: list[tuple[bool, str]] = []
    rest = template
    while rest:
        literal, brace, rest = rest.partition("{")
        if literal:
            parts.append((False, literal))
        if brace:
            name, closing, rest = rest.partition("}")
            if not closing or name not in VARIABLES:
                raise ValueError(f"{template!r} names {name!r}, which is not a variable of our texts.")
            parts.append((True, name))
    return tuple(parts)


@lru_cache(maxsize=1024)
def _pattern(template: str) -> str:
    """Return the template for the ``%`` operator, which replaces by name in one pass and reads no value again."""
    parts = [(is_name, part.replace("%", "%%")) for is_name, part in _parts(template)]
    return "".join(f"%({part})s" if is_name else part for is_name, part in parts)
