"""How the problems of a catalogue document are reported: all at once, in words that help, at a bounded cost."""

from __future__ import annotations

import pytest

from liftgate.engine.catalogue import InvalidCatalogue, ProblemCode, read_catalogue, read_entitlement
from liftgate.engine.catalogue_model import Feature, FeatureKind
from tests.engine.catalogue_examples import ABSENT, EXAMPLE, changed, found_in, problems_of


def _message_at(path: str, document: object) -> str:
    return next(problem.message for problem in problems_of(document) if problem.path == path)


def test_all_problems_of_all_parts_are_reported_at_once() -> None:
    document = {
        "schema": 1,
        "languages": ["en"],
        "default_plan": "basic",
        "features": {"boards": {"kind": "capacity", "name": {}}, "Bad": {"kind": "switch", "name": {"en": "x"}}},
        "plans": {
            "free": {"name": {"en": "Free"}, "rank": 0, "entitlements": {"boards": 2.6e-42, "nope": True}},
            "pro": {"name": {"en": "Pro"}, "rank": 0, "prices": [{"interval": "month", "currency": "EUR"}]},
        },
        "gates": {"create": {"requires": "board", "mode": "on", "colour": "red"}},
    }

    assert set(found_in(document)) == {
        ("default_plan", "unknown_reference"),
        ("features.boards.name.en", "missing"),
        ("features.Bad", "bad_key"),
        ("plans.free.entitlements.boards", "wrong_type"),
        ("plans.free.entitlements.nope", "unknown_reference"),
        ("plans.pro.rank", "duplicate"),
        ("plans.pro.prices[0].amount", "missing"),
        ("gates.create.requires", "unknown_reference"),
        ("gates.create.mode", "bad_value"),
        ("gates.create.colour", "unknown_field"),
    }


def test_the_error_names_the_first_problem_and_counts_the_others() -> None:
    with pytest.raises(InvalidCatalogue, match=r"schema: .* \(and 1 more\)"):
        read_catalogue({"features": {}})


def test_a_problem_knows_the_line_of_its_path() -> None:
    problems = problems_of(changed("plans", "pro", "rank", to=3.0), lines={"plans.pro.rank": 44})

    assert [problem.line for problem in problems] == [44]


def test_a_missing_field_has_the_line_of_what_it_is_missing_from() -> None:
    problems = problems_of(changed("plans", "pro", "prices", 0, "amount", to=ABSENT), lines={"plans.pro.prices[0]": 50})

    assert [problem.line for problem in problems] == [50]


def test_without_lines_there_is_no_line() -> None:
    assert [problem.line for problem in problems_of(changed("schema", to=2))] == [None]


def test_problems_come_in_the_order_of_their_lines() -> None:
    document = changed("time_zone", to="Mars")
    document["default_plan"] = "nope"
    lines = {"default_plan": 3, "time_zone": 4}

    assert [problem.line for problem in problems_of(document, lines=lines)] == [3, 4]


@pytest.mark.parametrize(
    ("path", "document", "words"),
    [
        ("default_plan", changed("default_plan", to="fre"), "Did you mean 'free'?"),
        ("gates.admin.requires", changed("gates", "admin", "requires", to="board"), "Did you mean 'boards'?"),
        ("defualt_plan", changed("defualt_plan", to="free"), "Did you mean 'default_plan'?"),
        ("features.sso.kind", changed("features", "sso", "kind", to="swich"), "Did you mean 'switch'?"),
        (
            "plans.pro.entitlements.boards.limit",
            changed("plans", "pro", "entitlements", "boards", "limit", to="unlimted"),
            "Did you mean 'unlimited'?",
        ),
    ],
)
def test_a_slip_of_the_pen_gets_the_word_that_was_meant(path: str, document: object, words: str) -> None:
    assert words in _message_at(path, document)


def test_a_metered_number_is_told_how_to_write_its_period() -> None:
    document = changed("plans", "pro", "entitlements", "exports", to=5)

    assert "{limit: 5, per: month}" in _message_at("plans.pro.entitlements.exports.per", document)


def test_a_long_value_is_shortened_in_the_message() -> None:
    message = _message_at("features.sso.kind", changed("features", "sso", "kind", to="x" * 100_000))

    assert "x" * 40 in message
    assert len(message) < 200


def test_a_number_too_long_to_print_is_described() -> None:
    message = _message_at("plans.pro.rank", changed("plans", "pro", "rank", to=10**5000))

    assert "more than 20 digits" in message


def test_a_feature_that_could_not_be_read_is_not_called_unknown_elsewhere() -> None:
    assert found_in(changed("features", "sso", "kind", to="toggle")) == [("features.sso.kind", "bad_value")]


def test_a_rank_that_could_not_be_read_does_not_collide() -> None:
    assert found_in(changed("plans", "pro", "rank", to="0")) == [("plans.pro.rank", "wrong_type")]


def test_the_list_of_problems_ends_at_a_thousand() -> None:
    problems = problems_of({**EXAMPLE, **{f"field_{number}": 1 for number in range(200_000)}})

    assert len(problems) == 1_001
    assert problems[-1].code is ProblemCode.UNREADABLE


def test_a_deep_document_is_not_followed_down() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]

    assert found_in(changed("plans", "pro", "rank", to=deep)) == [("plans.pro.rank", "wrong_type")]


def test_reading_leniently_passes_over_unknown_fields_and_nulls() -> None:
    document = changed("gates", "admin", "colour", to="red")
    document["time_zone"] = None

    catalogue = read_catalogue(document, strict=False)

    assert catalogue.gates == read_catalogue(EXAMPLE).gates
    assert catalogue.time_zone == "UTC"


def test_an_entitlement_alone_is_refused_at_the_path_it_was_given() -> None:
    boards = Feature("boards", FeatureKind.CAPACITY, {"en": "Boards"})

    with pytest.raises(InvalidCatalogue) as refusal:
        read_entitlement(boards, {"limit": True}, path="grant.entitlement")

    assert [problem.path for problem in refusal.value.problems] == ["grant.entitlement.limit"]
