"""What a binding waits for, and what it does not."""

from __future__ import annotations

import threading
import time

import pytest

from liftgate import ApiError, Reason, ServerUnreachable
from liftgate.messages import Response
from tests.sdk.conftest import eventually, settle
from tests.sdk.fake_server import CATALOGUE, pro_phase, problem


def bind(client, customer="acme", **options):
    with client.customer(customer, **options):
        return client.check("sso")


def test_making_a_client_asks_nothing_and_starts_nothing(make_client, server):
    threads = threading.enumerate()

    make_client()

    assert server.requests == []
    assert threading.enumerate() == threads


def test_the_first_binding_loads_catalogue_and_customer(client, server):
    assert bind(client).reason is Reason.NOT_INCLUDED
    assert server.paths()[:2] == ["GET /v1/snapshot", "GET /v1/customers/acme/state"]


def test_later_bindings_ask_nothing(client, server):
    bind(client)
    settle(client)
    before = len(server.requests)
    for _ in range(5):
        bind(client, user="u1")

    assert len(server.requests) == before


def test_threads_that_want_the_same_customer_share_one_load(client, server):
    go_on = threading.Event()
    server.before = lambda _request: go_on.wait(10)
    reasons = []
    threads = [threading.Thread(target=lambda: reasons.append(bind(client).reason)) for _ in range(8)]
    for thread in threads:
        thread.start()
    assert eventually(lambda: len(server.requests) == 1)
    server.before = lambda _request: None
    go_on.set()
    for thread in threads:
        thread.join()

    assert reasons == [Reason.NOT_INCLUDED] * 8
    assert server.paths()[:2] == ["GET /v1/snapshot", "GET /v1/customers/acme/state"]
    assert server.count("If-None-Match") == 0


def test_many_customers_at_once_are_all_served(client, server):
    for number in range(60):
        server.put(f"c{number}")
    reasons = []
    threads = [
        threading.Thread(target=lambda number=number: reasons.append(bind(client, f"c{number}").reason))
        for number in range(60)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert reasons == [Reason.NOT_INCLUDED] * 60


def test_a_slow_load_is_not_waited_for_but_still_arrives(make_client, server):
    client = make_client(load_budget_seconds=0.01)
    go_on = threading.Event()
    server.before = lambda _request: go_on.wait(10)

    with client.customer("acme"):
        assert client.check("sso").reason is Reason.UNAVAILABLE
        go_on.set()
        assert eventually(lambda: client.check("sso").reason is Reason.NOT_INCLUDED)


def test_during_an_outage_only_the_first_binding_waits(make_client, server):
    client = make_client(load_budget_seconds=0.05)
    go_on = threading.Event()
    server.before = lambda _request: go_on.wait(20)
    bind(client)

    started = time.monotonic()
    for number in range(200):
        bind(client, f"c{number}")
    go_on.set()

    # Two hundred budgets would be ten seconds.
    assert time.monotonic() - started < 5
    assert len(server.requests) < 10


def test_a_refused_key_is_told_and_not_tried_again_at_once(client, server):
    server.failure = problem(401, "revoked_key")

    for _ in range(20):
        assert bind(client).reason is Reason.UNAVAILABLE

    assert isinstance(client.last_error, ApiError)
    assert client.last_error.code == "revoked_key"
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"null", b'{"wire": 2}', b'{"wire": 1}', b"\xff\xfe", b"[" * 100_000, b'{"wire": 1e999}'],
)
def test_garbage_is_an_outage(client, server, body):
    server.failure = Response(200, {}, body)

    assert bind(client).reason is Reason.UNAVAILABLE
    assert isinstance(client.last_error, ServerUnreachable)


def test_another_servers_404_is_no_statement_about_a_customer(client, server):
    bind(client, "other")
    server.failure = Response(404, {}, b"<h1>Not found</h1>")

    assert bind(client).reason is Reason.UNAVAILABLE


def test_another_customers_state_is_refused(client, server):
    server.states["acme"]["customer"] = "rich"

    assert bind(client).reason is Reason.UNAVAILABLE


def test_an_unknown_customer_is_not_asked_for_again_and_again(client, server):
    for _ in range(10):
        assert bind(client, "stranger").reason is Reason.NO_CUSTOMER

    assert server.count("/stranger/state") <= 2  # the binding and the first poll


def test_a_version_heard_of_is_fetched_before_the_request_goes_on(client, server):
    bind(client)
    server.upgrade("acme")

    assert not bind(client).granted
    assert bind(client, minimum_version=2).granted


def test_a_version_that_is_there_costs_nothing(client, server):
    bind(client)
    settle(client)
    before = len(server.requests)
    bind(client, minimum_version=1)

    assert len(server.requests) == before


def test_an_invented_version_cannot_make_a_stampede(client, server):
    bind(client)
    settle(client)
    before = len(server.requests)
    for _ in range(100):
        bind(client, minimum_version=10**15)

    assert len(server.requests) - before <= 4


def test_an_older_state_never_replaces_a_newer_one(client, server):
    server.put("acme", version=5, phases=[pro_phase()])
    assert bind(client).granted

    server.put("acme", version=4, phases=[])
    client.refresh("acme")

    assert bind(client).granted


def test_a_plan_version_that_a_publication_replaced_is_kept(client, server):
    server.upgrade("acme")
    plans = {**CATALOGUE["plans"], "pro": {**CATALOGUE["plans"]["pro"], "entitlements": {"boards": 10}}}
    with client.customer("acme"):
        assert client.check("sso").decided_by == "plan:pro@1"

        server.publish({**CATALOGUE, "plans": plans}, pro=2)
        settle(client)
        client._feed._poller.poll()

        assert client.check("sso").decided_by == "plan:pro@1"
        assert client.check("sso").catalogue_version == 2


def test_a_plan_that_cannot_be_found_is_missing_data_and_no_reason_to_refuse(client, server):
    server.put("acme", phases=[pro_phase(version=7)])

    decision = bind(client)

    assert (decision.reason, decision.fallback, decision.offer) == (Reason.UNAVAILABLE, True, None)


def test_a_state_newer_than_our_snapshot_brings_the_newer_snapshot(client, server):
    bind(client, "other")
    server.publish(CATALOGUE, pro=2)
    server.put("acme", phases=[pro_phase(version=2)])

    assert bind(client).decided_by == "plan:pro@2"


def test_a_closed_client_goes_on_answering_from_memory(client, server):
    bind(client)
    client.close()

    assert bind(client).reason is Reason.NOT_INCLUDED
    assert bind(client, "stranger").reason is Reason.UNAVAILABLE


def test_what_ends_because_the_client_is_closed_is_no_failure(client, caplog):
    bind(client)
    client.close()
    client._feed.loader.note_failure(ServerUnreachable("The client is closed."))

    assert client.last_error is None
    assert not caplog.records
