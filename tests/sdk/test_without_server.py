"""Consuming without the server: refused as an outage, unless the feature says that counting later will do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from liftgate import Client, Reason, remote_meter
from tests.sdk.conftest import lose_answers, settle
from tests.sdk.fake_server import CATALOGUE, FORGIVING, problem

pytestmark = pytest.mark.usefixtures("_without_pauses")


@pytest.mark.parametrize("status", [500, 503, 429, 401])
def test_a_server_that_cannot_answer_refuses_as_unavailable(bound, server, status):
    server.failure = problem(status, "not_now")
    refused = bound.consume("exports")

    assert not refused
    assert refused.decision.reason is Reason.UNAVAILABLE
    assert refused.fallback
    assert refused.offer is None
    assert bound.last_error is not None


@pytest.mark.parametrize(("status", "attempts"), [(401, 1), (429, 1), (503, remote_meter._MOST_ATTEMPTS)])
def test_who_is_turned_away_at_the_door_does_not_knock_again(bound, server, status, attempts):
    server.failure = problem(status, "not_now")
    bound.consume("exports")

    assert server.count("/usage/consume") == attempts


@pytest.mark.parametrize("subject", ["exports", "reports.export"])
def test_no_fail_policy_of_host_or_gate_opens_a_meter(make_client, server, subject):
    gate = {**CATALOGUE["gates"]["reports.export"], "on_failure": "open"}
    server.publish({**CATALOGUE, "gates": {**CATALOGUE["gates"], "reports.export": gate}})
    client = make_client(on_failure="open")
    with client.customer("acme"):
        server.is_down = True

        assert client.consume(subject).decision.reason is Reason.UNAVAILABLE


def test_a_server_known_to_be_away_is_not_waited_for_each_time(bound, server):
    server.is_down = True
    bound.consume("exports")
    asked = server.count("/usage/consume")
    assert asked > 1
    for _ in range(5):
        bound.consume("exports")

    assert server.count("/usage/consume") == asked


def test_it_is_asked_again_after_a_while(bound, server, monkeypatch):
    server.is_down = True
    bound.consume("exports")
    server.is_down = False
    monkeypatch.setattr(bound._counter()._backoff, "_not_before", 0.0)

    assert bound.consume("exports").granted
    assert bound.consume("exports").granted


def test_what_was_refused_for_want_of_an_answer_is_given_back(bound, server):
    lose_answers(server, remote_meter._MOST_ATTEMPTS)
    refused = bound.consume("exports", 2)

    assert refused.decision.reason is Reason.UNAVAILABLE
    assert bound.flush(10)
    assert server.ledger.count_of("exports") == 0


def test_what_has_a_key_of_the_caller_stays_for_them_to_ask_again(bound, server, monkeypatch):
    lose_answers(server, remote_meter._MOST_ATTEMPTS)
    assert not bound.consume("exports", 2, key="order-7")
    monkeypatch.setattr(bound._counter()._backoff, "_not_before", 0.0)

    assert bound.consume("exports", 2, key="order-7").replayed
    assert server.ledger.count_of("exports") == 2


@pytest.fixture
def forgiving(make_client, server) -> Iterator[Client]:
    """A client whose exports may be counted later, bound to acme."""
    server.publish(FORGIVING)
    client = make_client()
    with client.customer("acme"):
        settle(client)
        yield client


def test_a_feature_may_say_that_counting_later_will_do(forgiving, server):
    server.is_down = True
    allowed = forgiving.consume("exports", 2)

    assert allowed.granted
    assert allowed.fallback
    assert allowed.decision.reason is Reason.UNAVAILABLE
    assert forgiving.check("exports").used == 2
    server.is_down = False
    assert forgiving.flush(10)
    assert server.ledger.count_of("exports") == 2


def test_what_is_known_to_be_used_up_is_refused_all_the_same(forgiving, server):
    forgiving.consume("exports", 5)
    server.is_down = True
    refused = forgiving.consume("exports")

    assert refused.decision.reason is Reason.LIMIT_REACHED
    assert server.ledger.count_of("exports") == 5


def test_what_was_let_pass_after_the_server_had_counted_it_counts_once(forgiving, server):
    lose_answers(server, remote_meter._MOST_ATTEMPTS)
    assert forgiving.consume("exports", 2).fallback
    assert forgiving.flush(10)

    assert server.ledger.count_of("exports") == 2


def test_what_was_let_pass_after_the_server_had_refused_it_is_counted(forgiving, server):
    server.ledger.used["acme", "exports"] = 5  # by others, unknown to this process
    lose_answers(server, remote_meter._MOST_ATTEMPTS)
    assert forgiving.consume("exports").fallback
    assert forgiving.flush(10)

    assert server.ledger.count_of("exports") == 6


def test_a_gate_that_lets_everybody_pass_does_so_without_the_server(make_client, server):
    gates = {**CATALOGUE["gates"], "reports.export": {"requires": "exports", "mode": "open"}}
    server.publish({**CATALOGUE, "gates": gates})
    client = make_client()
    with client.customer("acme"):
        server.is_down = True
        assert client.consume("reports.export", 2).fallback
        server.is_down = False
        assert client.flush(10)

    assert server.ledger.count_of("exports") == 2


def test_a_closed_gate_stays_closed_without_the_server(make_client, server):
    gates = {**FORGIVING["gates"], "reports.export": {"requires": "exports", "mode": "closed"}}
    server.publish({**FORGIVING, "gates": gates})
    client = make_client()
    with client.customer("acme"):
        server.is_down = True

        assert client.consume("reports.export").decision.reason is Reason.GATE_CLOSED


def test_a_refund_of_what_is_still_on_its_way_comes_behind_it(forgiving, server):
    server.is_down = True
    allowed = forgiving.consume("exports", 2)
    allowed.refund()
    server.is_down = False
    assert forgiving.flush(10)

    assert server.ledger.count_of("exports") == 0
    assert forgiving._feed._courier.lost == 0
