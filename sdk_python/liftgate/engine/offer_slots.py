"""Where a catalogue may put its own words into a built-in offer, and which variables each of these places knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from liftgate.engine.catalogue_model import LocalisedText
from liftgate.engine.text_template import Text, variables_of
from liftgate.engine.texts import TEXTS, say

__all__ = ["OfferSlot", "offer_slots"]


class OfferSlot(NamedTuple):
    """One place of a built-in offer. ``shipped`` is what stands there without own words, by language.

    Where the shipped words depend on the case, ``shipped`` is the most usual form of them.
    """

    offer: str
    slot: str
    variables: tuple[str, ...]
    shipped: LocalisedText


class _Place(NamedTuple):
    variables: tuple[str, ...]
    keys: tuple[str, ...]


_Places = Mapping[str, _Place]

# `current` is the plan that the reader is on, `product` what would lift the refusal, a plan or an add-on; `thing` is
# what there can be more of: "boards" where the feature is called "Boards".
_REFUSED = ("feature", "thing", "current")
_COUNTED = (*_REFUSED, "used", "limit")
_VALUED = (*_REFUSED, "value", "needed")


def _offer(told: tuple[str, ...], eyebrow: str, titles: tuple[str, str], bodies: tuple[str, str]) -> _Places:
    """Return the places of an offer. What is said when nothing can be offered stands apart, so that both stay true."""
    offered = (*told, "product", "given") if "needed" in told else (*told, "product")
    state, gives = bodies
    return {
        "eyebrow": _Place(told, (eyebrow,)),
        "title": _Place(offered, (titles[0],)),
        "body": _Place(offered, (state, gives)),
        "title_without_offer": _Place(told, (titles[1],)),
        "body_without_offer": _Place(told, (state, "offer.none")),
        "order": _Place(("product",), ("action.upgrade",)),
        "request": _Place(("product",), ("action.request_upgrade",)),
        "dismiss": _Place((), ("action.dismiss",)),
        "legal": _Place((), ("price.legal",)),
    }


def _notice(told: tuple[str, ...], title: str, body: tuple[str, ...]) -> _Places:
    return {
        "eyebrow": _Place((), ("eyebrow.notice",)),
        "title": _Place(told, (title,)),
        "body": _Place(told, body),
        "dismiss": _Place((), ("action.understood",)),
    }


_PLACES: Mapping[str, _Places] = MappingProxyType(
    {
        "limit_reached": _offer(
            _COUNTED, "eyebrow.limit_reached", ("title.more", "title.limit"), ("state.used", "offer.plan_removes")
        ),
        "not_enough_left": _offer(
            _COUNTED,
            "eyebrow.not_enough_left",
            ("title.more", "title.not_enough"),
            ("effect.not_enough", "offer.plan_removes"),
        ),
        "over_limit": _offer(
            _COUNTED, "eyebrow.over_limit", ("title.more", "title.over"), ("state.over_used", "offer.plan_removes")
        ),
        "not_included": _offer(
            _REFUSED,
            "eyebrow.not_included",
            ("title.unlock", "title.named"),
            ("state.plan_lacks", "offer.plan_includes_it"),
        ),
        "value_too_low": _offer(
            _VALUED,
            "eyebrow.not_included",
            ("title.unlock", "title.named"),
            ("state.value", "offer.plan_includes"),
        ),
        "revoked": _notice(("feature", "message"), "title.revoked", ("state.revoked_message", "state.revoked")),
        "gate_closed": _notice(("feature",), "title.closed", ("state.closed",)),
        "grandfathering": {
            "title": _Place(("plan", "date"), ("grandfathering.title",)),
            "text": _Place(("plan", "date"), ("grandfathering.text",)),
            "incentive": _Place(("plan", "date", "given", "days"), ("grandfathering.incentive",)),
        },
    }
)

# What the shipped words of refusals call otherwise than own words do.
_CALLED = {
    "plan": "{product}",
    "addon": "{product}",
    "used_counted": "{used} {thing}",
    "limit_counted": "{limit} {thing}",
}


@cache
def offer_slots() -> tuple[OfferSlot, ...]:
    """Return every place that can have own words, in the order in which a reader meets them.

    >>> offer_slots()[1].shipped["en"]
    'More {thing} with {product}'
    """
    return tuple(_slots())


def _slots() -> Iterator[OfferSlot]:
    for offer, places in _PLACES.items():
        for name, place in places.items():
            shipped = {language: _shipped(language, place) for language in TEXTS}
            yield OfferSlot(offer, name, place.variables, shipped)


def _shipped(language: str, place: _Place) -> str:
    return " ".join(say(language, key, 2, **_called(TEXTS[language][key], place)) for key in place.keys)


def _called(text: Text, place: _Place) -> dict[str, str]:
    return {name: f"{{{name}}}" if name in place.variables else _CALLED[name] for name in variables_of(text)}
