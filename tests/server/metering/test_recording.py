"""What has been used is counted whatever the limits say, once by its key, in the period that it belongs to."""

from __future__ import annotations

import gzip
import json
import zlib

import pytest

from liftgate_server.plumbing.bodies import USAGE_BODY_LIMIT_BYTES


def event(key, **fields):
    return {"key": key, "customer": "acme", "feature": "exports", **fields}


def send_packed(meters, content, encoding="gzip"):
    return meters.caller.post(
        "/v1/usage/record", data=content, content_type="application/json", headers={"Content-Encoding": encoding}
    )


def test_events_are_counted_beyond_the_limit(meters, counted):
    answer = meters.record(event("a", quantity=4), event("b", quantity=4, user="u1"))

    assert answer == {"counted": 2, "replayed": 0, "refused": []}
    assert (counted(), meters.used()) == ((8, 8), 8)
    assert not meters.consume()["granted"]


def test_an_event_counts_once_by_its_key(meters, counted):
    meters.record(event("a", quantity=2))

    again = meters.record(event("a", quantity=2), event("b"), event("b"))

    assert (again["counted"], again["replayed"]) == (1, 2)
    assert counted()[0] == 3


def test_a_key_used_for_something_else_is_refused_and_named(meters, counted):
    meters.record(event("a", quantity=2))

    refused = meters.record(event("a", quantity=3), event("b"))["refused"]

    assert [(it["index"], it["key"], it["code"]) for it in refused] == [(0, "a", "idempotency_conflict")]
    assert [error["path"] for error in refused[0]["errors"]] == ["quantity"]
    assert counted()[0] == 3


def test_a_late_event_counts_in_the_period_it_belongs_to(meters, runtime_caller):
    meters.record(event("a", at="2026-10-31T23:59:59Z", quantity=3), event("b", at="2026-11-01T00:00:00Z"))

    assert meters.used() == 1
    days = runtime_caller.get("/v1/customers/acme/usage/history?feature=exports").json["items"]
    assert [(day["day"], day["units"]) for day in days] == [("2026-10-31", 3), ("2026-11-01", 1)]


def test_what_counts_each_users_own_use_takes_events_of_nobody(meters):
    meters.record(event("a", feature="texts", quantity=4))

    assert meters.used("texts", user="u1") == 4
    assert [meters.consume("texts", user="u1")["granted"] for _ in range(2)] == [True, False]


def test_a_value_metric_is_recorded_and_never_limited(meters, runtime_caller):
    meters.record(event("a", feature="minutes_saved", quantity=30), event("b", feature="minutes_saved", quantity=12))

    metrics = runtime_caller.get("/v1/customers/acme/usage").json["value_metrics"]
    assert metrics == [{"metric": "minutes_saved", "since": "2026-11-01T00:00:00Z", "units": 42, "uses": 2}]


def test_events_of_many_customers_go_together(meters, other_meters):
    events = [event(f"e{number}", customer=f"c{number % 7}") for number in range(70)]

    assert meters.record(*events)["counted"] == 70
    assert other_meters.record(*events)["replayed"] == 70
    assert meters.used(customer="c3") == 10


def test_a_change_in_between_loses_no_event(meters, other_meters, subscribe, counted):
    """Another process still knows the terms of before the change, of some customers of the batch only."""
    events = [event(f"e{number}", customer=("acme", "globex")[number % 2]) for number in range(10)]
    other_meters.record(event("x"), event("y", customer="globex"))
    subscribe("acme")

    answer = other_meters.record(*events)

    assert (answer["counted"], answer["replayed"], answer["refused"], counted()[0]) == (10, 0, [], 12)


def test_a_feature_published_a_moment_ago_is_known(meters, document, publish):
    meters.record(event("a"))
    document["features"]["prints"] = {"kind": "metered", "name": {"en": "Prints"}}
    publish(document)

    assert meters.record(event("b", feature="prints"), event("c"))["counted"] == 2


def test_a_packed_batch_is_the_same(meters, counted):
    body = json.dumps({"events": [event(f"e{number}") for number in range(1_000)]}).encode()

    answer = send_packed(meters, gzip.compress(body))

    assert (answer.json, counted()[0]) == ({"counted": 1000, "replayed": 0, "refused": []}, 1000)


BOMB = gzip.compress(b" " * (USAGE_BODY_LIMIT_BYTES * 8 + 1))
MANY_VALUES = gzip.compress(b'{"events":[' + b"[]," * 200_000 + b"[]]}")
BATCH = gzip.compress(b'{"events":[]}')


WRONG_BODIES = [
    (BOMB, "gzip", (413, "too_large")),
    (MANY_VALUES, "gzip", (413, "too_large")),
    (gzip.compress(b"x" * 3)[:-4], "gzip", (400, "malformed_gzip")),
    (BATCH + b"more", "gzip", (400, "malformed_gzip")),
    (b'{"events":[]}', "gzip", (400, "malformed_gzip")),
    (zlib.compress(b"{}"), "deflate", (415, "unsupported_encoding")),
    (b"\x00", "br", (415, "unsupported_encoding")),
    (b" " * (USAGE_BODY_LIMIT_BYTES + 1), "identity", (413, "too_large")),
]


def test_a_body_that_unpacks_to_too_much_or_not_at_all_is_refused(meters):
    answers = [send_packed(meters, content, encoding) for content, encoding, _ in WRONG_BODIES]

    assert [(it.status_code, it.json["code"]) for it in answers] == [expected for *_, expected in WRONG_BODIES]


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "identity"])
def test_every_call_takes_a_packed_body(runtime_caller, encoding):
    body = b'{"customer": "acme", "gate": "exports"}'
    packed = body if encoding == "identity" else gzip.compress(body)

    answer = runtime_caller.post(
        "/v1/check", data=packed, content_type="application/json", headers={"Content-Encoding": encoding}
    )

    assert answer.json["decision"]["granted"]
