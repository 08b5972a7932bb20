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

from liftgate.engine.catalogue_model import Cap, Entitlement, Recurrence
from liftgate.engine.customer_state import AddOnPhase, Grant, GrantKind
from liftgate.engine.decision import Decision, Reason
from liftgate.engine.evaluate import Evaluator
from liftgate.engine.payload import build_payload
from liftgate.engine.payload_model import ActionKind, Trigger
from liftgate.engine.wire import encode_payload
from tests.engine.strategies import customer_states, snapshots
from tests.engine.upsell import AT, SNAPSHOT, customer, message

SCHEMA = Draft202012Validator(
    json.loads(resources.files("liftgate").joinpath("schemas", "payload-1.schema.json").read_text(encoding="utf-8"))
)
EARLIER = AT - timedelta(days=9)


def grant(kind: GrantKind, feature: str, **fields: Any) -> Grant:
    return Grant("grt_1", kind, created_at=EARLIER, starts_at=EARLIER, feature=feature, **fields)


# ---- what is said ----


@pytest.mark.parametrize(
    ("gate", "language", "eyebrow", "title", "body"),
    [
        (
            "sso",
            "en",
            "Not included",
            "Unlock Single sign-on with Business",
            "Your plan Free does not include Single sign-on. Business does.",
        ),
        (
            "sso",
            "de",
            "Nicht enthalten",
            "Single Sign-on mit Business freischalten",
            "Ihr Tarif Free umfasst Single Sign-on nicht. In Business ist das enthalten.",
        ),
        (
            "video.4k",
            "en",
            "Not included",
            "Resolution up to 4k with Business",
            "Resolution: you have 720p, and this needs at least 4k. Business includes 4k.",
        ),
        (
            "video.4k",
            "de",
            "Nicht enthalten",
            "Auflösung bis 4k mit Business",
            "Auflösung: Sie haben 720p, hierfür brauchen Sie mindestens 4k. Business umfasst 4k.",
        ),
        (
            "security",
            "en",
            "Not included",
            "Unlock Audit log with Pro",
            "Your plan Free does not include Single sign-on. Pro includes Audit log.",
        ),
    ],
)
def test_what_is_not_included_names_plan_feature_and_step(gate, language, eyebrow, title, body):
    content = message(gate, language=language).content

    assert (content.eyebrow, content.title, content.body) == (eyebrow, title, body)


@pytest.mark.parametrize(
    ("gate", "used", "language", "title", "body"),
    [
        (
            "board.new",
            3,
            "en",
            "More boards with Pro",
            (
                "Your plan Free includes 3 boards and you have 3. Your existing boards stay as they are. "
                "Pro raises the limit to 25."
            ),
        ),
        (
            "board.new",
            4,
            "de",
            "Mehr Boards mit Pro",
            (
                "Ihr Tarif Free umfasst 3 Boards, Sie haben 4. Ihre vorhandenen Boards bleiben, wie sie sind. "
                "Mit Pro steigt das Limit auf 25."
            ),
        ),
        (
            "board.new",
            1000,
            "en",
            "More boards with Business",
            (
                "Your plan Free includes 3 boards and you have 1,000. Your existing boards stay as they are. "
                "Business removes the limit."
            ),
        ),
        (
            "exports",
            5,
            "en",
            "More exports with Pro",
            "You have used 5 of 5 exports this month. Pro raises the limit to 500 per month.",
        ),
        (
            "exports",
            5,
            "de",
            "Mehr Exporte mit Pro",
            (
                "Sie haben diesen Monat 5 Exporte genutzt, Ihr Limit liegt bei 5. "
                "Mit Pro steigt das Limit auf 500 pro Monat."
            ),
        ),
        (
            "storage",
            1,
            "en",
            "More storage with Pro",
            "Storage: 1 of 1 GB in use. What you already have stays as it is. Pro raises the limit to 50 GB.",
        ),
        (
            "storage",
            1,
            "de",
            "Mehr Speicher mit Pro",
            (
                "Speicher: 1 GB belegt (Limit: 1 GB). Was Sie bereits haben, bleibt, wie es ist. "
                "Mit Pro steigt das Limit auf 50 GB."
            ),
        ),
        (
            "calls",
            {"day": 60},
            "en",
            "More API calls with Pro",
            "API calls: 60 of 60 used today. Pro includes 100 per minute and 7,000 per day.",
        ),
        (
            "calls",
            {"day": 60},
            "de",
            "Mehr API-Aufrufe mit Pro",
            "API-Aufrufe: heute 60 genutzt (Limit: 60). Pro umfasst 100 pro Minute und 7.000 pro Tag.",
        ),
    ],
)
def test_a_limit_that_is_reached_is_told_with_its_numbers(gate, used, language, title, body):
    payload = message(gate, language=language, used=used)

    assert payload.trigger is Trigger.LIMIT_REACHED
    assert (payload.content.title, payload.content.body) == (title, body)


def test_asking_for_more_than_is_left_is_not_called_reached():
    content = message("board.new", used=2, units=2).content

    assert content.eyebrow == "Not enough left"
    assert "you have 2. What is left is not enough for this." in content.body


def test_a_limit_of_nothing_is_not_called_reached():
    none = grant(GrantKind.OVERRIDE, "exports", entitlement=Entitlement("exports", caps=(Cap(0, Recurrence.MONTH),)))
    content = message("exports", customer(grants=(none,))).content

    assert (content.eyebrow, content.usage) == ("Not included", None)
    assert content.body.startswith("Your account does not include exports.")


def test_an_override_is_never_called_the_plans():
    four = grant(GrantKind.OVERRIDE, "boards", entitlement=Entitlement("boards", caps=(Cap(4),)))
    content = message("board.new", customer(grants=(four,)), used=4).content

    assert content.body.startswith("You have 4 of 4 boards.")
    assert content.body.endswith("There is no upgrade we can offer for this right now.")
    assert (content.title, content.options, content.bullets) == ("You have reached the limit for boards", (), ())


def test_what_add_ons_add_is_never_called_the_plans():
    state = customer("pro", addons=(AddOnPhase("more_exports", 1, 2, EARLIER),))
    content = message("exports", state, used=700).content

    assert content.body.startswith("You have used 700 of 700 exports. The add-on “Export pack” adds 100 exports")


def test_several_units_of_an_add_on_are_named_and_counted():
    payload = message("exports", customer("pro"), used=650)

    assert payload.content.title == "Add 2 × Export pack"
    assert payload.content.body.endswith("2 × “Export pack” add 200 exports per month.")
    assert payload.content.bullets == ("+200 exports per month",)
    assert [(option.addon, option.quantity, option.amount) for option in payload.content.options] == [
        ("more_exports", 2, 1800)
    ]
    assert payload.labels["success_title"] == "Added: 2 × Export pack"


def test_an_add_on_that_includes_the_feature_is_named():
    content = message("sso", customer("pro"), language="de").content

    assert content.title == "Anmeldung hinzubuchen"
    assert content.body == "Ihr Tarif Pro umfasst Single Sign-on nicht. Im Zusatzpaket „Anmeldung“ ist das enthalten."


@pytest.mark.parametrize(
    ("language", "title", "body"),
    [
        (
            "en",
            "Access to Exports was turned off",
            "Reason: chargeback. If you think this is a mistake, please contact us.",
        ),
        (
            "de",
            "Der Zugriff auf Exporte wurde gesperrt",
            "Grund: chargeback. Wenn Sie das für einen Irrtum halten, wenden Sie sich bitte an uns.",
        ),
    ],
)
def test_a_revoke_is_explained_with_its_reason_and_sells_nothing(language, title, body):
    state = customer(grants=(grant(GrantKind.REVOKE, "exports", reason="chargeback"),))
    payload = message("exports", state, language=language)

    assert (payload.content.title, payload.content.body) == (title, body)
    assert (payload.content.options, [action.kind for action in payload.actions]) == ((), [ActionKind.DISMISS])


def test_a_revoke_without_a_reason_makes_none_up():
    state = customer(grants=(grant(GrantKind.REVOKE, "exports"),))

    assert message("exports", state).content.body == "If you think this is a mistake, please contact us."


@pytest.mark.parametrize(
    ("language", "body"),
    [
        ("en", "Beta area: turned off for everyone at the moment. This does not depend on your plan."),
        ("de", "Beta-Bereich: zurzeit für alle abgeschaltet. Mit Ihrem Tarif hat das nichts zu tun."),
    ],
)
def test_a_closed_gate_is_explained_and_sells_nothing(language, body):
    payload = message("beta", language=language)

    assert payload.content.body == body
    assert (payload.content.options, [action.kind for action in payload.actions]) == ((), [ActionKind.DISMISS])


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
