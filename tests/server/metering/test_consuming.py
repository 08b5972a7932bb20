"""Check and count in one step: what is granted is counted, what is refused is not, and an answer never changes."""

from __future__ import annotations

from datetime import timedelta

import pytest


def event(key, **fields):
    return {"key": key, "customer": "acme", "feature": "exports", **fields}


def test_units_are_counted_up_to_the_limit_and_no_further(meters, counted):
    granted = [meters.consume(quantity=2)["granted"] for _ in range(3)]

    assert granted == [True, True, False]
    assert counted() == (4, 4)


def test_the_answer_says_what_is_left(meters):
    answer = meters.consume(quantity=3)

    assert answer["receipt"] == [{"bucket": "base", "units": 3}]
    assert answer["counters"] == [
        {"feature": "exports", "user": None, "window": "month:2026-11-01T00:00:00Z", "used": 3}
    ]
    told = {name: answer["decision"][name] for name in ("reason", "used", "limit", "remaining", "resets_at")}
    assert told == {
        "reason": "entitled",
        "used": 3,
        "limit": 5,
        "remaining": 2,
        "resets_at": "2026-12-01T00:00:00Z",
    }


def test_a_refusal_says_why_and_what_to_do_about_it(meters):
    meters.consume(quantity=5)

    refused = meters.consume()

    assert (refused["granted"], refused["decision"]["reason"], refused["receipt"]) == (False, "limit_reached", [])
    assert [option["plan"] for option in refused["offer"]["content"]["options"]] == ["pro"]
    assert refused["offer"]["impression_id"].startswith("imp_")


def test_a_refusal_is_the_one_of_a_check(meters, runtime_caller):
    meters.consume(quantity=4)

    refused = meters.consume(quantity=2)["decision"]

    check = {"customer": "acme", "gate": "exports", "units": 2}
    assert refused == runtime_caller.post("/v1/check", json=check).json["decision"]


def test_the_same_key_is_answered_alike_for_ever(meters, counted, subscribe):
    first = meters.consume(quantity=5, key="a")
    refused = meters.consume(key="b")
    subscribe("acme")

    again, refused_again = meters.consume(quantity=5, key="a"), meters.consume(key="b")

    assert (again, again["decision"]) == (first | {"replayed": True}, first["decision"])
    assert refused_again == refused | {"replayed": True, "offer": None}
    assert counted()[0] == 5


def test_a_repetition_is_told_in_a_header(meters):
    meters("consume", key="a", gate="exports")

    assert meters("consume", key="a", gate="exports").headers["Idempotent-Replay"] == "true"


def test_a_repetition_in_another_language_is_the_same(meters):
    meters.consume(key="a")

    assert meters.consume(key="a", language="de")["replayed"]


def test_a_key_used_for_something_else_names_what_differs(meters, counted):
    meters.consume(quantity=2, key="a", user="u1")

    answer = meters("consume", key="a", gate="exports", quantity=3, user="u2")

    assert (answer.status_code, answer.json["code"]) == (409, "idempotency_conflict")
    assert [error["path"] for error in answer.json["errors"]] == ["quantity", "user"]
    assert "2" in answer.json["errors"][0]["message"]
    assert counted()[0] == 2


def test_a_key_belongs_to_its_customer(meters):
    meters.consume(key="a")

    assert meters.consume(key="a", customer="globex")["replayed"] is False


def test_without_a_key_each_request_counts(meters, counted):
    keys = {meters.consume()["key"] for _ in range(3)}

    assert (len(keys), counted()[0]) == (3, 3)


def test_a_soft_limit_lets_pass_up_to_its_overage(meters):
    reasons = [meters.consume("calls", 6)["decision"]["reason"] for _ in range(3)]

    assert reasons == ["entitled", "within_overage", "limit_reached"]


def test_each_user_has_a_limit_of_their_own(meters):
    granted = {user: [meters.consume("texts", user=user)["granted"] for _ in range(3)] for user in ("u1", "u2")}

    assert granted == {"u1": [True, True, False], "u2": [True, True, False]}


def test_the_accounts_limit_stands_above_those_of_its_users(meters):
    for user in ("u1", "u2"):
        meters.consume("texts", 2, user=user)

    assert [meters.consume("texts", user="u3")["granted"] for _ in range(2)] == [True, False]


def test_a_limit_by_user_needs_a_user(meters, counted):
    answer = meters("consume", gate="texts")

    assert (answer.status_code, answer.json["code"]) == (422, "user_required")
    assert counted() == (0, 0)


def test_what_is_not_included_is_refused_as_that(meters, subscribe):
    subscribe("acme")

    refused = meters.consume("calls")

    assert (refused["granted"], refused["decision"]["reason"]) == (False, "not_included")


def test_a_change_of_plan_by_another_process_decides_the_next_use(meters, subscribe, other_meters):
    assert other_meters.consume(quantity=5)["granted"]
    assert not other_meters.consume()["granted"]

    subscribe("acme")

    assert other_meters.consume(quantity=40)["decision"]["limit"] == 50
    assert not other_meters.consume(quantity=6)["granted"]


def test_what_was_used_before_a_change_of_plan_counts_after_it(meters, subscribe):
    """The new plan counts by the day; what was used today under the old one stands in no counter of that name."""
    meters.consume(quantity=5)

    subscribe("acme")

    assert meters.used() == 5
    assert meters.consume(quantity=45)["decision"]["remaining"] == 0


def test_a_new_day_begins_with_nothing(meters, subscribe, clock):
    subscribe("acme")
    meters.consume(quantity=50)
    clock.advance(timedelta(hours=15))

    assert (meters.used(), meters.consume()["granted"]) == (0, True)


def test_a_published_feature_can_be_used_at_once(meters, other_meters, document, publish):
    meters.consume()
    document["features"]["prints"] = {"kind": "metered", "name": {"en": "Prints"}}
    document["plans"]["free"]["entitlements"]["prints"] = {"limit": 1, "per": "month"}
    publish(document)

    assert other_meters.consume("prints")["granted"]
    assert meters.consume("prints")["decision"]["reason"] == "limit_reached"


@pytest.mark.parametrize("field", ["gate", "feature"])
def test_a_feature_is_a_gate_of_its_own_key(meters, field):
    answer = meters("consume", **{field: "exports"})

    assert (answer.json["granted"], answer.json["decision"]["gate"]) == (True, "exports")


def test_of_a_customer_nobody_told_us_of_the_default_plan_is_used_up(meters):
    assert [meters.consume(customer="somebody", quantity=3)["granted"] for _ in range(2)] == [True, False]
