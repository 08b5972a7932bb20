"""Who reads: the languages of the copy, of the names from the catalogue, and of numbers and dates."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from liftgate.engine.catalogue_model import LocalisedText
from liftgate.engine.format_tables import FORMATS
from liftgate.engine.formats import choose_language, direction, find_language
from liftgate.engine.texts import TEXTS, say

__all__ = ["Reader", "localise", "reader_for"]


# One reader per wish is made and remembered, so readers are told apart by identity, which makes them cheap as a key.
@dataclass(frozen=True, slots=True, eq=False)
class Reader:
    """The languages for one reader.

    ``language`` is the one that the reader gets, one of the catalogue's where possible; ``copy`` is the key of our own
    texts for it, ``formats`` the regional variant that the reader asked for, if its language is the same.
    """

    language: str
    copy: str
    formats: str
    catalogue_languages: tuple[str, ...]

    @property
    def direction(self) -> str:
        """The direction in which the language is written: ``ltr`` or ``rtl``."""
        return direction(self.language)

    def say(self, key: str, count: int = 1, /, **values: str) -> str:
        """Return a built-in text."""
        return say(self.copy, key, count, **values)

    def name(self, text: LocalisedText) -> str:
        """Return a text of the catalogue."""
        found = text.get(self.language)
        return found if found is not None else localise(text, self.language, self.catalogue_languages)


@lru_cache(maxsize=256)
def reader_for(wanted: tuple[str | None, ...], catalogue_languages: tuple[str, ...]) -> Reader:
    """Return the reader whose wishes are ``wanted``, the strongest first.

    A language counts when the catalogue has it and our own copy too, so that nobody reads a mixture. Where the two
    have none in common, our copy is English and the names are in the catalogue's first language.

    >>> reader_for((None, "de-AT"), ("en", "de"))
    Reader(language='de', copy='de', formats='de-AT', catalogue_languages=('en', 'de'))
    """
    available = [tag for tag in catalogue_languages if find_language(tag, tuple(TEXTS)) is not None] or ["en"]
    wish, language = next(
        ((tag, found) for tag in wanted if (found := find_language(tag, available)) is not None), (None, available[0])
    )
    copy = choose_language(language, tuple(TEXTS))
    # "de-AT" reads the German texts and still gets the Austrian month names and money.
    formats = find_language(wish, tuple(FORMATS)) or find_language(language, tuple(FORMATS)) or copy
    return Reader(language, copy, formats, catalogue_languages)


def localise(text: LocalisedText, language: str | None, catalogue_languages: tuple[str, ...]) -> str:
    """Return a catalogue text in a language, else in the nearest it has, else in the catalogue's fallback.

    >>> localise({"en": "Boards", "de": "Tafeln"}, "de-AT", ("en", "de"))
    'Tafeln'
    """
    found = find_language(language, tuple(text))
    fallback = catalogue_languages[0] if catalogue_languages else ""
    return text[found] if found is not None else text.get(fallback, next(iter(text.values()), ""))
