"""The words of the pages: English stands in the code, German in `german/`.

A text names its values in braces: `translate("{count} accounts", count=3)`. Singular and plural are two texts.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from types import MappingProxyType
from typing import Any, cast

from flask import g, has_request_context, request

from liftgate_server.admin import german

LANGUAGES = ("en", "de")
LANGUAGE_NAMES = MappingProxyType({"en": "English", "de": "Deutsch"})


def translate(text: str, /, **values: object) -> str:
    """Give a text in the reader's language; one without German stays English (a test refuses that)."""
    found = german_words().get(text, text) if reader_language() == "de" else text
    return found.format(**values) if values else found


def ngettext(one: str, many: str, count: int, /, **values: object) -> str:
    """Give the text for this count, which both may name as `{count}`."""
    return translate(one if count == 1 else many, **{"count": count, **values})


def reader_language() -> str:
    """Give the language of the page: the person's own choice, else what the browser asks for."""
    if not has_request_context():
        return "en"
    chosen = g.get("liftgate_language")
    if chosen is None:
        chosen = request.accept_languages.best_match(LANGUAGES, "en")
        g.liftgate_language = chosen
    return cast("str", chosen)


def speak(language: str | None) -> None:
    """Answer this request in a language; None leaves it to the browser."""
    if language in LANGUAGES:
        g.liftgate_language = language


@lru_cache(maxsize=1)
def german_words() -> Mapping[str, str]:
    words: dict[str, str] = {}
    for module in pkgutil.iter_modules(german.__path__):
        words |= cast("Any", import_module(f"{german.__name__}.{module.name}")).WORDS
    return words
