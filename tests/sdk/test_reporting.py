"""What was counted reaches the server exactly once, whatever happens to either of them."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from liftgate import ApiError, Client, feed, reporting
from liftgate.messages import Response
from tests.sdk.conftest import KEY, eventually, settle
from tests.sdk.fake_server import FakeServer, answer, problem
from tests.sdk.socket_servers import http_server, misbehaving_server, stay_silent


@pytest.fixture
def bound(client):
    """A client within a binding of acme, whose reporter works only when the test says so."""
    with client.customer("acme"):
        settle(client)
        yield client


def create(client, times: int = 1) -> None:
    function = client.gate("boards.create")(lambda: None)
    for _ in range(times):
        function()


def report(client) -> None:
    client._feed.reporter.report()


def test_what_was_counted_is_sent_with_its_hour(bound, server):
    create(bound, times=3)
    bound.check("boards.create", used=2)
    report(bound)

    (batch,) = server.batches
    assert batch["gates"] == [
        {
            "customer": "acme",
            "gate": "boards.create",
            "outcome": "granted",
            "reason": "entitled",
            "hour": "2026-11-22T09:00:00Z",
            "count": 3,
        }
    ]
    assert batch["levels"] == [
        {"customer": "acme", "feature": "boards", "used": 2, "at": "2026-11-22T09:00:00Z"},
    ]


def test_uses_are_sent_with_their_hour_and_their_user(client, server):
    with client.customer("acme", user="u1"):
        create(client, times=2)
        client.used("sso")
    with client.customer("acme"):
        create(client)
    report(client)

    (batch,) = server.batches
    rows = [(row["customer"], row["user"], row["feature"], row["hour"], row["count"]) for row in batch["uses"]]
    hour = "2026-11-22T09:00:00Z"
    assert sorted(rows, key=str) == [
        ("acme", "u1", "boards", hour, 2),
        ("acme", "u1", "sso", hour, 1),
        ("acme", None, "boards", hour, 1),
    ]


def test_a_flush_tells_what_was_counted(client, server):
    with client.customer("acme"):
        create(client, times=2)

        assert client.flush(10) is True
    assert server.reported("boards.create") == {"granted:entitled": 2}


def test_a_flush_without_the_server_says_so(client, server):
    with client.customer("acme"):
        create(client)
        server.is_down = True

        assert client.flush(0.05) is False


def test_nothing_counted_is_nothing_sent(bound, server):
    report(bound)

    assert server.batches == []


def test_a_batch_that_found_no_answer_is_sent_again_under_its_name(bound, server):
    good = server._answer

    def lose_the_answer(request):
        told = good(request)
        return Response(502, {}, b"") if "/reports" in request.path else told

    create(bound, times=3)
    server._answer = lose_the_answer
    for _ in range(2):
        with pytest.raises(Exception, match="502"):
            report(bound)
    create(bound, times=2)
    server._answer = good
    report(bound)

    assert len(server.batches) == 4
    assert len({batch["batch"] for batch in server.batches}) == 2
    assert server.reported("boards.create") == {"granted:entitled": 5}


@pytest.mark.parametrize("status", [500, 503, 401, 403, 429])
def test_a_server_that_may_come_to_itself_is_told_later(bound, server, status):
    create(bound)
    server.failure = problem(status, "not_now")
    with pytest.raises(ApiError):
        report(bound)
    server.failure = None
    report(bound)

    assert server.reported("boards.create") == {"granted:entitled": 1}
    assert bound._feed.reporter.dropped == 0


@pytest.mark.parametrize("status", [404, 409, 413, 422])
def test_a_batch_that_will_never_be_taken_is_dropped(bound, server, status):
    create(bound)
    server.failure = problem(status, "never")
    with pytest.raises(ApiError):
        report(bound)
    server.failure = None
    create(bound)
    report(bound)

    assert server.reported("boards.create") == {"granted:entitled": 1}
    assert bound._feed.reporter.dropped == 2  # the call, and the use that it was


def test_memory_is_bounded_while_the_server_is_away_and_the_oldest_go(bound, server, wall_clock, monkeypatch):
    monkeypatch.setattr(reporting, "_MOST_ROWS", 2)
    monkeypatch.setattr(reporting, "_ROWS_PER_BATCH", 1)
    server.is_down = True
    for hour in range(10, 16):
        wall_clock.set(f"2026-11-22T{hour}:30:00+00:00")
        create(bound)
        with pytest.raises(Exception, match="down"):
            report(bound)
    server.is_down = False
    report(bound)

    hours = [row["hour"] for batch in server.batches for row in batch["gates"]]
    assert hours == ["2026-11-22T10:00:00Z", "2026-11-22T14:00:00Z", "2026-11-22T15:00:00Z"]
    assert bound._feed.reporter.dropped == 6  # each hour's call, and the use that it was


def test_many_rows_go_in_several_batches(bound, server, monkeypatch):
    monkeypatch.setattr(reporting, "_ROWS_PER_BATCH", 2)
    for customer in "abcde":
        server.put(customer)
        with bound.customer(customer):
            create(bound)
    report(bound)

    assert [len(batch["gates"]) for batch in server.batches] == [2, 2, 1]


def test_the_thread_reports_by_itself(make_client, server, monkeypatch):
    monkeypatch.setattr(reporting, "_EVERY_SECONDS", 0.01)
    client = make_client()
    with client.customer("acme"):
        create(client, times=2)

        assert eventually(lambda: server.reported("boards.create") == {"granted:entitled": 2})


def test_closing_tells_what_is_left(make_client, server):
    client = make_client()
    with client.customer("acme"):
        create(client, times=2)
    client.close()

    assert server.reported("boards.create") == {"granted:entitled": 2}


def test_closing_does_not_wait_for_a_server_that_hangs(monkeypatch):
    joined: list[float] = []
    with misbehaving_server(stay_silent) as url:
        client = Client(url, KEY, load_budget_seconds=0.05, on_failure="open")
        with client.customer("acme"):
            create(client)
        thread = client._feed.reporter._thread
        monkeypatch.setattr(thread, "join", joined.append)
        client.close()

        assert joined == [1.0]


def test_at_exit_all_clients_are_told_before_one_whose_server_hangs_is_waited_for(make_client, monkeypatch):
    told: list[bool] = []
    with misbehaving_server(stay_silent) as url:
        hanging, other = Client(url, KEY, load_budget_seconds=0.05, on_failure="open"), make_client()
        with hanging.customer("acme"):
            create(hanging)
        thread = hanging._feed.reporter._thread

        def join(seconds: float) -> None:
            if seconds:
                told.append(other._feed.reporter._is_finishing.is_set())

        monkeypatch.setattr(thread, "join", join)
        monkeypatch.setattr(feed, "_feeds", [hanging._feed, other._feed])
        feed._finish_reports()
        hanging.close()

    assert told[0] is True


PROGRAM = """
import multiprocessing, os, sys
import liftgate

client = liftgate.Client(sys.argv[1], sys.argv[2], poll_seconds=3600, load_budget_seconds=5)
create = client.gate("boards.create")(lambda: None)

def in_the_child():
    with client.customer("acme"):
        create()
        create()

with client.customer("acme"):
    create()
    create()
    create()
    if sys.argv[3] == "fork":
        child = os.fork()
        if child == 0:
            in_the_child()
            sys.exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    elif sys.argv[3] == "multiprocessing":
        child = multiprocessing.get_context("fork").Process(target=in_the_child)
        child.start()
        child.join()
        assert child.exitcode == 0
    elif sys.argv[3] == "error":
        raise RuntimeError("the host's own")
"""


@pytest.mark.parametrize(("ending", "times"), [("plain", 3), ("error", 3), ("fork", 5), ("multiprocessing", 5)])
def test_a_process_that_ends_tells_what_is_left_and_a_child_only_its_own(ending, times):
    server = FakeServer()
    server.put("acme")
    with http_server(server) as url:
        ended = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", PROGRAM, url, KEY, ending],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert (ended.returncode == 0) is (ending != "error"), ended.stderr
    assert server.reported("boards.create") == {"granted:entitled": times}
    assert json.dumps(server.batches).count("boards.create") == (1 if times == 3 else 2)


def test_a_server_that_answers_something_else_is_told_again(bound, server):
    create(bound)
    server.failure = answer({"hello": "I am a proxy"}, 418)
    with pytest.raises(Exception, match="418"):
        report(bound)
    server.failure = None
    report(bound)

    assert server.reported("boards.create") == {"granted:entitled": 1}
