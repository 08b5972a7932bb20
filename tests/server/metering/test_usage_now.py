"""What is used now, what is left, and where it leads to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from liftgate.engine.wire import decode_state
from liftgate_server.metering import examples


def now_of(caller, feature, **query):
    answer = caller.get("/v1/customers/acme/usage", query_string=query)
    assert answer.status_code == 200, answer.text
    return next(it for it in answer.json["features"] if it["feature"] == feature)


def test_every_counted_feature_is_told_in_the_numbers_of_a_check(meters, runtime_caller):
    meters.consume(quantity=2)
    meters.reserve(1)

    exports = now_of(runtime_caller, "exports")

    decision = runtime_caller.post("/v1/check", json={"customer": "acme", "gate": "exports"}).json["decision"]
    for name in ("used", "limit", "remaining", "resets_at", "decided_by"):
        assert exports[name] == decision[name], name
    assert (exports["used"], exports["held"], exports["remaining"]) == (3, 1, 2)
    features = [it["feature"] for it in runtime_caller.get("/v1/customers/acme/usage").json["features"]]
    assert features == ["exports", "calls", "texts", "boards"]


def test_the_projection_goes_on_as_it_went(meters, runtime_caller, clock):
    """After 21 days and 9 hours of 30 days."""
    meters.consume(quantity=5)
    assert now_of(runtime_caller, "exports")["projection"] == 7

    clock.set(datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC))

    assert now_of(runtime_caller, "exports")["projection"] == 5


def test_the_first_use_of_a_month_does_not_become_thousands(meters, runtime_caller, clock):
    clock.set(datetime(2026, 12, 1, 0, 0, 1, tzinfo=UTC))
    meters.consume(quantity=2)

    assert now_of(runtime_caller, "exports")["projection"] == 200


def test_a_level_has_no_projection(meters, runtime_caller):
    meters("level", feature="boards", level=7)

    boards = now_of(runtime_caller, "boards")

    assert (boards["used"], boards["projection"], boards["over_limit"]["over"]) == (7, None, 4)


def test_a_users_windows_are_told_when_asked_for(meters, runtime_caller):
    meters.consume("texts", 2, user="u1")

    assert {it["user"]: it["used"] for it in now_of(runtime_caller, "texts", user="u1")["windows"]} == {
        None: 2,
        "u1": 2,
    }
    assert now_of(runtime_caller, "texts", user="u2")["used"] == 0


def test_thresholds_that_were_crossed_are_told_at_once(meters, runtime_caller):
    meters.consume(quantity=4)

    crossings = now_of(runtime_caller, "exports")["crossings"]

    window = "month:2026-11-01T00:00:00Z"
    assert crossings == [{"window": window, "user": None, "percent": 80, "at": "2026-11-22T09:00:00Z"}]


def test_the_state_carries_counters_and_crossings(meters, runtime_caller):
    meters.consume("texts", 2, user="u1")
    meters.consume(quantity=5)

    state = decode_state(runtime_caller.get("/v1/customers/acme/state").json)

    month, day = "month:2026-11-01T00:00:00Z", "day:2026-11-22T00:00:00Z"
    assert state.usage == {("exports", None, month): 5, ("texts", None, month): 2, ("texts", "u1", day): 2}
    assert {(it.feature, it.percent) for it in state.crossings} == {("exports", 80), ("exports", 100), ("texts", 100)}


def test_crossings_change_the_tag_of_the_state_and_use_alone_does_not(meters, runtime_caller):
    runtime_caller.put("/v1/customers/acme", json={})
    tags = [runtime_caller.get("/v1/customers/acme/state").headers["ETag"]]
    for quantity in (3, 1):
        meters.consume(quantity=quantity)
        tags.append(runtime_caller.get("/v1/customers/acme/state").headers["ETag"])

    assert (tags[0] == tags[1], tags[1] == tags[2]) == (True, False)


def test_crossings_go_with_their_window(meters, runtime_caller, clock):
    meters.consume(quantity=5)
    clock.advance(timedelta(days=9))

    state = runtime_caller.get("/v1/customers/acme/state").json

    assert (state["usage"], [it for it in state["crossings"] if it["window"].startswith("month:2026-12")]) == ([], [])


def test_the_state_has_room_for_so_many_users_and_no_more(meters, runtime_caller, monkeypatch):
    monkeypatch.setattr("liftgate_server.entitlements.counters._MOST_OF_USERS", 1_000)
    meters.record(
        *({"key": f"a{n}", "customer": "acme", "feature": "texts", "user": f"u{n}"} for n in range(600)),
    )
    meters.record(
        *({"key": f"b{n}", "customer": "acme", "feature": "texts", "user": f"v{n}"} for n in range(600)),
    )

    usage = runtime_caller.get("/v1/customers/acme/state").json["usage"]

    assert sum(1 for counter in usage if counter["user"] is not None) == 1_000
    assert {"feature": "texts", "user": None, "window": "month:2026-11-01T00:00:00Z", "used": 1_200} in usage


def shape(answer):
    """The names of the fields, to the bottom."""
    if isinstance(answer, dict):
        return {name: shape(value) for name, value in answer.items() if name not in {"decision", "over_limit"}}
    return shape(answer[0]) if isinstance(answer, list) and answer else None


@pytest.mark.parametrize(
    ("path", "example"),
    [("", examples.NOW), ("/history?feature=exports", examples.HISTORY), ("/events", examples.LEDGER)],
)
def test_the_examples_look_like_the_answers(meters, runtime_caller, path, example):
    meters.record(
        {"key": "a", "customer": "acme", "feature": "exports", "quantity": 5, "properties": {"format": "pdf"}},
        {"key": "b", "customer": "acme", "feature": "minutes_saved"},
    )

    query = "&feature=exports" if "?" in path else "?feature=exports"
    answer = runtime_caller.get(f"/v1/customers/acme/usage{path}{query if path == '/events' else ''}")

    assert shape(answer.json) == shape(example)


def test_the_examples_of_uses_look_like_the_answers(meters):
    assert shape(meters.consume()) == shape(examples.ANSWER)
    assert shape(meters.reserve()) == shape(examples.RESERVATION)
