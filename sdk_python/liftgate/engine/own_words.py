"""The catalogue's own words in built-in offers, where it has some and they can be filled."""

from __future__ import annotations

from collections.abc import Mapping

from liftgate.engine.catalogue_model import Catalogue
from liftgate.engine.decision import Reason
from liftgate.engine.formats import format_number
from liftgate.engine.reader import Reader
from liftgate.engine.refusal import Refusal
from liftgate.engine.text_template import fill, variables_of
from liftgate.engine.wording import value_text

__all__ = ["own_words", "words_for"]


def words_for(
    catalogue: Catalogue, reader: Reader, place: tuple[str, str], values: Mapping[str, str | None]
) -> str | None:
    """Return the catalogue's words for a place (offer and slot), ``None`` where the shipped ones have to do.

    They do where the catalogue says nothing, where it does so in another language than the reader gets, and where a
    variable has no value in this case: a sentence with a hole in it would not be true.
    """
    offer, slot = place
    text = catalogue.texts.get(offer, {}).get(slot)
    if text is None or (reader.language not in text and reader.language in catalogue.languages):
        return None
    template = reader.name(text)
    known = {name: value for name, value in values.items() if value is not None}
    return fill(template, known) if variables_of(template) <= known.keys() else None


def own_words(refusal: Refusal, slot: str) -> str | None:
    """Return the catalogue's words for a place of the offer that a refusal calls for."""
    catalogue = refusal.catalogue.value
    if not catalogue.texts:
        return None
    return words_for(catalogue, refusal.reader, (_offer(refusal), slot), _values(refusal))


def _offer(refusal: Refusal) -> str:
    if refusal.is_ahead:
        return "near_limit"
    if refusal.is_short:
        return "not_enough_left"
    if refusal.is_over:
        return "over_limit"
    if refusal.is_exhausted:
        return "limit_reached"
    return "value_too_low" if refusal.facts.reason is Reason.VALUE_TOO_LOW else "not_included"


def _values(refusal: Refusal) -> dict[str, str | None]:
    reader, facts, given = refusal.reader, refusal.facts, refusal.given
    return {
        "feature": refusal.words.feature,
        "thing": refusal.words.thing,
        "current": None if refusal.plan is None else reader.name(refusal.plan.name),
        "product": refusal.product_name or None,
        "used": None if facts.used is None else format_number(facts.used, reader.formats),
        "limit": None if facts.limit is None else format_number(facts.limit, reader.formats),
        "value": None if facts.value is None else value_text(facts.value, reader),
        "needed": None if facts.needed is None else value_text(facts.needed, reader),
        "given": None if given is None or given.value is None else value_text(given.value, reader),
    }
