"""What a catalogue document means once read, and the shortest form it is written in."""

from __future__ import annotations

import pytest

from liftgate.engine.catalogue import (
    InvalidCatalogue,
    read_catalogue,
    read_entitlement,
    read_plan,
    read_standalone_entitlement,
    write_catalogue,
    write_plan,
    write_standalone_entitlement,
)
from liftgate.engine.catalogue_model import (
    Anchor,
    Cap,
    Enforcement,
    Entitlement,
    FailPolicy,
    Feature,
    FeatureKind,
    Gate,
    GateMode,
    Match,
    Price,
    PricePer,
    Recurrence,
    Requirement,
    Scope,
)
from tests.engine.catalogue_examples import EXAMPLE

MINIMAL = {"schema": 1, "languages": ["en"]}


def test_the_least_document_has_the_defaults() -> None:
    catalogue = read_catalogue(MINIMAL)

    assert (catalogue.languages, catalogue.time_zone, catalogue.default_plan) == (("en",), "UTC", None)
    assert [*catalogue.features, *catalogue.plans, *catalogue.addons, *catalogue.gates] == []


def test_the_example_is_already_in_its_normal_form() -> None:
    assert write_catalogue(read_catalogue(EXAMPLE)) == EXAMPLE


def test_capacity_numbers_are_limits_that_never_start_anew() -> None:
    free = read_catalogue(EXAMPLE).plans["free"]

    assert free.entitlements["boards"] == Entitlement("boards", caps=(Cap(3, Recurrence.NEVER),))


def test_a_list_is_a_set_of_caps() -> None:
    free = read_catalogue(EXAMPLE).plans["free"]

    assert free.entitlements["exports"].caps == (
        Cap(2, Recurrence.DAY, scope=Scope.USER),
        Cap(20, Recurrence.MONTH),
    )


def test_unlimited_is_one_cap_without_a_limit() -> None:
    assert read_catalogue(EXAMPLE).plans["pro"].entitlements["exports"].caps == (Cap(None),)


def test_every_field_of_a_cap_is_read() -> None:
    catalogue = read_catalogue(EXAMPLE)

    assert catalogue.plans["pro"].entitlements["boards"].caps == (
        Cap(50, enforcement=Enforcement.SOFT, overage=5, warn_at=(80, 100), display_limit=55),
    )
    assert catalogue.addons["extra_exports"].entitlements["exports"].caps == (
        Cap(100, Recurrence.MONTH, anchor=Anchor.BILLING, time_zone="America/New_York"),
    )


def test_settings_hold_a_declared_value_or_a_number() -> None:
    free = read_catalogue(EXAMPLE).plans["free"].entitlements

    assert (free["resolution"].value, free["retention_days"].value) == ("720p", 30)


def test_prices_are_read_in_minor_units() -> None:
    assert read_catalogue(EXAMPLE).plans["pro"].prices[0] == Price(Recurrence.MONTH, "EUR", 2900, PricePer.SEAT)


def test_a_gate_is_read_with_all_it_carries() -> None:
    gates = read_catalogue(EXAMPLE).gates

    assert gates["reports.export"] == Gate(
        key="reports.export",
        requirements=(Requirement("exports"),),
        mode=GateMode.OBSERVE,
        on_failure=FailPolicy.OPEN,
        placement="reports.toolbar",
        name={"en": "Export a report"},
    )


def test_requirements_carry_units_and_values_and_how_many_must_hold() -> None:
    gates = read_catalogue(EXAMPLE).gates

    assert gates["video"].requirements == (Requirement("boards", units=2), Requirement("resolution", at_least="4k"))
    assert gates["video"].match is Match.ALL
    assert gates["admin"].match is Match.ANY


def test_defaults_written_out_are_left_out_of_the_normal_form() -> None:
    spelled = {
        **MINIMAL,
        "time_zone": "UTC",
        "features": {"boards": {"kind": "capacity", "name": {"en": "Boards"}}},
        "plans": {
            "free": {
                "name": {"en": "Free"},
                "rank": 0,
                "prices": [],
                "entitlements": {"boards": {"limit": 3, "scope": "customer", "enforcement": "hard", "warn_at": []}},
            }
        },
        "addons": {},
        "gates": {"create": {"requires": {"all": [{"feature": "boards", "units": 1}]}, "mode": "enforce"}},
    }

    normal = write_catalogue(read_catalogue(spelled))

    assert normal["plans"] == {"free": {"name": {"en": "Free"}, "rank": 0, "entitlements": {"boards": 3}}}
    assert normal["gates"] == {"create": {"requires": "boards"}}
    assert "time_zone" not in normal
    assert "addons" not in normal


def test_a_value_called_unlimited_stays_a_value() -> None:
    storage = Feature("storage", FeatureKind.SETTING, {"en": "Storage"}, values=("1 GB", "unlimited"))

    entitlement = read_entitlement(storage, "unlimited")

    assert entitlement == Entitlement("storage", value="unlimited")
    assert read_standalone_entitlement("storage", write_standalone_entitlement(entitlement)) == entitlement


def test_a_plan_stands_alone_without_the_features_it_names() -> None:
    free = read_catalogue(EXAMPLE).plans["free"]

    assert read_plan("free", write_plan(free)) == free


def test_a_plan_is_read_in_the_form_of_the_catalogue_when_the_features_are_given() -> None:
    catalogue = read_catalogue(EXAMPLE)

    assert read_plan("free", EXAMPLE["plans"]["free"], features=catalogue.features) == catalogue.plans["free"]


@pytest.mark.parametrize(
    ("short", "entitlement"),
    [
        (3, Entitlement("x", caps=(Cap(3),), value=3)),
        ("unlimited", Entitlement("x", caps=(Cap(None),), value="unlimited")),
        ("4k", Entitlement("x", value="4k")),
        (True, Entitlement("x", enabled=True)),
        ({"limit": 5, "per": "month"}, Entitlement("x", caps=(Cap(5, Recurrence.MONTH),))),
    ],
)
def test_short_forms_standing_alone_mean_whatever_the_kind_will_ask_for(
    short: object, entitlement: Entitlement
) -> None:
    assert read_standalone_entitlement("x", short) == entitlement
    assert read_standalone_entitlement("x", write_standalone_entitlement(entitlement)) == entitlement


@pytest.mark.parametrize("document", [None, 3.5, {}, {"value": None}, {"value": True}, {"limit": 2.6e-42}, [], [3]])
def test_an_entitlement_standing_alone_is_checked_too(document: object) -> None:
    with pytest.raises(InvalidCatalogue):
        read_standalone_entitlement("x", document)
