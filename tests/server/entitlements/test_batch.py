from __future__ import annotations

import pytest

pytestmark = pytest.mark.usefixtures("document")


def batch(caller, **fields):
    answer = caller.post("/v1/check/batch", json={"customer": "acme", **fields})
    assert answer.status_code == 200, answer.text
    return answer.json["decisions"]


def test_the_gates_asked_for_are_decided(runtime_caller):
    decisions = batch(runtime_caller, gates=["login.sso", "boards.create", "nowhere", "login.sso"])
    assert {gate: decision["reason"] for gate, decision in decisions.items()} == {
        "login.sso": "not_included",
        "boards.create": "entitled",
        "nowhere": "unknown_gate",
    }


def test_without_gates_every_gate_and_feature_is_decided(runtime_caller):
    assert set(batch(runtime_caller)) == {"boards.create", "login.sso", "boards", "exports", "sso"}


def test_no_gates_are_no_decisions(runtime_caller):
    assert batch(runtime_caller, gates=[]) == {}


def test_a_batch_says_what_single_checks_say(runtime_caller, subscribe):
    subscribe("acme")
    for gate, decision in batch(runtime_caller, user="u1").items():
        single = runtime_caller.post("/v1/check", json={"customer": "acme", "gate": gate, "user": "u1"})
        assert single.json["decision"] == decision


def test_the_hosts_own_counts_are_by_gate(runtime_caller):
    decisions = batch(runtime_caller, used={"boards.create": 3, "exports": {"day": 4}})
    assert decisions["boards.create"]["reason"] == "limit_reached"
    assert decisions["exports"]["remaining"] == 1
    assert decisions["boards"]["used"] == 0
