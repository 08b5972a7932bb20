"""Forms of plans, add-ons, features and gates: what is sent back as it was changes nothing."""

from __future__ import annotations

import pytest

from liftgate.engine.catalogue import read_catalogue
from liftgate_server.admin.catalogue.feature_forms import (
    feature_document,
    feature_fields,
    feature_fields_of_form,
    moved,
)
from liftgate_server.admin.catalogue.form_values import Reading, money_text
from liftgate_server.admin.catalogue.gate_forms import gate_document, gate_fields, gate_fields_of_form
from liftgate_server.admin.catalogue.product_forms import (
    price_fields_of,
    prices_document,
    product_document,
    product_fields,
    product_fields_of_form,
    sent_prices,
)

CATALOGUE = read_catalogue(
    {
        "schema": 1,
        "languages": ["en", "de"],
        "features": {
            "boards": {"kind": "capacity", "name": {"en": "Boards"}},
            "sso": {"kind": "switch", "name": {"en": "SSO"}},
            "quality": {"kind": "setting", "name": {"en": "Quality"}, "values": ["low", "high"]},
            "days": {"kind": "setting", "name": {"en": "Days"}},
        },
    }
)
PLAN = {
    "name": {"en": "Pro", "de": "Profi"},
    "rank": 10,
    "description": {"en": "For teams"},
    "trial": {"days": 14},
    "prices": [{"interval": "month", "currency": "EUR", "amount": 2950, "per": "seat"}],
    "entitlements": {"boards": 3},
}


def test_a_plan_sent_back_as_it_was_is_the_same():
    assert product_document(product_fields(PLAN), PLAN, is_plan=True) == Reading(PLAN)


def test_a_plan_without_trial_days_has_no_trial():
    fields = product_fields_of_form({"name.en": "Pro", "rank": "10", "trial.days": " "}, ["en"])
    assert product_document(fields, PLAN, is_plan=True).value == {
        "name": {"en": "Pro", "de": "Profi"},  # a language the form does not show stays
        "rank": 10,
        "prices": PLAN["prices"],
        "entitlements": {"boards": 3},
    }


def test_a_rank_that_is_no_number_stays_in_the_form_and_is_said():
    fields = product_fields_of_form({"name.en": "Pro", "rank": "high"}, ["en"])
    reading = product_document(fields, {}, is_plan=True)
    assert fields.rank == "high"
    assert [problem.field for problem in reading.problems] == ["rank"]


def test_an_addon_sold_with_every_plan_once_needs_no_word_of_it():
    addon = {"name": {"en": "More"}, "max_quantity": 4, "plans": ["pro"]}
    assert product_document(product_fields(addon), addon, is_plan=False) == Reading(addon)
    fields = product_fields_of_form({"name.en": "More", "max_quantity": "1"}, ["en"])
    assert product_document(fields, addon, is_plan=False).value == {"name": {"en": "More"}}


def test_prices_sent_back_as_they_were_are_the_same():
    assert prices_document(price_fields_of(PLAN)) == Reading(PLAN["prices"])


def test_a_price_without_an_amount_is_taken_away():
    form = {
        "prices[0].interval": "month", "prices[0].currency": "EUR", "prices[0].amount": "",
        "prices[1].interval": "year", "prices[1].currency": "eur", "prices[1].amount": "290,50",
    }  # fmt: skip
    assert prices_document(sent_prices(form)) == Reading([{"interval": "year", "currency": "EUR", "amount": 29050}])


@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [("29", "EUR", 2900), ("29,9", "EUR", 2990), ("0.05", "USD", 5), ("1 200", "JPY", 1200), ("1.50", "JPY", None),
     ("29.999", "EUR", None), ("29.000", "EUR", 2900), ("free", "EUR", None), ("-1", "EUR", None)],
)  # fmt: skip
def test_money_is_read_by_its_currency(typed, currency, minor):
    reading = Reading.money(typed, currency, "amount")
    assert (None if reading.problems else reading.value) == minor


def test_money_is_shown_as_people_type_it():
    assert [money_text(2900, "EUR"), money_text(2905, "EUR"), money_text(1200, "JPY")] == ["29", "29.05", "1200"]


@pytest.mark.parametrize(
    "feature",
    [
        {"kind": "switch", "name": {"en": "SSO"}, "description": {"en": "Sign in"}, "archived": True},
        {"kind": "metered", "name": {"en": "Exports"}, "unit": {"en": {"one": "export", "other": "exports"}}},
        {"kind": "setting", "name": {"en": "Quality"}, "values": ["low", "high"]},
    ],
)
def test_a_feature_sent_back_as_it_was_is_the_same(feature):
    assert feature_document(feature_fields(feature), feature) == Reading(feature)


def test_a_switch_loses_the_unit_and_the_values_typed_for_another_kind():
    form = {"kind": "switch", "name.en": "SSO", "unit.en.one": "login", "values": "a\nb"}
    assert feature_document(feature_fields_of_form(form, ["en"]), {}).value == {"kind": "switch", "name": {"en": "SSO"}}


@pytest.mark.parametrize(("steps", "order"), [(-1, "bac"), (1, "acb"), (9, "acb"), (-9, "bac"), (0, "abc")])
def test_a_feature_moves_as_far_as_there_is_room(steps, order):
    assert moved("abc", "b", steps) == list(order)


@pytest.mark.parametrize(
    "gate",
    [
        {"requires": "boards"},
        {"name": {"en": "Create"}, "requires": {"feature": "boards", "units": 2}, "mode": "observe"},
        {"requires": {"all": ["sso", "boards"]}, "on_failure": "open", "placement": "toolbar"},
        {"requires": {"any": ["sso"]}, "archived": True},
        {"requires": {"all": [{"feature": "quality", "at_least": "high"}, {"feature": "days", "at_least": 30}]}},
    ],
)
def test_a_gate_sent_back_as_it_was_is_the_same(gate):
    assert gate_document(gate_fields(gate), gate, CATALOGUE) == Reading(gate)


def test_a_requirement_asks_only_what_its_feature_can_answer():
    form = {"requires[0].feature": "sso", "requires[0].units": "2", "requires[0].at_least": "", "match": "all"}
    assert gate_document(gate_fields_of_form(form, ["en"]), {}, CATALOGUE).value == {"requires": "sso"}


def test_a_gate_without_a_feature_is_refused_at_its_field():
    reading = gate_document(gate_fields_of_form({"requires[0].feature": ""}, ["en"]), {}, CATALOGUE)
    assert [problem.field for problem in reading.problems] == ["requires[0].feature"]
