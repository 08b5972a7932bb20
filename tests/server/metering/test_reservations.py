"""Holding units: counted as used until it is known how many were, and free again if nobody says so."""

from __future__ import annotations

from datetime import timedelta

import pytest


def settle(meters, call, **body):
    return meters(f"reservations/{call}", **body)


def test_what_is_held_counts_as_used(meters):
    held = meters.reserve(4, key="r")

    assert (held["granted"], held["reservation"], held["expires_at"]) == (True, "r", "2026-11-22T09:05:00Z")
    assert meters.used() == 4
    assert [meters.reserve(2)["granted"], meters.consume()["granted"], meters.consume()["granted"]] == [
        False,
        True,
        False,
    ]


def test_a_commit_counts_what_was_used_and_frees_the_rest(meters, counted):
    meters.reserve(4, key="r")

    committed = settle(meters, "commit", reservation="r", quantity=1).json

    assert (committed["receipt"], committed["decision"]["used"]) == ([{"bucket": "base", "units": 1}], 1)
    assert (meters.used(), counted()) == (1, (1, 1))


def test_a_commit_of_nothing_is_one(meters, counted):
    meters.reserve(4, key="r")

    assert settle(meters, "commit", reservation="r", quantity=0).json["granted"]
    assert (meters.used(), counted()) == (0, (0, 0))


def test_a_release_frees_everything(meters, counted):
    meters.reserve(5, key="r")

    assert settle(meters, "release", reservation="r").status_code == 200
    assert (meters.used(), counted()) == (0, (0, 0))
    assert meters.consume(quantity=5)["granted"]


@pytest.mark.parametrize(("call", "body"), [("commit", {"quantity": 2}), ("release", {})])
def test_the_same_end_again_is_answered_as_before(meters, call, body):
    meters.reserve(4, key="r")
    first = settle(meters, call, reservation="r", **body).json

    again = settle(meters, call, reservation="r", **body)

    assert (again.json, again.headers["Idempotent-Replay"]) == (first | {"replayed": True}, "true")


def test_what_has_expired_is_not_held_any_more_before_anybody_sweeps(meters, clock, runtime_caller):
    meters.reserve(4, key="r", expires_in_seconds=60)
    clock.advance(timedelta(seconds=59))
    assert meters.used() == 4

    clock.advance(timedelta(seconds=1))

    assert meters.used() == 0
    assert runtime_caller.get("/v1/customers/acme/state").json["usage"] == []
    assert runtime_caller.get("/v1/customers/acme/usage").json["features"][0]["held"] == 0
    assert meters.consume(quantity=5)["granted"]


def test_what_a_users_reservation_held_is_free_in_all_windows(meters, clock):
    meters("reserve", gate="texts", quantity=2, user="u1", expires_in_seconds=60)
    assert (meters.used("texts", user="u1"), meters.used("texts", user="u2")) == (2, 0)

    clock.advance(timedelta(seconds=60))

    assert (meters.used("texts", user="u1"), meters.used("texts", user="u2")) == (0, 0)


def test_what_a_promotion_held_is_free_again_too(meters, manager, clock):
    manager.put("/v1/customers/acme", json={})
    gift = {"kind": "promotion", "feature": "exports", "entitlement": {"limit": 3, "per": "never"}, "reason": "sorry"}
    assert manager.post("/v1/customers/acme/grants", json=gift).status_code == 201
    held = meters.reserve(7, key="r", expires_in_seconds=60)
    assert {part["units"] for part in held["receipt"]} == {5, 2}
    assert meters.used() == 7

    clock.advance(timedelta(seconds=60))

    assert meters.used() == 0


@pytest.mark.parametrize(
    ("end", "code", "status"),
    [
        (("commit", {"quantity": 5}), "beyond_reservation", 422),
        (("commit", {"quantity": 2, "reservation": "other"}), "unknown_reservation", 404),
        (("release", {"reservation": "other"}), "unknown_reservation", 404),
        (("commit", {"quantity": 2, "customer": "globex"}), "unknown_reservation", 404),
        (("release", {"customer": "globex"}), "unknown_reservation", 404),
    ],
)
def test_a_wrong_end_counts_nothing(meters, counted, end, code, status):
    meters.reserve(4, key="r")
    call, body = end

    answer = settle(meters, call, **{"reservation": "r", **body})

    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert (counted()[0], meters.used()) == (0, 4)


@pytest.mark.parametrize(
    ("first", "then", "code"),
    [
        (("commit", {"quantity": 2}), ("release", {}), "reservation_committed"),
        (("commit", {"quantity": 2}), ("commit", {"quantity": 3}), "reservation_committed"),
        (("release", {}), ("commit", {"quantity": 2}), "reservation_released"),
    ],
)
def test_a_reservation_ends_once(meters, first, then, code):
    meters.reserve(4, key="r")
    settle(meters, first[0], reservation="r", **first[1])

    answer = settle(meters, then[0], reservation="r", **then[1])

    assert (answer.status_code, answer.json["code"]) == (409, code)


def test_an_expired_reservation_cannot_be_committed(meters, clock, counted):
    meters.reserve(4, key="r", expires_in_seconds=60)
    clock.advance(timedelta(seconds=60))

    answer = settle(meters, "commit", reservation="r", quantity=1)

    assert (answer.status_code, answer.json["code"], counted()[0]) == (409, "reservation_expired", 0)


def test_a_refused_reservation_holds_nothing_and_offers_something(meters):
    refused = meters.reserve(6, key="r")

    assert (refused["granted"], refused["decision"]["reason"]) == (False, "limit_reached")
    assert refused["offer"]["content"]["options"]
    assert meters.used() == 0


def test_a_reservation_of_the_same_key_is_the_same_one(meters):
    first = meters.reserve(2, key="r")

    assert meters.reserve(2, key="r") == first | {"replayed": True}
    assert meters("reserve", key="r", gate="exports", quantity=3).json["code"] == "idempotency_conflict"
    assert meters("consume", key="r", gate="exports", quantity=2).json["code"] == "idempotency_conflict"
