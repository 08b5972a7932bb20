"""A cell's form says what the document says, and back."""

from __future__ import annotations

import pytest

from liftgate.engine.catalogue_model import Feature, FeatureKind
from liftgate_server.admin.catalogue.entitlement_forms import (
    CapFields,
    EntitlementFields,
    entitlement_document,
    fields_of_document,
    fields_of_form,
)
from liftgate_server.catalog.drafts import REMOVED

NAME = {"en": "A feature"}
SWITCH = Feature("sso", FeatureKind.SWITCH, NAME)
METERED = Feature("exports", FeatureKind.METERED, NAME)
CAPACITY = Feature("boards", FeatureKind.CAPACITY, NAME)
CHOICE = Feature("quality", FeatureKind.SETTING, NAME, values=("low", "high"))
NUMBER = Feature("retention_days", FeatureKind.SETTING, NAME)


@pytest.mark.parametrize(
    ("feature", "document"),
    [
        (SWITCH, True),
        (SWITCH, REMOVED),
        (METERED, "unlimited"),
        (METERED, {"limit": 5, "per": "month"}),
        (METERED, {"limit": 0, "per": "never"}),
        (METERED, [{"limit": 10, "per": "day", "scope": "user"}, {"limit": "unlimited", "per": "month"}]),
        (
            METERED,
            {
                "limit": 100,
                "per": "month",
                "anchor": "billing",
                "time_zone": "Europe/Berlin",
                "enforcement": "soft",
                "overage": 20,
                "warn_at": [80, 95],
                "display_limit": 90,
            },
        ),
        (CAPACITY, 3),
        (CAPACITY, "unlimited"),
        (CAPACITY, {"limit": 3, "enforcement": "soft"}),
        (CHOICE, "high"),
        (NUMBER, 30),
        (NUMBER, REMOVED),
    ],
)
def test_a_form_that_is_sent_back_as_it_was_changes_nothing(feature, document):
    reading = entitlement_document(feature, fields_of_document(feature, document))
    assert reading.problems == ()
    assert reading.value == document


def test_the_fields_of_a_limit_are_named_like_the_document():
    form = {"given": "limited", "[0].limit": " 10 ", "[0].per": "day", "[1].limit": "100", "[1].per": "month"}
    assert fields_of_form(form) == EntitlementFields("limited", "", (CapFields("10", "day"), CapFields("100", "month")))


def test_a_number_may_be_typed_with_spaces_between_its_thousands():
    fields = EntitlementFields("limited", caps=(CapFields(limit="1 000 000"),))
    assert entitlement_document(METERED, fields).value == {"limit": 1_000_000, "per": "month"}


@pytest.mark.parametrize("typed", ["", "ten", "-1", "1.5", "٣", "9" * 30])
def test_what_is_no_whole_number_is_said_of_its_field(typed):
    fields = EntitlementFields("limited", caps=(CapFields(limit="5"), CapFields(limit=typed)))
    assert [problem.field for problem in entitlement_document(METERED, fields).problems] == ["[1].limit"]


def test_warnings_are_sorted_and_may_be_typed_with_percent_signs():
    fields = EntitlementFields("limited", caps=(CapFields(limit="5", warn_at="95 %, 80%"),))
    assert entitlement_document(METERED, fields).value == {"limit": 5, "per": "month", "warn_at": [80, 95]}


def test_off_is_written_as_nothing():
    assert entitlement_document(SWITCH, fields_of_document(SWITCH, False)).value is REMOVED
