"""Reading of a catalogue's own words for the built-in offers: by offer, place and language."""

from __future__ import annotations

from liftgate.engine.catalogue_model import LocalisedText
from liftgate.engine.document_reader import Fields, ProblemCode, shown
from liftgate.engine.document_texts import LONGEST_DESCRIPTION, LONGEST_NAME, Languages, read_localised_text
from liftgate.engine.offer_slots import OfferSlot, offer_slots
from liftgate.engine.text_template import variables_of

__all__ = ["read_own_texts"]

_OFFERS = frozenset(slot.offer for slot in offer_slots())


def read_own_texts(fields: Fields, languages: Languages) -> dict[str, dict[str, LocalisedText]]:
    """Return the texts of a catalogue document.

    A reader that is not strict passes over places and variables it does not know, which a newer writer may have.
    """
    if not fields.has("texts"):
        return {}
    offers = Fields(fields.problems, fields.at("texts"), fields.get("texts"), allowed=_OFFERS)
    texts = {offer: _read_offer(offers, offer, languages) for offer in offers.present(_OFFERS)}
    return {offer: slots for offer, slots in texts.items() if slots}


def _read_offer(offers: Fields, offer: str, languages: Languages) -> dict[str, LocalisedText]:
    known = {slot.slot: slot for slot in offer_slots() if slot.offer == offer}
    slots = Fields(offers.problems, offers.at(offer), offers.get(offer), allowed=frozenset(known))
    texts = {
        name: read_localised_text(slots, name, languages, longest=_longest(known[name]))
        for name in slots.present(known)
    }
    return {name: text for name, text in texts.items() if _can_be_filled(slots, known[name], text)}


def _longest(slot: OfferSlot) -> int:
    return LONGEST_DESCRIPTION if slot.slot.startswith("body") else LONGEST_NAME


def _can_be_filled(slots: Fields, slot: OfferSlot, text: LocalisedText) -> bool:
    """Whether the place has every variable of the text; reading strictly, one that it lacks is a problem."""
    wrong = {tag: message for tag, words in text.items() if (message := _unfillable(slot, words)) is not None}
    if slots.problems.strict:
        for tag, message in wrong.items():
            slots.problems.add(f"{slots.at(slot.slot)}.{tag}", ProblemCode.BAD_VALUE, message)
    return not wrong


def _unfillable(slot: OfferSlot, words: str) -> str | None:
    names = ", ".join(f"{{{name}}}" for name in slot.variables)
    known = f"known here are {names}" if names else "this text has none"
    try:
        unknown = sorted(variables_of(words) - set(slot.variables))
    except ValueError:
        return f"{shown(words)} names no variable of ours between its braces; {known}."
    return f"There is no variable {shown(unknown[0])} here; {known}." if unknown else None
