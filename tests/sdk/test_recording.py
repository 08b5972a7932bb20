"""What is recorded reaches the server exactly once, whatever happens to either of them."""

from __future__ import annotations

import gzip
import json
import threading
from datetime import UTC, datetime

import pytest

from liftgate import courier, journal
from tests.sdk.conftest import eventually
from tests.sdk.fake_server import problem


def test_an_event_says_who_used_what_when(bound, ledger):
    bound.record("exports", 3, properties={"format": "pdf"})
    bound.record("exports", user="u2", at=datetime(2026, 11, 1, 8, tzinfo=UTC), key="line-7")
    assert bound.flush(10)

    first, second = ledger.batches[0]
    assert first == {
        "key": first["key"],
        "customer": "acme",
        "feature": "exports",
        "quantity": 3,
        "user": "u1",
        "at": "2026-11-22T09:00:00Z",
        "properties": {"format": "pdf"},
    }
    assert (second["key"], second["user"], second["at"]) == ("line-7", "u2", "2026-11-01T08:00:00Z")


def test_the_next_check_sees_it(bound):
    bound.record("exports", 5)

    assert not bound.check("exports")


def test_events_leave_together_and_packed(bound, server, ledger):
    for _ in range(1_200):
        bound.record("exports")
    assert bound.flush(10)
    sizes = [len(batch) for batch in ledger.batches]

    assert [max(sizes), sum(sizes)] == [500, 1_200]
    (request, *_) = [request for request in server.requests if "/usage/record" in request.path]
    assert request.headers["Content-Encoding"] == "gzip"
    assert len(json.loads(gzip.decompress(request.body))["events"]) == 500


def test_they_leave_by_themselves(bound, ledger, monkeypatch):
    monkeypatch.setattr(courier, "_LINGER_SECONDS", 0.01)
    bound.record("exports")

    assert eventually(lambda: ledger.count_of("exports") == 1)


def test_closing_delivers_what_is_left(make_client, ledger):
    client = make_client()
    with client.customer("acme"):
        client.record("exports", 2)
    client.close()

    assert ledger.count_of("exports") == 2


def test_a_batch_that_found_no_answer_counts_once(bound, server, ledger):
    good = server._answer

    def lose_the_answer(request):
        told = good(request)
        return problem(503, "not_now") if "/usage/record" in request.path else told

    bound.record("exports", 3)
    server._answer = lose_the_answer
    assert not bound.flush(0.2)
    assert ledger.count_of("exports") == 3
    server._answer = good
    assert bound.flush(10)

    assert ledger.count_of("exports") == 3
    assert len(ledger.batches) >= 2


def test_recording_while_the_server_is_away_raises_nothing_and_loses_nothing(bound, server, ledger):
    server.is_down = True
    for _ in range(100):
        bound.record("exports")
    assert not bound.flush(0.1)
    server.is_down = False
    assert bound.flush(10)

    assert ledger.count_of("exports") == 100


def test_what_the_server_will_not_count_keeps_nothing_else(bound, ledger, caplog):
    bound.record("unknown")
    bound.record("exports")
    assert bound.flush(10)

    assert ledger.count_of("exports") == 1
    assert bound._feed._courier.lost == 1
    assert bound.last_error.code == "unknown_feature"
    assert "could not count 1 events so far" in caplog.text


def test_a_batch_that_is_refused_whole_is_searched_for_the_reason(bound, ledger):
    ledger.poison = "poison"
    for feature in ("exports", "exports", "poison", "exports"):
        bound.record(feature)
    assert bound.flush(10)

    assert ledger.count_of("exports") == 3
    assert bound._feed._courier.lost == 1


def test_the_same_key_told_twice_counts_once_and_is_no_fault(bound, ledger, wall_clock):
    bound.record("exports", key="line-7")
    wall_clock.now += 60
    bound.record("exports", key="line-7")
    assert bound.flush(10)

    assert ledger.count_of("exports") == 1
    assert bound._feed._courier.lost == 0


def test_the_same_key_for_something_else_is_lost_and_said(bound, ledger):
    bound.record("exports", 1, key="line-7")
    bound.record("exports", 2, key="line-7")
    assert bound.flush(10)

    assert ledger.count_of("exports") == 1
    assert bound.last_error.code == "idempotency_conflict"


def test_room_is_bounded_and_what_is_lost_is_said(bound, server, monkeypatch):
    monkeypatch.setattr(journal, "_MOST_ENTRIES", 10)
    server.is_down = True
    for _ in range(25):
        bound.record("exports")
    assert not bound.flush(0.1)

    assert bound._feed._courier.lost == 15


@pytest.mark.parametrize("at", [datetime(2026, 11, 1), "2026-11-01T00:00:00Z", 7])
def test_an_instant_without_a_zone_is_refused_at_once(bound, server, at):
    with pytest.raises(ValueError, match="`at`"):
        bound.record("exports", at=at)

    assert server.count("/usage/") == 0


def test_recording_starts_one_thread_and_checking_none(make_client):
    def threads() -> set[str]:
        return {thread.name for thread in threading.enumerate() if thread.name == "liftgate-usage"}

    assert eventually(lambda: not threads())
    client = make_client()
    with client.customer("acme"):
        client.check("exports")
        client.consume("exports")
        assert threads() == set()
        client.record("exports")
        assert threads() == {"liftgate-usage"}
    client.close()
    assert eventually(lambda: not threads())
