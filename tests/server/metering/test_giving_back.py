"""Refunds go back to where the units came from; levels are said, not consumed."""

from __future__ import annotations

import pytest

from liftgate_server.plumbing.changes import latest_number


def refund(meters, key, quantity=None, *, own_key=None, customer="acme"):
    headers = {} if own_key is None else {"Idempotency-Key": own_key}
    body = {"customer": customer, "key": key, "quantity": quantity}
    return meters.caller.post("/v1/usage/refund", json=body, headers=headers)


def test_units_go_back_to_the_bucket_they_came_from_last(meters, manager):
    manager.put("/v1/customers/acme", json={})
    gift = {"kind": "promotion", "feature": "exports", "entitlement": {"limit": 3, "per": "never"}, "reason": "sorry"}
    manager.post("/v1/customers/acme/grants", json=gift)
    taken = meters.consume(quantity=7, key="a")["receipt"]

    given_back = refund(meters, "a", 2).json["receipt"]

    assert given_back == [{"bucket": taken[-1]["bucket"], "units": -2}]
    assert meters.used() == 5


def test_all_that_is_left_goes_back_without_a_number(meters, counted):
    meters.consume(quantity=4, key="a")
    refund(meters, "a", 1)

    answer = refund(meters, "a")

    assert (answer.json["receipt"], counted()) == ([{"bucket": "base", "units": -3}], (0, 0))


def test_no_more_goes_back_than_was_used(meters, counted):
    meters.consume(quantity=4, key="a")
    refund(meters, "a", 3)

    answer = refund(meters, "a", 2)

    assert (answer.status_code, answer.json["code"], counted()[0]) == (409, "beyond_refundable", 1)


def test_a_refund_sent_twice_gives_back_once(meters, counted):
    meters.consume(quantity=4, key="a")

    answers = [refund(meters, "a", 1, own_key="b").json for _ in range(2)]

    assert [answer["replayed"] for answer in answers] == [False, True]
    assert counted() == (3, 3)


@pytest.mark.parametrize(("key", "customer"), [("other", "acme"), ("a", "globex")])
def test_nothing_is_given_back_for_what_is_not_there(meters, counted, key, customer):
    meters.consume(quantity=4, key="a")

    answer = refund(meters, key, customer=customer)

    assert (answer.status_code, answer.json["code"], counted()[0]) == (404, "unknown_usage", 4)


def test_a_level_is_what_was_last_said(meters):
    assert [meters("level", feature="boards", level=level).json["decision"]["used"] for level in (2, 1)] == [2, 1]
    assert meters.used("boards") == 1


def test_a_level_beyond_the_limit_is_a_fact(meters, runtime_caller):
    answer = meters("level", feature="boards", level=7).json

    assert (answer["granted"], answer["decision"]["used"]) == (True, 7)
    check = runtime_caller.post("/v1/check", json={"customer": "acme", "gate": "boards", "units": 0}).json
    assert check["decision"]["over_limit"]["over"] == 4


def test_steps_are_judged_by_the_limit(meters):
    granted = [meters("level", feature="boards", by=2).json["granted"] for _ in range(2)]

    assert (granted, meters.used("boards")) == ([True, False], 2)
    assert meters("level", feature="boards", by=-1).json["decision"]["used"] == 1


def test_a_level_never_falls_below_zero(meters):
    meters("level", feature="boards", level=1)

    answer = meters("level", feature="boards", by=-2)

    assert (answer.status_code, answer.json["code"], meters.used("boards")) == (409, "level_below_zero", 1)


def test_a_step_sent_twice_is_one(meters):
    for _ in range(2):
        meters("level", key="a", feature="boards", by=1)

    assert meters.used("boards") == 1


@pytest.mark.parametrize(
    ("feature", "code"), [("exports", "wrong_kind"), ("sso", "wrong_kind"), ("no", "unknown_feature")]
)
def test_only_a_capacity_has_a_level(meters, counted, feature, code):
    answer = meters("level", feature=feature, level=1)

    assert (answer.status_code, answer.json["code"], counted()) == (422, code, (0, 0))


@pytest.mark.parametrize(("recorded", "changes"), [(5, 1), (7, 0)])
def test_a_refund_of_a_batch_tells_that_a_limit_is_reached_no_longer(
    runtime_caller, meters, app, environment, recorded, changes
):
    meters.record({"key": "e", "customer": "acme", "feature": "exports", "quantity": recorded})
    with app.app_context():
        number = latest_number(environment.id)

    runtime_caller.post("/v1/usage/refund", json={"customer": "acme", "key": "e", "quantity": 1})

    with app.app_context():
        assert latest_number(environment.id) - number == changes
    assert meters.used() == recorded - 1
