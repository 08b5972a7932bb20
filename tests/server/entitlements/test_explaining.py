from __future__ import annotations

import pytest

pytestmark = pytest.mark.usefixtures("document")


def explain(caller, gate, **fields):
    answer = caller.post("/v1/explain", json={"customer": "acme", "gate": gate, **fields})
    assert answer.status_code == 200, answer.text
    return answer.json


def test_the_trace_names_the_rule_that_decided(runtime_caller):
    answer = explain(runtime_caller, "boards.create", used=3)
    assert answer["decision"]["reason"] == "limit_reached"
    assert [step["rule"] for step in answer["trace"] if step["decisive"]] == ["base", "verdict"]
    assert "default_plan:free@1 gives 3" in answer["trace"][1]["detail"]


def test_what_is_not_offered_is_listed_with_its_reason(runtime_caller, publish, document):
    document["plans"]["starter"] = {
        "name": {"en": "Starter"},
        "rank": 5,
        "prices": [{"interval": "month", "currency": "EUR", "amount": 900}],
        "entitlements": {"boards": 3},
    }
    publish(document)
    assert explain(runtime_caller, "boards.create", used=3)["skipped"] == [
        {"step": "plan:starter", "reason": "insufficient"}
    ]


def test_a_check_and_its_explanation_agree(runtime_caller, subscribe):
    subscribe("acme")
    for gate in ("boards.create", "login.sso", "exports", "nowhere"):
        checked = runtime_caller.post("/v1/check", json={"customer": "acme", "gate": gate}).json
        assert explain(runtime_caller, gate)["decision"] == checked["decision"]


def test_the_past_is_explained_from_phases_that_are_long_over(manager, subscribe, clock):
    subscribe("acme")
    manager.post("/v1/customers/acme/subscription/cancel", json={"when": "now"})
    clock.set(clock.now().replace(year=2027))
    then = explain(manager, "login.sso", at="2026-11-22T09:00:00Z")["decision"]
    now = explain(manager, "login.sso")["decision"]
    assert (then["granted"], now["granted"]) == (False, False)
    assert now["reason"] == "not_included"
