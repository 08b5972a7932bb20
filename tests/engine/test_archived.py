"""What is archived goes on working for whoever has it, and is sold to nobody."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

from liftgate.engine.catalogue import read_catalogue
from liftgate.engine.catalogue_model import Snapshot
from liftgate.engine.customer_state import AddOnPhase
from liftgate.engine.evaluate import Evaluator
from liftgate.engine.judging import Asked
from liftgate.engine.steps import Step, smallest_step
from tests.engine.catalogue_examples import changed, found_in
from tests.engine.upsell import AT, DOCUMENT, SNAPSHOT, customer


def archiving(*places: tuple[str, str]) -> Snapshot:
    document: dict[str, Any] = copy.deepcopy(DOCUMENT)
    for part, key in places:
        document[part][key]["archived"] = True
    return replace(SNAPSHOT, catalogue=read_catalogue(document))


def step(snapshot: Snapshot, gate: str, plan: str | None = None, **fields: Any) -> Step | None:
    found = snapshot.gate(gate)
    assert found is not None
    return smallest_step(snapshot, customer(plan, **fields), found, Asked(AT))


def bought(found: Step | None) -> str | None:
    product = None if found is None else found.plan or found.addon
    return None if product is None else product.key


@pytest.mark.parametrize(
    ("archived", "expected"),
    [((), "more_exports"), ((("addons", "more_exports"),), "business"), ((("features", "exports"),), None)],
)
def test_what_is_archived_is_not_the_way_to_more(archived: tuple[tuple[str, str], ...], expected: str | None) -> None:
    state = {"usage": {("exports", None, "month:2026-10-31T23:00:00Z"): 500}}

    assert bought(step(archiving(*archived), "exports", "pro", **state)) == expected


def test_an_archived_plan_is_passed_over() -> None:
    usage = {("boards", None, "never"): 3}

    found = [bought(step(archiving(*which), "boards", usage=usage)) for which in ((), (("plans", "pro"),))]

    assert found == ["pro", "business"]


def test_more_of_an_archived_add_on_is_not_offered_to_who_has_it() -> None:
    held = AddOnPhase("more_exports", 1, 1, starts_at=AT)
    usage = {("exports", None, "month:2026-10-31T23:00:00Z"): 600}

    assert (
        bought(step(archiving(("addons", "more_exports")), "exports", "pro", addons=(held,), usage=usage)) == "business"
    )


def test_an_archived_add_on_goes_on_giving() -> None:
    held = AddOnPhase("login", 1, 1, starts_at=AT)

    decision = Evaluator(archiving(("addons", "login")), customer("pro", addons=(held,))).decide("sso", at=AT)

    assert decision.granted


def test_archiving_changes_no_decision() -> None:
    everything = archiving(*[(part, key) for part in ("features", "addons", "gates") for key in DOCUMENT[part]])

    for gate in (*DOCUMENT["gates"], *DOCUMENT["features"]):
        answers = [Evaluator(one, customer("pro")).decide(gate, at=AT) for one in (SNAPSHOT, everything)]
        assert replace(answers[0], _build_offer=None) == replace(answers[1], _build_offer=None)


def test_an_archived_feature_is_no_benefit() -> None:
    usage = {("boards", None, "never"): 3}
    lists = [
        Evaluator(one, customer(usage=usage)).decide("boards", at=AT).offer
        for one in (SNAPSHOT, archiving(("features", "audit")))
    ]

    assert lists[0] is not None
    assert lists[1] is not None
    assert set(lists[0].content.bullets) - set(lists[1].content.bullets) == {"Audit log"}


def test_of_any_features_the_one_that_is_not_archived_is_offered() -> None:
    assert bought(step(archiving(("features", "audit")), "security")) == "business"


def test_of_all_features_an_archived_one_that_is_held_does_not_stand_in_the_way() -> None:
    document: dict[str, Any] = copy.deepcopy(DOCUMENT)
    document["gates"]["both"] = {"requires": {"all": ["audit", "sso"]}}
    document["features"]["audit"]["archived"] = True
    snapshot = replace(SNAPSHOT, catalogue=read_catalogue(document))

    assert bought(step(snapshot, "both", "pro")) == "login"
    assert step(snapshot, "both") is None


def test_the_default_plan_is_not_archived() -> None:
    assert found_in(changed("plans", "free", "archived", to=True)) == [("default_plan", "not_allowed")]


@pytest.mark.parametrize("part", ["features", "plans", "addons", "gates"])
def test_archived_is_true_or_false(part: str) -> None:
    key = {"features": "sso", "plans": "pro", "addons": "extra_exports", "gates": "video"}[part]

    assert found_in(changed(part, key, "archived", to=1)) == [(f"{part}.{key}.archived", "wrong_type")]


@pytest.mark.parametrize(
    ("trial", "problem"),
    [
        ({"days": 0}, ("plans.pro.trial.days", "out_of_range")),
        ({"days": 731}, ("plans.pro.trial.days", "out_of_range")),
        ({}, ("plans.pro.trial.days", "missing")),
        (14, ("plans.pro.trial", "wrong_type")),
        ({"days": 3, "uses": 1}, ("plans.pro.trial.uses", "unknown_field")),
    ],
)
def test_a_trial_policy_is_a_number_of_days(trial: object, problem: tuple[str, str]) -> None:
    assert found_in(changed("plans", "pro", "trial", to=trial)) == [problem]


def test_what_no_kind_of_feature_could_take_is_told_though_the_kind_is_wrong() -> None:
    document = changed("features", "exports", "kind", to="meter")
    document["plans"]["free"]["entitlements"]["exports"] = {"limit": -1, "per": "fortnight"}

    assert {path for path, _ in found_in(document)} == {
        "features.exports.kind",
        "plans.free.entitlements.exports.limit",
        "plans.free.entitlements.exports.per",
    }
