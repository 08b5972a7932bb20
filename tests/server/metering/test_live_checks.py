"""Checks see what the ledger counts, at once and in every process, and remember their answers while that stands."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest

from liftgate.engine.catalogue_model import OnUpgrade, Recurrence
from liftgate.engine.evaluate import Evaluator
from liftgate.engine.wire import decode_snapshot, decode_state
from liftgate_server.customers import service as customers
from liftgate_server.customers.subscription_service import (
    ChangeSubscription,
    StartSubscription,
    change_subscription,
    start_subscription,
)
from liftgate_server.entitlements.service import load_customer
from tests.server.conftest import ORIGIN

CHECK = {"customer": "acme", "gate": "exports"}


def used(answer):
    return answer.json["decision"]["used"]


def test_every_way_to_ask_sees_a_use_at_once(meters, runtime_caller, call_with, make_token):
    page = call_with(make_token(user=None), Origin=ORIGIN)
    meters.consume(quantity=2)

    told = [
        used(runtime_caller.post("/v1/check", json=CHECK)),
        used(runtime_caller.post("/v1/check", json=CHECK | {"units": 1})),
        used(runtime_caller.post("/v1/explain", json=CHECK)),
        used(page.post("/v1/client/check", json={"gate": "exports"})),
        runtime_caller.post("/v1/check/batch", json={"customer": "acme"}).json["decisions"]["exports"]["used"],
        runtime_caller.get("/v1/customers/acme/state").json["usage"][0]["used"],
    ]

    assert told == [2] * 6


def test_another_process_sees_it_too(meters, other_meters):
    assert other_meters.used() == 0
    for quantity in (1, 3):
        meters.consume(quantity=quantity)
        assert other_meters.used() == meters.used()


def test_the_last_unit_closes_the_gate_and_a_refund_opens_it(meters, runtime_caller):
    def granted():
        return runtime_caller.post("/v1/check", json=CHECK).json["decision"]["granted"]

    told = [granted()]
    meters.consume(quantity=5, key="a")
    told.append(granted())
    meters.caller.post("/v1/usage/refund", json={"customer": "acme", "key": "a", "quantity": 1})
    told.append(granted())

    assert told == [True, False, True]


def test_each_user_is_told_of_their_own_use(meters):
    meters.consume("texts", 2, user="u1")

    assert [meters.used("texts", user=user) for user in ("u1", "u2", None)] == [2, 0, 0]


def test_a_remembered_answer_stands_while_the_counters_do(app, meters, environment, monkeypatch):
    decided = []
    real = Evaluator.decide

    def counting(self, gate, **asked):
        decided.append(gate)
        return real(self, gate, **asked)

    meters.used()
    monkeypatch.setattr(Evaluator, "decide", counting)
    for _ in range(3):
        meters.used()
    meters.record({"key": "a", "customer": "acme", "feature": "calls"})
    meters.used()
    assert decided == []

    meters.record({"key": "b", "customer": "acme", "feature": "exports"})
    assert (meters.used(), decided) == (1, ["exports"])


def test_a_past_instant_is_explained_by_what_was_used_in_its_own_period(meters, manager):
    meters.record({"key": "a", "customer": "acme", "feature": "exports", "quantity": 3, "at": "2026-10-30T12:00:00Z"})

    told = [used(manager.post("/v1/explain", json=CHECK | {"at": f"2026-{month}-30T12:00:00Z"})) for month in (10, 11)]

    assert told == [3, 0]


def test_an_sdk_decides_from_the_state_as_the_server_does(meters, runtime_caller, clock):
    meters.consume(quantity=4)
    meters.consume("texts", user="u1")
    snapshot = decode_snapshot(runtime_caller.get("/v1/snapshot").json)
    state = decode_state(runtime_caller.get("/v1/customers/acme/state").json)

    for gate, user in (("exports", None), ("texts", "u1"), ("texts", "u2"), ("boards", None)):
        local = Evaluator(snapshot, state, user=user).decide(gate, at=clock.now())
        remote = runtime_caller.post("/v1/check", json={"customer": "acme", "gate": gate, "user": user}).json[
            "decision"
        ]
        assert (local.granted, local.used, local.limit) == (remote["granted"], remote["used"], remote["limit"])


def test_two_at_once_never_hear_of_less_than_was_used(meters, other_meters):
    """Each thread consumes one unit and then checks: what it is told includes at least its own use."""
    told, ready = [], Barrier(2)

    def use_and_look(mine, key):
        ready.wait(timeout=30)
        for number in range(5):
            counted = mine.consume("calls", key=f"{key}{number}")["decision"]["used"]
            told.append(mine.used("calls") >= counted)

    threads = [Thread(target=use_and_look, args=pair) for pair in ((meters, "a"), (other_meters, "b"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (told, meters.used("calls")) == ([True] * 10, 10)


@pytest.mark.parametrize(("rule", "kept"), [(OnUpgrade.KEEP, 1), (OnUpgrade.RESET, 2)])
def test_what_ended_is_kept_where_a_limit_looks_back(app, clock, environment, document, publish, rule, kept):
    document["features"]["exports"]["on_upgrade"] = rule.value
    document["plans"]["max"] = {**document["plans"]["pro"], "name": {"en": "Max"}, "rank": 20}
    publish(document)
    with app.app_context():
        customers.upsert_customer(environment.id, "acme", customers.UpsertCustomer())
        start_subscription(environment.id, "acme", StartSubscription("pro", Recurrence.MONTH))
        clock.advance(timedelta(days=1))
        change_subscription(environment.id, "acme", ChangeSubscription(plan="max"))
        clock.advance(timedelta(days=100))

        assert len(load_customer(environment.id, "acme", at=clock.now()).state.phases) == kept


def test_more_is_free_to_use_after_a_step_up_and_once_only(app, meters, clock, environment, document, publish):
    document["features"]["exports"]["on_upgrade"] = "reset"
    document["plans"]["pro"]["entitlements"]["exports"] = {"limit": 50, "per": "month"}
    publish(document)
    meters.consume(quantity=5)
    clock.advance(timedelta(minutes=1))
    with app.app_context():
        customers.upsert_customer(environment.id, "acme", customers.UpsertCustomer())
        start_subscription(environment.id, "acme", StartSubscription("pro", Recurrence.MONTH))

    assert meters.used() == 0
    assert [meters.consume(quantity=50)["granted"], meters.consume()["granted"]] == [True, False]
