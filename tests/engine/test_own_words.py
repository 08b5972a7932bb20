"""The catalogue's own words in built-in offers: read strictly, shown only where they are true."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

from liftgate.engine.catalogue import read_catalogue
from liftgate.engine.customer_state import Grant, GrantKind
from liftgate.engine.evaluate import Evaluator
from liftgate.engine.offer_slots import offer_slots
from liftgate.engine.payload_model import Payload
from liftgate.engine.text_template import variables_of
from liftgate.engine.texts import TEXTS
from tests.engine.catalogue_examples import changed, found_in, problems_of
from tests.engine.upsell import AT, DOCUMENT, SNAPSHOT, customer

FULL = {"boards": {("boards", None, "never"): 3}}


def offer(texts: dict[str, Any], gate: str = "boards", language: str = "en", **asked: Any) -> Payload:
    """The offer of a refusal with own words."""
    snapshot = replace(SNAPSHOT, catalogue=read_catalogue({**copy.deepcopy(DOCUMENT), "texts": texts}))
    fields = {"usage": FULL.get(gate, {}), **asked.pop("fields", {})}
    state = customer(asked.pop("plan", None), **fields)
    payload = Evaluator(snapshot, state, language=language, **asked).decide(gate, at=AT).offer
    assert payload is not None
    return payload


def test_own_words_go_before_the_shipped_ones_place_by_place() -> None:
    content = offer(
        {"limit_reached": {"title": {"en": "{thing}: {used} of {limit} on {current}, {product} next"}}}
    ).content

    assert content.title == "boards: 3 of 3 on Free, Pro next"
    assert content.eyebrow == "Limit reached"


def test_braces_and_percent_signs_stay_what_they_are() -> None:
    assert offer({"limit_reached": {"title": {"en": "100 %s} of {limit}%"}}}).content.title == "100 %s} of 3%"


def test_a_name_with_braces_is_not_read_again() -> None:
    document = copy.deepcopy(DOCUMENT)
    document["plans"]["pro"]["name"] = {"en": "{used}%(limit)s"}
    document["texts"] = {"limit_reached": {"title": {"en": "To {product}"}}}
    snapshot = replace(SNAPSHOT, catalogue=read_catalogue(document))

    payload = Evaluator(snapshot, customer(usage=FULL["boards"])).decide("boards", at=AT).offer

    assert payload is not None
    assert payload.content.title == "To {used}%(limit)s"


def test_words_with_a_variable_that_has_no_value_give_way_to_the_shipped_ones() -> None:
    own = {"not_included": {"title": {"en": "Not on {current}"}}}
    with_a_plan, without = offer(own, "sso").content, None
    snapshot = replace(
        SNAPSHOT,
        catalogue=read_catalogue({key: it for key, it in {**DOCUMENT, "texts": own}.items() if key != "default_plan"}),
    )
    without = Evaluator(snapshot, customer()).decide("sso", at=AT).offer

    assert with_a_plan.title == "Not on Free"
    assert without is not None
    assert without.content.title == "Unlock Single sign-on with Business"


def test_who_may_not_order_is_told_so_whatever_the_words() -> None:
    payload = offer({"limit_reached": {"body": {"en": "Full."}, "request": {"en": "Ask for {product}"}}}, buyer=False)

    assert payload.content.body == "Full. You cannot order this yourself, but you can request it."
    assert payload.actions[0].label == "Ask for Pro"


def test_what_is_left_has_words_of_its_own() -> None:
    own = {
        "limit_reached": {"title": {"en": "All gone"}},
        "not_enough_left": {"title": {"en": "Only {used} of {limit} used"}},
    }
    snapshot = replace(SNAPSHOT, catalogue=read_catalogue({**copy.deepcopy(DOCUMENT), "texts": own}))

    payload = Evaluator(snapshot, customer()).decide("boards", at=AT, units=4, used=2).offer

    assert payload is not None
    assert payload.content.title == "Only 2 of 3 used"


def test_a_revoke_and_a_closed_gate_have_words_too() -> None:
    revoke = Grant("grt_1", GrantKind.REVOKE, AT, AT, feature="sso", reason="audit pending")
    own = {
        "revoked": {"body": {"en": "{feature}: {message} Call us."}, "dismiss": {"en": "Fine"}},
        "gate_closed": {"title": {"en": "Back soon: {feature}"}},
    }

    revoked = offer(own, "sso", fields={"grants": (revoke,)})
    closed = offer(own, "beta")

    assert (revoked.content.body, revoked.actions[0].label) == ("Single sign-on: audit pending. Call us.", "Fine")
    assert closed.content.title == "Back soon: Beta area"


def test_a_catalogue_in_a_language_without_shipped_words_still_says_its_own() -> None:
    document: dict[str, Any] = {
        "schema": 1,
        "languages": ["fr"],
        "default_plan": "libre",
        "features": {"sso": {"kind": "switch", "name": {"fr": "Authentification"}}},
        "plans": {"libre": {"name": {"fr": "Libre"}, "rank": 0}},
        "texts": {"not_included": {"title_without_offer": {"fr": "{feature} manque"}}},
    }
    snapshot = replace(SNAPSHOT, catalogue=read_catalogue(document), plan_versions={"libre": 1}, addon_versions={})

    payload = Evaluator(snapshot, customer(), language="fr").decide("sso", at=AT).offer

    assert payload is not None
    assert payload.content.title == "Authentification manque"


# ---- reading ----


@pytest.mark.parametrize(
    ("texts", "problem"),
    [
        ({"limit_reached": {"title": {"en": "{price}"}}}, ("texts.limit_reached.title.en", "bad_value")),
        ({"limit_reached": {"title": {"en": "ok", "de": "{nope}"}}}, ("texts.limit_reached.title.de", "bad_value")),
        ({"limit_reached": {"title": {"en": "{used"}}}, ("texts.limit_reached.title.en", "bad_value")),
        ({"limit_reached": {"legal": {"en": "{used}"}}}, ("texts.limit_reached.legal.en", "bad_value")),
        ({"not_included": {"body": {"en": "{used}"}}}, ("texts.not_included.body.en", "bad_value")),
        ({"limit_reached": {"title": {"de": "x"}}}, ("texts.limit_reached.title.en", "missing")),
        ({"limit_reached": {"title": {"en": "x", "fr": "y"}}}, ("texts.limit_reached.title.fr", "unknown_reference")),
        ({"limit_reached": {"title": "x"}}, ("texts.limit_reached.title", "wrong_type")),
        ({"limit_reached": {"titel": {"en": "x"}}}, ("texts.limit_reached.titel", "unknown_field")),
        ({"limits": {}}, ("texts.limits", "unknown_field")),
        ({"limit_reached": []}, ("texts.limit_reached", "wrong_type")),
        ([], ("texts", "wrong_type")),
    ],
)
def test_a_mistake_in_own_words_is_refused_where_it_stands(texts: object, problem: tuple[str, str]) -> None:
    assert found_in(changed("texts", to=texts)) == [problem]


def test_an_unknown_variable_is_told_with_the_known_ones() -> None:
    problem = problems_of(changed("texts", to={"revoked": {"body": {"en": "{plan}"}}}))[0]

    assert problem.message == "There is no variable 'plan' here; known here are {feature}, {message}."


def test_an_older_reader_passes_over_places_and_variables_it_does_not_know() -> None:
    texts = {
        "later": {"x": {"en": "y"}},
        "revoked": {"title": {"en": "{plan}"}, "body": {"en": "{feature}"}, "new": {"en": "x"}},
    }

    assert read_catalogue(changed("texts", to=texts), strict=False).texts == {"revoked": {"body": {"en": "{feature}"}}}


# ---- the places ----


def test_the_shipped_words_of_every_place_could_be_its_own_words() -> None:
    assert {
        name
        for slot in offer_slots()
        for text in slot.shipped.values()
        for name in variables_of(text) - set(slot.variables)
    } == set()
    assert all(slot.shipped.keys() == TEXTS.keys() for slot in offer_slots())


def test_every_place_can_be_filled_with_all_of_its_variables() -> None:
    texts: dict[str, dict[str, Any]] = {}
    for slot in offer_slots():
        words = " ".join(["x", *[f"{{{name}}}" for name in slot.variables]])
        texts.setdefault(slot.offer, {})[slot.slot] = {"en": words}

    counted, valued = offer(texts), offer(texts, "video.4k", plan="pro")

    assert counted.content.title == "x Boards boards Free 3 3 Pro"
    assert valued.content.title == "x Resolution Resolution Pro 1080p 4k Business 4k"
