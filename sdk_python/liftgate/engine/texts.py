"""The built-in copy: every sentence Liftgate says by itself, by key and language."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from liftgate.engine.text_template import Text, fill, select
from liftgate.engine.texts_de import GERMAN
from liftgate.engine.texts_en import ENGLISH

__all__ = ["TEXTS", "say"]

TEXTS: Mapping[str, Mapping[str, Text]] = MappingProxyType({"en": ENGLISH, "de": GERMAN})
"""Language to key to text; every language has every key, with the same variables."""


def say(language: str, key: str, count: int = 1, /, **values: str) -> str:
    """Return a built-in text in one of the languages of ``TEXTS``, with the form for ``count``.

    >>> say("en", "price.saving", percent="17%")
    'Save 17%'
    """
    return fill(select(TEXTS[language][key], count), values)
