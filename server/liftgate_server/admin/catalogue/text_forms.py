"""The texts of the built-in offers: what is shipped, what the draft says instead, and what somebody types."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from liftgate.engine.document_reader import UNSAFE_CHARACTERS
from liftgate.engine.offer_slots import OfferSlot, offer_slots
from liftgate_server.admin.catalogue.form_values import FormProblem, Reading

__all__ = ["SlotFields", "offers", "problems_of", "sent_texts", "slot_fields", "texts_reading"]

Texts = Mapping[str, Mapping[str, str]]

LONGEST_TEXT: Final = 2_000
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class SlotFields:
    """One place of an offer in one language: its own words if it has any, else the shipped ones are shown."""

    slot: OfferSlot
    field: str
    text: str
    shipped: str
    is_long: bool


def offers() -> tuple[str, ...]:
    """Return the built-in offers, in the order of their places."""
    return tuple(dict.fromkeys(slot.offer for slot in offer_slots()))


def slots_of(offer: str) -> tuple[OfferSlot, ...]:
    """Return the places of one offer."""
    return tuple(slot for slot in offer_slots() if slot.offer == offer)


def slot_fields(offer: str, texts: Texts, language: str) -> tuple[SlotFields, ...]:
    """Return the form of one offer in one language."""
    return tuple(_slot_fields(slot, texts, language) for slot in slots_of(offer))


def sent_texts(form: Mapping[str, str], offer: str, before: Texts, language: str) -> dict[str, dict[str, str]]:
    """Return the offer's texts with those that were typed in one language; an empty one goes back to the shipped."""
    texts = {slot: dict(by_language) for slot, by_language in before.items()}
    for slot in slots_of(offer):
        name = f"{slot.slot}.{language}"
        if name not in form:
            continue
        typed = " ".join(form[name].split())
        own = texts.setdefault(slot.slot, {})
        if typed and typed != slot.shipped.get(language):
            own[language] = typed
        else:
            own.pop(language, None)
    return {slot: own for slot, own in texts.items() if own}


def texts_reading(offer: str, texts: Texts, fallback: str) -> Reading:
    """Return the texts as a document; what the reader of the catalogue would refuse is said of its field."""
    return Reading(texts, tuple(_problems(offer, texts, fallback)))


def problems_of(slot: OfferSlot, text: str, field: str) -> tuple[FormProblem, ...]:
    """Return what is wrong with one text."""
    if len(text) > LONGEST_TEXT:
        return (FormProblem(field, "This text is too long."),)
    if UNSAFE_CHARACTERS.search(text):
        return (FormProblem(field, "This text has characters that do not show."),)
    unknown = [name for name in _PLACEHOLDER.findall(text) if name not in slot.variables]
    if unknown:
        return (FormProblem(field, "There is no variable {name} here.", unknown[0]),)
    if "{" in _PLACEHOLDER.sub("", text):
        return (FormProblem(field, "A brace { opens a variable; close it with }."),)
    return ()


def _problems(offer: str, texts: Texts, fallback: str) -> Iterator[FormProblem]:
    for slot in slots_of(offer):
        own = texts.get(slot.slot, {})
        for language, text in own.items():
            yield from problems_of(slot, text, f"{slot.slot}.{language}")
        if own and fallback not in own:
            yield FormProblem(f"{slot.slot}.{fallback}", "The first language is needed: others fall back to it.")


def _slot_fields(slot: OfferSlot, texts: Texts, language: str) -> SlotFields:
    shipped = slot.shipped.get(language) or slot.shipped.get("en", "")
    text = texts.get(slot.slot, {}).get(language, "")
    return SlotFields(slot, f"{slot.slot}.{language}", text, shipped, is_long=slot.slot.startswith(("body", "text")))


def languages_with_texts(languages: Sequence[str], texts: Texts) -> frozenset[str]:
    """Return the languages in which the offer has words of its own."""
    return frozenset(language for language in languages if any(language in own for own in texts.values()))
