"""How what is cached stays fresh."""

from __future__ import annotations

import threading

import pytest

from liftgate import ApiError, ServerUnreachable
from liftgate.backoff import Backoff
from tests.sdk.conftest import eventually, settle
from tests.sdk.fake_server import CATALOGUE, problem


def poll(client):
    client._feed._poller.poll()


@pytest.fixture
def bound(client):
    """A client within a binding of acme that has polled once."""
    with client.customer("acme"):
        settle(client)
        yield client


def test_a_change_arrives_in_a_binding_that_is_open(make_client, server):
    client = make_client(poll_seconds=0.02)
    with client.customer("acme"):
        assert not client.check("sso").granted
        server.upgrade("acme")

        assert eventually(lambda: client.check("sso").granted)


def test_a_poll_without_news_is_one_request(bound, server):
    before = len(server.requests)
    poll(bound)

    assert server.paths()[before:] == [f"GET /v1/changes?after={len(server.changes)}"]


def test_only_what_is_cached_is_fetched(bound, server):
    server.put("stranger")
    server.upgrade("acme")
    before = len(server.requests)
    poll(bound)

    assert server.paths()[before + 1 :] == ["GET /v1/customers/acme/state"]
    assert bound.check("sso").granted


def test_several_changes_of_one_customer_are_one_fetch(bound, server):
    for _ in range(3):
        server.put("acme")
    before = len(server.requests)
    poll(bound)

    assert len(server.requests) - before == 2


def test_what_we_have_already_is_not_fetched(bound, server):
    server.upgrade("acme")
    bound.refresh("acme")
    before = len(server.requests)
    poll(bound)

    assert len(server.requests) - before == 1


def test_a_publication_reaches_every_binding(bound, server):
    server.publish({**CATALOGUE, "gates": {**CATALOGUE["gates"], "maintenance": {"requires": "sso", "mode": "open"}}})
    assert not bound.check("maintenance").granted
    poll(bound)

    assert bound.check("maintenance").granted


def test_a_lost_number_refreshes_everything_by_its_tag(bound, server):
    server.upgrade("acme")
    server.is_reset = True
    before = len(server.requests)
    poll(bound)

    assert bound.check("sso").granted
    tags = [request.headers.get("If-None-Match") for request in server.requests[before + 1 :]]
    assert tags == ['"c1"', '"s1"']


def test_after_a_reset_an_older_state_is_believed(bound, server):
    server.put("acme", version=9)
    poll(bound)
    server.put("acme", version=2)
    server.is_reset = True
    poll(bound)

    assert bound.check("sso").customer_version == 2


def test_a_customer_that_is_created_is_found_without_asking_again(client, server):
    with client.customer("newcomer"):
        settle(client)
        server.put("newcomer")
        server.upgrade("newcomer")
        poll(client)

        assert client.check("sso").granted


def test_one_customer_that_cannot_be_fetched_does_not_keep_the_others_from_news(bound, server):
    with bound.customer("rich"):
        server.upgrade("acme")
        server.put("rich")
        server.upgrade("rich")
        good = server._answer
        server._answer = lambda request: problem(500, "internal") if "/acme/state" in request.path else good(request)
        poll(bound)

        assert bound.check("sso").granted
    server._answer = good
    poll(bound)
    assert bound.check("sso").granted


def test_a_server_out_of_reach_leaves_the_last_answers_and_marks_them(make_client, server):
    client = make_client(poll_seconds=0.01, stale_after_seconds=0.02)
    server.upgrade("acme")
    with client.customer("acme"):
        assert not client.check("sso").stale
        server.is_down = True
        assert eventually(lambda: client.check("sso").stale)
        assert client.check("sso").granted
        server.is_down = False
        assert eventually(lambda: not client.check("sso").stale)


def test_a_stale_refusal_keeps_its_offer(client, server):
    with client.customer("acme"):
        client._feed.cache.mark_stale(is_stale=True)

        assert client.check("sso").stale
        assert client.check("sso").offer is not None


@pytest.fixture
def asleep(make_client):
    """A client whose poller has gone to rest, for longer than two polls."""
    client = make_client(poll_seconds=0.01, idle_after_seconds=0.03)
    with client.customer("acme"):
        pass
    assert eventually(lambda: not client._feed._poller.is_running)
    assert eventually(lambda: client._feed._poller.is_behind)
    return client


def test_polling_rests_when_nobody_is_bound_and_resumes(asleep):
    with asleep.customer("acme"):
        assert asleep._feed._poller.is_running


def test_the_binding_that_ends_the_rest_catches_up_before_it_answers(asleep, server, monkeypatch):
    monkeypatch.setattr(asleep._feed._poller, "ensure_running", lambda: None)
    server.upgrade("acme")

    with asleep.customer("acme"):
        assert asleep.check("sso").granted


def test_what_changed_between_the_load_and_the_first_poll_is_not_missed(client, server, monkeypatch):
    monkeypatch.setattr(client._feed._poller, "ensure_running", lambda: None)
    with client.customer("acme"):
        server.upgrade("acme")
        poll(client)

        assert client.check("sso").granted


def test_polling_does_not_rest_while_a_binding_is_open(make_client, server):
    client = make_client(poll_seconds=0.01, idle_after_seconds=0.01)
    with client.customer("acme"):
        polls = len(server.requests)
        assert eventually(lambda: len(server.requests) > polls + 10)
        assert client._feed._poller.is_running


def test_the_thread_ends_with_the_client(make_client, server):
    client = make_client(poll_seconds=0.01)
    with client.customer("acme"):
        pass
    client.close()

    assert eventually(lambda: not any(thread.name == "liftgate-poll" for thread in threading.enumerate()))


def test_a_surprise_does_not_end_polling(make_client, server, monkeypatch):
    client = make_client(poll_seconds=0.01)
    with client.customer("acme"):
        monkeypatch.setattr(client._feed._poller, "_follow", lambda _number: 1 / 0)
        assert eventually(lambda: isinstance(client.last_error, ZeroDivisionError))
        monkeypatch.undo()
        server.upgrade("acme")

        assert eventually(lambda: client.check("sso").granted)


def test_an_outage_is_logged_once(client, server, caplog):
    server.is_down = True
    for customer in ("acme", "other"):
        client._feed.loader._backoff.succeed()
        with client.customer(customer):
            pass

    assert [record.name for record in caplog.records] == ["liftgate"]


def test_waits_after_failures_are_spread_over_everything_below_their_cap():
    chances = iter([0.0, 0.5, 1.0, 0.25])
    backoff = Backoff(first_seconds=1, longest_seconds=3, chance=lambda: next(chances), timer=lambda: 0.0)

    assert [backoff.fail() for _ in range(4)] == [1.0, 1.0, 0.0, 2.25]
    assert backoff.is_waiting
    backoff.succeed()
    assert not backoff.is_waiting


def test_a_poll_that_fails_says_so(client, server):
    server.is_down = True
    with pytest.raises(ServerUnreachable):
        poll(client)
    server.is_down, server.failure = False, problem(403, "wrong_credentials")
    with pytest.raises(ApiError):
        poll(client)
