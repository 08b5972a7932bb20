"""An explanation names the rule that decided, in the order in which the rules apply."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from liftgate.engine import wire
from liftgate.engine.catalogue import read_catalogue
from liftgate.engine.catalogue_model import Snapshot
from liftgate.engine.customer_state import CustomerState
from liftgate.engine.decision import Reason
from liftgate.engine.explain import Explanation, SkippedStep, explain
from liftgate.engine.judging import Asked
from tests.case_files import Case, read_cases, snapshot_document, state_document

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
CASES = {case.name: case for case in read_cases()}


def _explain(case: Case) -> Explanation:
    snapshot = wire.decode_snapshot(snapshot_document(case))
    state = wire.decode_state(state_document(case))
    check = case.check
    asked = Asked(at=case.at, user=check.get("user"), units=check.get("units"), reported=check.get("used"))
    return explain(snapshot, state, check["gate"], asked)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_an_explanation_carries_the_decision_and_a_decisive_rule(case: Case) -> None:
    explanation = _explain(case)

    assert explanation.decision.reason == case.expected["decision"]["reason"]
    assert any(step.decisive for step in explanation.trace)


@pytest.mark.parametrize(
    ("name", "rule", "words"),
    [
        ("mode-open", "gate_mode", "open"),
        ("revoke-wins-over-plan", "revoke", "chargeback"),
        ("override-raises", "base", "override:grt_1 gives 8"),
        ("plan-subscribed", "base", "plan:pro@1 gives 50"),
        ("switch-by-addon", "add_on", "addon:sso_addon@1 gives on"),
        ("promotion-switch", "promotion", "promotion:grt_1 gives on until"),
        ("gate-any-second-holds", "gate_match", "audit_log decides"),
        ("mode-observe-lets-pass", "observe", "not_included"),
        ("unknown-gate", "gate", "nowhere.at_all"),
    ],
)
def test_the_decisive_rule_is_told_in_words(name: str, rule: str, words: str) -> None:
    trace = _explain(CASES[name]).trace

    assert any(step.decisive and step.rule == rule and words in step.detail for step in trace), trace


def test_an_override_that_sets_the_plan_aside_is_told() -> None:
    trace = _explain(CASES["override-lowers"]).trace

    assert any("set aside by an override" in step.detail for step in trace)


def test_the_steps_that_were_not_offered_are_named_with_their_reason() -> None:
    skipped = {step.step: step.reason for step in _explain(CASES["offer-skips-insufficient-plan"]).skipped}

    assert skipped == {"plan:pro": "insufficient"}


def test_larger_steps_than_needed_are_named_as_such() -> None:
    skipped = {step.step: step.reason for step in _explain(CASES["offer-smallest-plan"]).skipped}

    assert skipped == {"plan:business": "larger_than_needed"}


def test_what_suffices_but_is_not_sold_is_named_as_such() -> None:
    document = {
        "schema": 1,
        "languages": ["en"],
        "features": {"sso": {"kind": "switch", "name": {"en": "Single sign-on"}}},
        "plans": {
            "partner": {"name": {"en": "Partner"}, "rank": 5, "entitlements": {"sso": True}},
            "pro": {
                "name": {"en": "Pro"},
                "rank": 10,
                "prices": [{"interval": "month", "currency": "EUR", "amount": 1}],
                "entitlements": {"sso": True},
            },
        },
    }
    snapshot = Snapshot("test", 1, AT, read_catalogue(document), {"partner": 1, "pro": 1}, {})
    explanation = explain(snapshot, CustomerState("test", "acme", 1), "sso", Asked(at=AT))

    assert explanation.decision.offer is not None
    assert explanation.decision.offer.content.options[0].plan == "pro"
    assert explanation.skipped == (SkippedStep("plan:partner", "not_sold"),)


def test_a_granted_answer_considers_no_step() -> None:
    explanation = _explain(CASES["plan-subscribed"])

    assert explanation.decision.reason is Reason.ENTITLED
    assert explanation.skipped == ()


def test_a_step_carries_what_it_is_about_for_those_who_tell_it_in_other_words() -> None:
    step = next(step for step in _explain(CASES["override-raises"]).trace if step.decisive)

    assert step.source is not None
    assert step.source.name == "override:grt_1"
    assert step.given is not None
    assert [cap.limit for cap in step.given.entitlement.caps] == [8]
