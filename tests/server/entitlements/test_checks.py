from __future__ import annotations

import pytest

from liftgate.engine.wire import decode_decision, decode_payload
from liftgate_server.access.caller import Role

pytestmark = pytest.mark.usefixtures("document")


def check(caller, gate, **fields):
    answer = caller.post("/v1/check", json={"customer": "acme", "gate": gate, **fields})
    assert answer.status_code == 200, answer.text
    return answer.json


def test_a_gate_within_the_limit_is_granted_without_an_offer(runtime_caller):
    answer = check(runtime_caller, "boards.create", used=2)
    assert (answer["decision"]["granted"], answer["decision"]["remaining"], answer["offer"]) == (True, 1, None)


def test_a_refusal_says_what_to_buy(runtime_caller):
    answer = check(runtime_caller, "boards.create", used=3)
    assert answer["decision"]["reason"] == "limit_reached"
    offer = decode_payload(answer["offer"])
    assert [option.plan for option in offer.content.options] == ["pro"]
    assert decode_decision(answer["decision"]).granted is False


def test_every_offer_has_an_impression_of_its_own(runtime_caller):
    first, second = (check(runtime_caller, "login.sso")["offer"]["impression_id"] for _ in range(2))
    assert first.startswith("imp_")
    assert first != second


def test_a_customer_nobody_has_told_of_holds_the_default_plan(runtime_caller):
    decision = check(runtime_caller, "boards.create")["decision"]
    assert (decision["decided_by"], decision["customer_version"]) == ("default_plan:free@1", 0)


def test_a_subscription_decides_once_there_is_one(runtime_caller, subscribe):
    assert check(runtime_caller, "login.sso")["decision"]["reason"] == "not_included"
    subscribe("acme")
    decision = check(runtime_caller, "login.sso")["decision"]
    assert (decision["granted"], decision["decided_by"]) == (True, "plan:pro@1")


def test_an_unknown_gate_is_an_answer_and_not_an_error(runtime_caller):
    answer = check(runtime_caller, "No such gate!")
    assert (answer["decision"]["reason"], answer["decision"]["granted"], answer["offer"]) == (
        "unknown_gate",
        False,
        None,
    )
    assert answer["decision"]["fallback"] is True


@pytest.mark.parametrize(
    ("fields", "remaining"),
    [
        ({}, 5),
        ({"used": 2}, 3),
        ({"used": {"day": 2, "month": 18}}, 2),
        ({"used": {"month": 20}}, 0),
        ({"used": {}}, 5),
        ({"used": None, "units": None, "user": None, "language": None, "at": None}, 5),
    ],
)
def test_the_hosts_own_count_replaces_the_counters(runtime_caller, fields, remaining):
    assert check(runtime_caller, "exports", **fields)["decision"]["remaining"] == remaining


def test_units_ask_for_more_than_one(runtime_caller):
    assert check(runtime_caller, "boards.create", units=3)["decision"]["granted"] is True
    assert check(runtime_caller, "boards.create", units=4)["decision"]["reason"] == "limit_reached"


def test_a_question_with_a_count_leaves_no_trace_in_the_next_answer(runtime_caller):
    check(runtime_caller, "boards.create", used=3)
    assert check(runtime_caller, "boards.create")["decision"]["used"] == 0


def test_the_offer_is_in_the_language_asked_for(runtime_caller):
    assert check(runtime_caller, "login.sso", language="de")["offer"]["language"] == "de"
    assert check(runtime_caller, "login.sso")["offer"]["language"] == "en"


def test_who_may_not_buy_is_offered_to_ask(runtime_caller):
    runtime_caller.put("/v1/customers/acme", json={})
    runtime_caller.put("/v1/customers/acme/users/boss", json={"buyer": True})

    def kinds(user):
        return {action["kind"] for action in check(runtime_caller, "login.sso", user=user)["offer"]["actions"]}

    assert "checkout" in kinds("boss")
    assert "request_upgrade" in kinds("intern")


def test_a_remembered_answer_ends_when_its_time_does(runtime_caller, clock, subscribe, manager):
    subscribe("acme")
    manager.post("/v1/customers/acme/subscription/cancel", json={"when": "period_end"})
    decision = check(runtime_caller, "login.sso")["decision"]
    assert decision["valid_until"] == "2026-12-22T09:00:00Z"
    clock.set(decode_decision(decision).valid_until)
    assert check(runtime_caller, "login.sso")["decision"]["reason"] == "not_included"


def test_only_a_management_key_asks_about_another_instant(runtime_caller, manager, subscribe, clock):
    subscribe("acme")
    refused = runtime_caller.post("/v1/check", json={"customer": "acme", "gate": "sso", "at": "2026-01-01T00:00:00Z"})
    assert (refused.status_code, refused.json["code"]) == (403, "wrong_credentials")
    assert check(manager, "sso", at="2026-11-22T08:59:59Z")["decision"]["reason"] == "not_included"
    assert check(manager, "sso", at="2026-11-22T09:00:00Z")["decision"]["granted"] is True


def test_a_wrong_field_is_refused_by_name(runtime_caller):
    answer = runtime_caller.post("/v1/check", json={"customer": "acme", "gate": "sso", "units": 2.6e-42})
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_request")
    assert [(error["path"], error["code"]) for error in answer.json["errors"]] == [("units", "wrong_type")]


def test_all_wrong_fields_are_named_at_once(runtime_caller):
    errors = runtime_caller.post("/v1/check", json={"units": 1.5, "x": 1}).json["errors"]
    assert {error["path"] for error in errors} == {"customer", "gate", "units", "x"}


@pytest.mark.parametrize("path", ["/v1/check", "/v1/check/batch", "/v1/explain"])
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"data": "{", "content_type": "application/json"}, 400, "malformed_json"),
        ({"data": "[]", "content_type": "application/json"}, 422, "invalid_request"),
        ({"data": "null", "content_type": "application/json"}, 422, "invalid_request"),
        ({"data": "customer=acme", "content_type": "text/plain"}, 415, "unsupported_media_type"),
        ({"data": b" " * 300_000, "content_type": "application/json"}, 413, "too_large"),
    ],
)
def test_a_body_that_is_no_question_is_refused(runtime_caller, path, body, status, code):
    answer = runtime_caller.post(path, **body)
    assert (answer.status_code, answer.json["code"]) == (status, code)


def test_a_viewer_may_check(call_with, make_key):
    assert check(call_with(make_key(Role.VIEWER)), "boards.create")["decision"]["granted"] is True


def test_a_remembered_count_ends_with_its_period(runtime_caller, clock):
    first = check(runtime_caller, "exports", used={"day": 5})["decision"]
    assert (first["reason"], first["valid_until"]) == ("limit_reached", "2026-11-23T00:00:00Z")
    assert check(runtime_caller, "exports", used={"day": 5})["decision"] == first
    clock.set(decode_decision(first).valid_until)
    assert check(runtime_caller, "exports", used={"day": 5})["decision"]["resets_at"] == "2026-11-24T00:00:00Z"


def test_counts_that_look_alike_are_told_apart(runtime_caller):
    assert check(runtime_caller, "exports", used=3)["decision"]["used"] == 3
    assert check(runtime_caller, "exports", used={"day": 3})["decision"]["used"] == 3
    assert check(runtime_caller, "exports", used=3, units=2)["decision"]["granted"] is True
    assert check(runtime_caller, "exports", used={"month": 3})["decision"]["used"] == 0
