"""Each rule of the catalogue document: one place of a valid document is spoiled, one problem is reported there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.catalogue_examples import ABSENT, EXAMPLE, changed, found_in, problems_of

Rule = tuple[tuple[str | int, ...], Any, str, str]

DOCUMENT: list[Rule] = [
    (("schema",), ABSENT, "schema", "missing"),
    (("schema",), 2, "schema", "bad_value"),
    (("schema",), "1", "schema", "wrong_type"),
    (("schema",), True, "schema", "wrong_type"),
    (("schema",), 1.0, "schema", "wrong_type"),
    (("languages",), ["en", "de", "de_DE"], "languages[2]", "bad_value"),
    (("languages",), ["en", "de", "en"], "languages[2]", "duplicate"),
    (("languages",), ["en", "de", 3], "languages[2]", "wrong_type"),
    (("time_zone",), "Europe/Berlim", "time_zone", "bad_value"),
    (("time_zone",), "Europe", "time_zone", "bad_value"),
    (("time_zone",), "../../etc/passwd", "time_zone", "bad_value"),
    (("time_zone",), "localtime", "time_zone", "bad_value"),
    (("time_zone",), None, "time_zone", "wrong_type"),
    (("default_plan",), "fre", "default_plan", "unknown_reference"),
    (("default_plan",), "Free Plan", "default_plan", "bad_key"),
    (("plan",), {}, "plan", "unknown_field"),
    (("gates",), [], "gates", "wrong_type"),
]

FEATURES: list[Rule] = [
    (("features", "sso", "kind"), "toggle", "features.sso.kind", "bad_value"),
    (("features", "sso", "kind"), 1, "features.sso.kind", "wrong_type"),
    (("features", "sso", "kind"), ABSENT, "features.sso.kind", "missing"),
    (("features", "sso"), "switch", "features.sso", "wrong_type"),
    (("features", "sso", "name"), ABSENT, "features.sso.name", "missing"),
    (("features", "sso", "name"), "SSO", "features.sso.name", "wrong_type"),
    (("features", "sso", "name"), {"de": "SSO"}, "features.sso.name.en", "missing"),
    (("features", "sso", "name", "fr"), "SSO", "features.sso.name.fr", "unknown_reference"),
    (("features", "sso", "name", "en"), 3, "features.sso.name.en", "wrong_type"),
    (("features", "sso", "name", "en"), " ", "features.sso.name.en", "bad_value"),
    (("features", "sso", "name", "en"), "a\x00b", "features.sso.name.en", "bad_value"),
    (("features", "sso", "name", "en"), "a\nb", "features.sso.name.en", "bad_value"),
    (("features", "sso", "name", "en"), "a\u202eb", "features.sso.name.en", "bad_value"),
    (("features", "sso", "name", "en"), "a\u2066b", "features.sso.name.en", "bad_value"),
    (("features", "sso", "name", "en"), "a\ud800b", "features.sso.name.en", "bad_value"),
    (("features", "sso", "name", "en"), "x" * 501, "features.sso.name.en", "out_of_range"),
    (("features", "boards", "description", "en"), "x" * 2001, "features.boards.description.en", "out_of_range"),
    (("features", "boards", "unit", "en"), {"one": "board"}, "features.boards.unit.en.other", "missing"),
    (("features", "boards", "unit"), {"de": {"one": "x", "other": "y"}}, "features.boards.unit.en", "missing"),
    (("features", "sso", "unit"), {"en": {"one": "x", "other": "y"}}, "features.sso.unit", "not_allowed"),
    (("features", "sso", "values"), ["a"], "features.sso.values", "not_allowed"),
    (("features", "resolution", "values", 1), "720p", "features.resolution.values[1]", "duplicate"),
    (("features", "resolution", "values", 1), 1080, "features.resolution.values[1]", "wrong_type"),
    (("features", "resolution", "values"), [], "features.resolution.values", "out_of_range"),
    (("features", "Boards"), EXAMPLE["features"]["sso"], "features.Boards", "bad_key"),
    (("features", "x" * 65), EXAMPLE["features"]["sso"], f"features.{'x' * 64}", "bad_key"),
    (("features", 7), EXAMPLE["features"]["sso"], "features.7", "bad_key"),
    (("features", "exports", "on_upgrade"), "restart", "features.exports.on_upgrade", "bad_value"),
    (("features", "seats", "on_upgrade"), "reset", "features.seats.on_upgrade", "not_allowed"),
    (("features", "sso", "on_failure"), "deny", "features.sso.on_failure", "not_allowed"),
    (("features", "exports", "on_failure"), "closed", "features.exports.on_failure", "bad_value"),
    (("features", "sso", "over_limit"), "read_only", "features.sso.over_limit", "not_allowed"),
    (("features", "seats", "over_limit"), "grace", "features.seats.over_limit", "bad_value"),
    (("features", "seats", "over_limit"), 14, "features.seats.over_limit", "wrong_type"),
    (("features", "seats", "over_limit"), {}, "features.seats.over_limit.grace", "missing"),
    (("features", "seats", "over_limit"), {"grace": 0}, "features.seats.over_limit.grace", "out_of_range"),
    (("features", "seats", "over_limit"), {"grace": 731}, "features.seats.over_limit.grace", "out_of_range"),
    (("features", "seats", "over_limit"), {"grace": True}, "features.seats.over_limit.grace", "wrong_type"),
    (("features", "seats", "over_limit"), {"days": 3, "grace": 3}, "features.seats.over_limit.days", "unknown_field"),
]

METRIC = ("value_metrics", "minutes_saved")

VALUE_METRICS: list[Rule] = [
    (METRIC, {}, "value_metrics.minutes_saved.name", "missing"),
    ((*METRIC, "unit", "en"), {"one": "minute"}, "value_metrics.minutes_saved.unit.en.other", "missing"),
    ((*METRIC, "kind"), "metered", "value_metrics.minutes_saved.kind", "unknown_field"),
    (("value_metrics", "sso"), {"name": {"en": "x"}}, "value_metrics.sso", "duplicate"),
    (("value_metrics", "Saved"), {"name": {"en": "x"}}, "value_metrics.Saved", "bad_key"),
    (("value_metrics",), [], "value_metrics", "wrong_type"),
]

LIMITS = ("plans", "pro", "entitlements", "boards")
METER = ("plans", "pro", "entitlements", "exports")
PRICE = ("plans", "pro", "prices", 0)

ENTITLEMENTS: list[Rule] = [
    (("plans", "pro", "entitlements", "board"), 3, "plans.pro.entitlements.board", "unknown_reference"),
    (("plans", "pro", "entitlements", "sso"), 1, "plans.pro.entitlements.sso", "wrong_type"),
    (("plans", "pro", "entitlements", "sso"), "yes", "plans.pro.entitlements.sso", "wrong_type"),
    (("plans", "pro", "entitlements", "resolution"), "8k", "plans.pro.entitlements.resolution", "bad_value"),
    (("plans", "pro", "entitlements", "resolution"), 720, "plans.pro.entitlements.resolution", "wrong_type"),
    (("plans", "pro", "entitlements", "retention_days"), "30", "plans.pro.entitlements.retention_days", "wrong_type"),
    (("plans", "pro", "entitlements", "retention_days"), -1, "plans.pro.entitlements.retention_days", "out_of_range"),
    (LIMITS, True, "plans.pro.entitlements.boards", "wrong_type"),
    (LIMITS, 3.0, "plans.pro.entitlements.boards", "wrong_type"),
    (LIMITS, 2.6e-42, "plans.pro.entitlements.boards", "wrong_type"),
    (LIMITS, -1, "plans.pro.entitlements.boards", "out_of_range"),
    (LIMITS, 2**53, "plans.pro.entitlements.boards", "out_of_range"),
    (LIMITS, "infinite", "plans.pro.entitlements.boards", "wrong_type"),
    (LIMITS, [{"limit": 3}], "plans.pro.entitlements.boards", "wrong_type"),
    (LIMITS, {"limit": 3, "per": "month"}, "plans.pro.entitlements.boards.per", "not_allowed"),
    (LIMITS, {}, "plans.pro.entitlements.boards.limit", "missing"),
    ((*LIMITS, "limit"), 2.6e-42, "plans.pro.entitlements.boards.limit", "wrong_type"),
    ((*LIMITS, "limit"), True, "plans.pro.entitlements.boards.limit", "wrong_type"),
    ((*LIMITS, "limit"), "unlimted", "plans.pro.entitlements.boards.limit", "bad_value"),
    ((*LIMITS, "limit"), None, "plans.pro.entitlements.boards.limit", "wrong_type"),
    ((*LIMITS, "enforcement"), "hard", "plans.pro.entitlements.boards.overage", "not_allowed"),
    ((*LIMITS, "overage"), -1, "plans.pro.entitlements.boards.overage", "out_of_range"),
    ((*LIMITS, "warn_at"), [80, 80], "plans.pro.entitlements.boards.warn_at[1]", "bad_value"),
    ((*LIMITS, "warn_at"), [80, 50], "plans.pro.entitlements.boards.warn_at[1]", "bad_value"),
    ((*LIMITS, "warn_at"), [0], "plans.pro.entitlements.boards.warn_at[0]", "out_of_range"),
    ((*LIMITS, "warn_at"), [101], "plans.pro.entitlements.boards.warn_at[0]", "out_of_range"),
    ((*LIMITS, "warn_at"), 80, "plans.pro.entitlements.boards.warn_at", "wrong_type"),
    ((*LIMITS, "limits"), 3, "plans.pro.entitlements.boards.limits", "unknown_field"),
    (METER, 5, "plans.pro.entitlements.exports.per", "missing"),
    (METER, {"limit": 5}, "plans.pro.entitlements.exports.per", "missing"),
    (METER, {"limit": 5, "per": "fortnight"}, "plans.pro.entitlements.exports.per", "bad_value"),
    (METER, False, "plans.pro.entitlements.exports", "wrong_type"),
    (METER, [], "plans.pro.entitlements.exports", "out_of_range"),
    (METER, ["unlimited"], "plans.pro.entitlements.exports[0]", "wrong_type"),
    (METER, [{"limit": 5}], "plans.pro.entitlements.exports[0].per", "missing"),
    (METER, [{"limit": 1, "per": "day"}, {"limit": 2, "per": "day"}], "plans.pro.entitlements.exports[1]", "duplicate"),
    (METER, {"limit": 1, "per": "day", "scope": "team"}, "plans.pro.entitlements.exports.scope", "bad_value"),
    (METER, {"limit": 1, "per": "day", "anchor": "x"}, "plans.pro.entitlements.exports.anchor", "bad_value"),
    (METER, {"limit": 1, "per": "day", "time_zone": "Mars"}, "plans.pro.entitlements.exports.time_zone", "bad_value"),
]

PRODUCTS: list[Rule] = [
    (("plans", "pro", "rank"), 0, "plans.pro.rank", "duplicate"),
    (("plans", "pro", "rank"), ABSENT, "plans.pro.rank", "missing"),
    (("plans", "pro", "rank"), 3.0, "plans.pro.rank", "wrong_type"),
    (("plans", "pro", "name"), ABSENT, "plans.pro.name", "missing"),
    (("plans", "pro", "price"), [], "plans.pro.price", "unknown_field"),
    ((*PRICE, "interval"), "year", "plans.pro.prices[1]", "duplicate"),
    ((*PRICE, "interval"), "week", "plans.pro.prices[0].interval", "bad_value"),
    ((*PRICE, "currency"), "eur", "plans.pro.prices[0].currency", "bad_value"),
    ((*PRICE, "currency"), "EURO", "plans.pro.prices[0].currency", "bad_value"),
    ((*PRICE, "amount"), 29.0, "plans.pro.prices[0].amount", "wrong_type"),
    ((*PRICE, "amount"), -1, "plans.pro.prices[0].amount", "out_of_range"),
    ((*PRICE, "per"), "user", "plans.pro.prices[0].per", "bad_value"),
    (("addons", "extra_exports", "max_quantity"), 0, "addons.extra_exports.max_quantity", "out_of_range"),
    (("addons", "extra_exports", "plans", 1), "por", "addons.extra_exports.plans[1]", "unknown_reference"),
    (("addons", "extra_exports", "plans", 1), "free", "addons.extra_exports.plans[1]", "duplicate"),
    (("addons", "extra_exports", "plans"), [], "addons.extra_exports.plans", "out_of_range"),
    (("addons", "extra_exports", "rank"), 1, "addons.extra_exports.rank", "unknown_field"),
]

GATES: list[Rule] = [
    (("gates", "admin", "requires"), ABSENT, "gates.admin.requires", "missing"),
    (("gates", "admin", "requires"), "ssso", "gates.admin.requires", "unknown_reference"),
    (("gates", "admin", "requires"), 3, "gates.admin.requires", "wrong_type"),
    (("gates", "admin", "requires"), {}, "gates.admin.requires", "bad_value"),
    (("gates", "admin", "requires"), {"all": ["sso"], "any": ["sso"]}, "gates.admin.requires", "bad_value"),
    (("gates", "admin", "requires"), {"all": []}, "gates.admin.requires.all", "out_of_range"),
    (("gates", "admin", "requires"), {"any": ["sso", "sso"]}, "gates.admin.requires", "duplicate"),
    (("gates", "admin", "requires"), {"all": ["boards", "exports"]}, "gates.admin.requires", "not_allowed"),
    (("gates", "admin", "requires"), {"feature": "boards", "units": -1}, "gates.admin.requires.units", "out_of_range"),
    (("gates", "admin", "requires"), {"feature": "sso", "units": 0}, "gates.admin.requires.units", "not_allowed"),
    (("gates", "admin", "requires"), {"feature": "sso", "units": 1}, "gates.admin.requires.units", "not_allowed"),
    (
        ("gates", "admin", "requires"),
        {"feature": "boards", "at_least": 1},
        "gates.admin.requires.at_least",
        "not_allowed",
    ),
    (
        ("gates", "admin", "requires"),
        {"feature": "resolution", "at_least": "8k"},
        "gates.admin.requires.at_least",
        "bad_value",
    ),
    (
        ("gates", "admin", "requires"),
        {"any": [{"feature": "nope"}]},
        "gates.admin.requires.any[0].feature",
        "unknown_reference",
    ),
    (("gates", "boards", "requires"), "sso", "gates.boards.requires", "not_allowed"),
    (("gates", "boards", "requires"), {"any": ["boards", "sso"]}, "gates.boards.requires", "not_allowed"),
    (("gates", "admin", "mode"), "off", "gates.admin.mode", "bad_value"),
    (("gates", "admin", "on_failure"), "allow", "gates.admin.on_failure", "bad_value"),
    (("gates", "admin", "placement"), "Top Bar", "gates.admin.placement", "bad_key"),
    (("gates", "admin", "feature"), "sso", "gates.admin.feature", "unknown_field"),
    (("gates", "Admin"), {"requires": "sso"}, "gates.Admin", "bad_key"),
]


def test_the_example_is_valid() -> None:
    assert problems_of(EXAMPLE) == ()


@pytest.mark.parametrize(
    ("place", "value", "path", "code"),
    [*DOCUMENT, *FEATURES, *VALUE_METRICS, *ENTITLEMENTS, *PRODUCTS, *GATES],
)
def test_a_broken_rule_is_reported_once_and_where_it_is_broken(
    place: tuple[str | int, ...], value: Any, path: str, code: str
) -> None:
    assert found_in(changed(*place, to=value)) == [(path, code)]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("time_zone",), "UTC"),
        (("default_plan",), ABSENT),
        (("features", "sso", "name", "en"), "x" * 500),
        (("features", "sso", "name", "en"), "שלום\u200f"),
        (("features", "resolution", "values"), ["720p", "4k"]),
        (("features", "k" * 64), {"kind": "switch", "name": {"en": "k"}}),
        (("plans", "pro", "entitlements", "boards"), 2**53 - 1),
        (("plans", "pro", "entitlements", "exports"), {"limit": 0, "per": "never"}),
        (("plans", "pro", "entitlements"), ABSENT),
        (("plans", "pro", "prices"), []),
        (("gates", "admin", "requires"), {"any": ["boards", "exports", "seats"]}),
        (("gates", "admin", "requires"), {"all": ["boards", "sso", "resolution"]}),
    ],
)
def test_what_no_rule_forbids_is_allowed(place: tuple[str | int, ...], value: Any) -> None:
    assert found_in(changed(*place, to=value)) == []


@pytest.mark.parametrize("document", [None, True, 3, "schema: 1", [], [{"schema": 1}]])
def test_what_is_no_object_is_one_problem(document: object) -> None:
    assert found_in(document) == [("", "wrong_type")]


@pytest.mark.parametrize(
    ("part", "most", "entry"),
    [
        ("features", 2_000, {"kind": "switch", "name": {"en": "x"}}),
        ("addons", 500, {"name": {"en": "x"}}),
        ("gates", 5_000, {"requires": "sso"}),
    ],
)
def test_a_part_has_an_upper_size(part: str, most: int, entry: dict[str, Any]) -> None:
    others = EXAMPLE[part]
    fitting = {**others, **{f"k{number}": entry for number in range(most - len(others))}}

    assert found_in(changed(part, to=fitting)) == []
    assert (part, "out_of_range") in found_in(changed(part, to={**fitting, "one_more": entry}))


def test_there_are_at_most_a_hundred_plans() -> None:
    plans = {f"p{rank}": {"name": {"en": "x"}, "rank": rank} for rank in range(98)}
    fitting = {**plans, "free": {"name": {"en": "x"}, "rank": 98}, "pro": {"name": {"en": "x"}, "rank": 99}}

    assert found_in(changed("plans", to=fitting)) == []
    assert ("plans", "out_of_range") in found_in(
        changed("plans", to={**fitting, "more": {"name": {"en": "x"}, "rank": 100}})
    )
