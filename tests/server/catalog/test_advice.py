"""p20: the distance between neighbouring plans."""

from __future__ import annotations

import pytest

from liftgate.engine.catalogue import read_catalogue
from liftgate_server.catalog.advice import WarningCode, tier_warnings


def warned(document):
    return [(warning.code, warning.plan, warning.other) for warning in tier_warnings(read_catalogue(document))]


@pytest.fixture
def tiers(document):
    """Free, pro and team; nothing is odd about them."""
    document["plans"]["team"] = {
        "name": {"en": "Team"},
        "rank": 20,
        "prices": [{"interval": "month", "currency": "EUR", "amount": 9900}],
        "entitlements": {"boards": 100, "exports": "unlimited", "sso": True},
    }
    return document


def test_sensible_tiers_are_not_warned_of(tiers):
    assert warned(tiers) == []


def test_a_plan_that_offers_nothing_new_is_named(tiers):
    tiers["plans"]["team"]["entitlements"] = dict(tiers["plans"]["pro"]["entitlements"])

    assert warned(tiers) == [(WarningCode.NOTHING_NEW, "team", "pro")]


def test_neighbours_that_hardly_differ_are_named_with_what_is_a_little_more(tiers):
    tiers["plans"]["team"]["entitlements"] = {"boards": 30, "exports": {"limit": 120, "per": "month"}}

    [warning] = tier_warnings(read_catalogue(tiers))

    assert (warning.code, warning.values) == (WarningCode.HARDLY_DIFFERENT, {"features": "exports, boards"})


@pytest.mark.parametrize("entitlements", [{"boards": 50}, {"boards": 26, "sso": True}, {"boards": "unlimited"}])
def test_a_doubled_limit_or_a_new_feature_is_a_difference(tiers, entitlements):
    tiers["plans"]["team"]["entitlements"] = {"exports": {"limit": 100, "per": "month"}} | entitlements

    assert warned(tiers) == []


def test_a_higher_plan_that_lacks_what_a_lower_one_has_is_named(tiers):
    del tiers["plans"]["team"]["entitlements"]["exports"]

    [warning] = tier_warnings(read_catalogue(tiers))

    assert (warning.code, warning.message) == (
        WarningCode.LACKS_FEATURE,
        "Plan team lacks exports, which pro has.",
    )
    assert warning.values == {"feature": "exports", "lower": "100 per month", "higher": "not included"}


def test_a_higher_plan_that_has_less_is_named(tiers):
    tiers["plans"]["team"]["entitlements"]["boards"] = 10

    assert warned(tiers) == [(WarningCode.GIVES_LESS, "team", "pro")]


def test_a_cap_for_a_shorter_period_is_less_even_when_the_month_has_more(tiers):
    tiers["plans"]["team"]["entitlements"]["exports"] = [{"limit": 10, "per": "day"}, {"limit": 200, "per": "month"}]

    assert warned(tiers) == [(WarningCode.GIVES_LESS, "team", "pro")]


@pytest.mark.parametrize("amount", [2900, 2000])
def test_a_higher_plan_that_is_not_dearer_is_named(tiers, amount):
    tiers["plans"]["team"]["prices"][0]["amount"] = amount

    [warning] = tier_warnings(read_catalogue(tiers))

    assert (warning.code, warning.values["lower"], warning.values["higher"]) == (
        WarningCode.NOT_DEARER,
        "2900",
        str(amount),
    )


def test_prices_of_another_interval_or_currency_are_not_compared(tiers):
    tiers["plans"]["team"]["prices"] = [{"interval": "year", "currency": "EUR", "amount": 100}]

    assert warned(tiers) == []


def test_an_archived_plan_is_nobodys_neighbour(tiers):
    tiers["plans"]["odd"] = {"name": {"en": "Odd"}, "rank": 15, "archived": True}

    assert warned(tiers) == []
