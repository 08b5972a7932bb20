"""The message for each refusal: true, complete, in the reader's language, and nothing offered that would not help."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from liftgate.engine.catalogue_model import Cap, Entitlement
from liftgate.engine.customer_state import Grant, GrantKind
from liftgate.engine.decision import Decision, Reason
from liftgate.engine.evaluate import Evaluator
from liftgate.engine.payload import build_payload
from liftgate.engine.payload_model import ActionKind
from liftgate.engine.wire import encode_payload
from tests.engine.strategies import customer_states, snapshots
from tests.engine.upsell import AT, SNAPSHOT, customer, message

SCHEMA = Draft202012Validator(
    json.loads(resources.files("liftgate").joinpath("schemas", "payload-1.schema.json").read_text(encoding="utf-8"))
)
EARLIER = AT - timedelta(days=9)


def grant(kind: GrantKind, feature: str, **fields: Any) -> Grant:
    return Grant("grt_1", kind, created_at=EARLIER, starts_at=EARLIER, feature=feature, **fields)


# ---- what is offered ----


def test_a_plan_is_offered_with_its_prices_and_what_it_gives_beyond():
    content = message("exports", used=5).content

    assert content.bullets == (
        "500 exports per month",
        "25 boards",
        "Storage: 50 GB",
        "API calls: 100 per minute and 7,000 per day",
        "Audit log",
    )
    assert [(option.id, option.price, option.selected, option.saving) for option in content.options] == [
        ("pro:month:EUR", "€29", True, None),
        ("pro:year:EUR", "€290", False, "Save 16%"),
    ]
    assert content.legal == "Cancel any time."


def test_what_the_customer_already_has_is_no_benefit():
    assert "Audit log" not in message("sso", customer("pro"), buyer=True).content.bullets
    assert message("calls", customer("pro"), used={"day": 7000}).content.bullets == (
        "Unlimited API calls",
        "Unlimited boards",
        "Unlimited exports",
        "Storage: 1,000 GB",
        "Single sign-on",
    )


def test_seats_are_those_of_the_subscription():
    (option,) = message("video.4k", customer("pro", quantity=5)).content.options

    assert (option.quantity, option.amount, option.price) == (5, 9500, "€19")


def test_a_reader_who_may_not_buy_sees_prices_and_can_ask():
    payload = message("sso", customer(buyers=("boss",)), user="intern")

    assert [action.kind for action in payload.actions] == [ActionKind.REQUEST_UPGRADE, ActionKind.DISMISS]
    assert payload.content.options[0].price == "€19"
    assert payload.content.body.endswith("You cannot order this yourself, but you can request it.")


@pytest.mark.parametrize(("buyer", "kind"), [(True, ActionKind.CHECKOUT), (False, ActionKind.REQUEST_UPGRADE)])
def test_what_is_known_about_the_buyer_goes_before_the_state(buyer, kind):
    assert message("sso", customer(buyers=("boss",)), buyer=buyer).actions[0].kind is kind


def test_without_a_price_in_the_customers_currency_nothing_can_be_ordered():
    payload = message("sso", customer(currency="CHF"))

    assert (payload.content.options, payload.content.legal) == ((), None)
    assert [action.kind for action in payload.actions] == [ActionKind.DISMISS]
    assert payload.content.body.endswith("Business cannot be ordered here in CHF.")


# ---- the usage bar ----


@pytest.mark.parametrize(
    ("gate", "used", "text", "percent", "note"),
    [
        ("exports", 5, "5 / 5", 100, "Resets on December 1, 2026"),
        ("exports", 1234, "1,234 / 5", 100, "Resets on December 1, 2026"),
        ("board.new", 3, "3 / 3", 100, None),
        ("calls", {"minute": 10}, "10 / 10", 100, "Resets later today"),
        ("calls", {"day": 60}, "60 / 60", 100, "Resets on November 23, 2026"),
    ],
)
def test_the_usage_bar_shows_the_decisions_numbers(gate, used, text, percent, note):
    usage = message(gate, used=used).content.usage

    assert usage is not None
    assert (usage.text, usage.percent, usage.note) == (text, percent, note)


def test_the_bar_tells_no_reset_of_what_does_not_reset():
    extra = grant(GrantKind.PROMOTION, "exports", entitlement=Entitlement("exports", caps=(Cap(10),)))
    usage = message("exports", customer(grants=(extra,)), used=15).content.usage

    assert usage is not None
    assert (usage.limit, usage.note) == (15, None)


def test_a_reset_is_dated_in_the_catalogues_time_zone():
    berlin = message("exports", used=5, language="de").content.usage

    assert berlin is not None
    assert berlin.note == "Wird am 1. Dezember 2026 zurückgesetzt"


# ---- the envelope ----


def test_the_envelope_tells_what_was_refused_and_until_when():
    payload = message("board.new", used=3)

    assert (payload.offer.key, payload.offer.version) == ("builtin.limit_reached", 1)
    assert (payload.gate, payload.feature, payload.placement) == ("board.new", "boards", "boards.toolbar")
    assert (payload.customer_version, payload.catalogue_version, payload.impression_id) == (7, 12, None)
    assert message("exports", used=5).expires_at == datetime(2026, 11, 30, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "of_the_customer", "language"),
    [("de-AT", None, "de"), (None, "de", "de"), ("fr", "de", "de"), ("fr", None, "en"), ("en-GB", "de", "en")],
)
def test_the_language_is_the_readers_else_the_customers(asked, of_the_customer, language):
    state = customer(language=of_the_customer)
    offer = Evaluator(SNAPSHOT, state, language=asked).decide("sso", at=AT).offer

    assert offer is not None
    assert (offer.language, offer.direction) == (language, "ltr")


@pytest.mark.parametrize(
    "decision",
    [
        Decision(granted=True, reason=Reason.ENTITLED, gate="sso", feature="sso"),
        Decision(granted=False, reason=Reason.UNAVAILABLE, gate="sso"),
        Decision(granted=False, reason=Reason.UNKNOWN_GATE, gate="nowhere"),
        Decision(granted=False, reason=Reason.NOT_INCLUDED, gate="removed since"),
        Decision(granted=False, reason=Reason.NOT_INCLUDED, gate="sso", feature="removed since"),
    ],
)
def test_nothing_is_said_where_nothing_is_refused_or_known(decision):
    assert build_payload(SNAPSHOT, customer(), decision, at=AT) is None


def test_labels_given_away_are_nobody_elses():
    first, second = message("sso"), message("sso")
    assert isinstance(first.labels, dict)
    first.labels["close"] = "spoiled"

    assert second.labels["close"] == message("sso").labels["close"] == "Close"


def test_a_republished_catalogue_is_never_described_by_the_earlier_one():
    before = message("sso").content.title
    catalogue = SNAPSHOT.catalogue
    renamed = {**catalogue.plans, "business": replace(catalogue.plans["business"], name={"en": "Company"})}
    later = replace(SNAPSHOT, version=13, catalogue=replace(catalogue, plans=renamed))
    offer = Evaluator(later, customer()).decide("sso", at=AT).offer

    assert offer is not None
    assert (before, offer.content.title) == (
        "Unlock Single sign-on with Business",
        "Unlock Single sign-on with Company",
    )


# ---- what holds for every catalogue ----


@given(st.data(), st.sampled_from(["en", "de", "fr", None]), st.integers(0, 3))
def test_any_refusal_of_any_valid_catalogue_fits_the_schema(data, language, units):
    snapshot = data.draw(snapshots())
    state = data.draw(customer_states(snapshot))
    evaluator = Evaluator(snapshot, state, user="u1", language=language)

    for gate in [*snapshot.catalogue.gates, *snapshot.catalogue.features]:
        decision = evaluator.decide(gate, at=AT, units=units)
        offer = decision.offer
        assert (offer is None) == (decision.granted or decision.unknown)
        if offer is not None:
            assert list(SCHEMA.iter_errors(encode_payload(offer))) == []


@given(used=st.integers(0, 10**6), units=st.integers(1, 10**4), language=st.sampled_from(["en", "de"]))
@pytest.mark.parametrize("plan", [None, "pro"])
def test_every_number_that_is_said_is_in_catalogue_or_decision(plan, used, units, language):
    for gate in ("board.new", "exports", "storage"):
        decision = Evaluator(SNAPSHOT, customer(plan), language=language).decide(gate, at=AT, used=used, units=units)
        offer = decision.offer
        if offer is None:
            continue
        said = re.findall(
            r"\d+", re.sub(r"(?<=\d)[.,](?=\d{3})", "", " ".join((offer.content.body, *offer.content.bullets)))
        )
        known = {decision.used, decision.limit, *_numbers_of_the_catalogue(offer)}
        assert {int(number) for number in said} <= known


def _numbers_of_the_catalogue(offer: Any) -> set[int]:
    """Limits of what is offered, × the units of an add-on, and those units."""
    catalogue = SNAPSHOT.catalogue
    option = offer.content.options[0] if offer.content.options else None
    if option is None:
        return set()
    product: Any = catalogue.plans[option.plan] if option.plan else catalogue.addons[option.addon]
    times = 1 if option.plan else option.quantity
    caps = [cap for entitlement in product.entitlements.values() for cap in entitlement.caps]
    return {times, 4, *(cap.limit * times for cap in caps if cap.limit is not None)}
