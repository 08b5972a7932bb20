"""Differences in the reader's words: what is about one thing stands together, with its name and both values."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from liftgate_server.admin.change_paths import changed_paths
from liftgate_server.admin.publishing.differences import Change, Section, State, differences

BEFORE: dict[str, Any] = {
    "schema": 1,
    "languages": ["en", "de"],
    "features": {
        "exports": {"kind": "metered", "name": {"en": "Exports", "de": "Exporte"}},
        "boards": {"kind": "capacity", "name": {"en": "Boards", "de": "Tafeln"}},
        "sso": {"kind": "switch", "name": {"en": "Single sign-on"}},
    },
    "plans": {
        "pro": {
            "name": {"en": "Pro"},
            "rank": 1,
            "prices": [{"interval": "month", "currency": "EUR", "amount": 2900, "per": "seat"}],
            "entitlements": {"exports": {"limit": 5, "per": "month"}},
        }
    },
    "gates": {"export": {"requires": "exports"}},
}


@pytest.fixture
def after() -> dict[str, Any]:
    return deepcopy(BEFORE)


def told(after: dict[str, Any], language: str = "en") -> dict[str, Change]:
    """The changes of the one thing that changed, by label."""
    (group,) = differences(BEFORE, after, language=language)
    return {change.label: change for change in group.changes}


def test_equal_documents_differ_in_nothing():
    assert differences(BEFORE, deepcopy(BEFORE), language="en") == ()


def test_a_limit_is_told_once_however_many_of_its_fields_changed(after):
    after["plans"]["pro"]["entitlements"]["exports"] = {"limit": 10, "per": "day", "enforcement": "soft"}

    assert told(after) == {"Exports": Change("Exports", "5 per month", "10 per day (soft)")}


def test_what_comes_in_and_what_falls_out_is_not_included_on_the_other_side(after):
    after["plans"]["pro"]["entitlements"] = {"boards": 3, "sso": True}

    assert told(after) == {
        "Exports": Change("Exports", "5 per month", "not included"),
        "Boards": Change("Boards", "not included", "3"),
        "Single sign-on": Change("Single sign-on", "not included", "on"),
    }


def test_prices_are_written_as_money(after):
    after["plans"]["pro"]["prices"][0]["amount"] = 3150

    assert told(after)["Prices"] == Change("Prices", "€29 per seat and month", "€31.50 per seat and month")


def test_names_stand_in_the_readers_language(after, app):
    after["plans"]["pro"]["entitlements"]["exports"]["limit"] = 10

    with app.test_request_context(headers={"Accept-Language": "de"}):
        assert told(after, "de") == {"Exporte": Change("Exporte", "5 pro Monat", "10 pro Monat")}


def test_what_goes_without_saying_is_said_when_it_changes(after):
    after["gates"]["export"]["mode"] = "observe"

    assert told(after)["Mode"] == Change("Mode", "enforce", "observe")


def test_a_text_names_its_language(after):
    after["plans"]["pro"]["name"]["de"] = "Profi"

    assert told(after) == {"Name (de)": Change("Name (de)", None, "“Profi”")}


def test_a_whole_plan_that_goes_is_told_by_what_it_gave(after):
    del after["plans"]

    (group,) = differences(BEFORE, after, language="en")

    assert (group.section, group.name, group.state) == (Section.PLANS, "Pro", State.REMOVED)
    assert Change("Exports", "5 per month", None) in group.changes


def test_groups_follow_the_sections_of_the_document(after):
    after["gates"]["export"]["mode"] = "open"
    after["features"]["api"] = {"kind": "switch", "name": {"en": "API"}}
    after["plans"]["pro"]["rank"] = 2
    after["time_zone"] = "Europe/Berlin"

    sections = [group.section for group in differences(BEFORE, after, language="en")]

    assert sections == [Section.SETTINGS, Section.FEATURES, Section.PLANS, Section.GATES]


def test_another_order_of_features_is_told(after):
    after["features"] = dict(reversed(after["features"].items()))

    assert told(after)["Features"].after == "listed in another order"


def test_every_kind_of_change_has_words(after):
    after["languages"] = ["en"]
    after["default_plan"] = "pro"
    after["features"]["boards"] |= {"description": {"en": "Walls"}, "archived": True}
    after["plans"]["pro"] |= {"trial": {"days": 14}}
    after["addons"] = {
        "more": {"name": {"en": "More"}, "plans": ["pro"], "entitlements": {"exports": {"limit": 1, "per": "day"}}}
    }
    after["texts"] = {"limit_reached": {"title": {"en": "Full"}}}
    after["gates"]["export"] |= {"on_failure": "open", "placement": "toolbar", "requires": {"all": ["exports", "sso"]}}
    del after["features"]["exports"]["name"]["de"], after["features"]["boards"]["name"]["de"]

    changes = [change for group in differences(BEFORE, after, language="en") for change in group.changes]

    assert "Limit reached" in [group.name for group in differences(BEFORE, after, language="en")]
    values = [change.before or change.after for change in changes]
    assert all(values)
    assert "Exports and Single sign-on" in [change.after for change in changes]
    assert "14 days" in [change.after for change in changes]


def test_paths_stop_where_people_are_told(after):
    after["plans"]["pro"]["entitlements"]["exports"] = {"limit": 10, "per": "day"}
    after["plans"]["pro"]["trial"] = {"days": 14}

    assert changed_paths(BEFORE, after) == (
        ("plans", "pro", "entitlements", "exports"),
        ("plans", "pro", "trial"),
    )
