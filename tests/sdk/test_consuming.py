"""Consuming: checked and counted by the server in one step, once, and seen here at once."""

from __future__ import annotations

import asyncio
import gc
import pickle
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from liftgate import ApiError, Client, Reason
from liftgate.errors import ServerUnreachable
from liftgate.messages import Response
from tests.sdk.conftest import KEY, eventually, lose_answers
from tests.sdk.fake_ledger import WINDOW
from tests.sdk.socket_servers import http_server

pytestmark = pytest.mark.usefixtures("_without_pauses")


def test_what_fits_is_counted(bound, server):
    consumption = bound.consume("exports", 3)

    assert consumption
    assert (consumption.granted, consumption.replayed, consumption.units) == (True, False, 3)
    assert [(part.bucket, part.units) for part in consumption.receipt] == [("base", 3)]
    assert consumption.decision.remaining == 2
    assert server.ledger.count_of("exports") == 3


def test_a_gate_consumes_what_it_requires(bound, server):
    assert bound.consume("reports.export")
    assert server.ledger.count_of("exports") == 1


def test_what_does_not_fit_is_refused_with_the_servers_numbers_and_an_offer(bound, server):
    bound.consume("exports", 4)
    refused = bound.consume("exports", 2)

    assert not refused
    assert refused.decision.reason is Reason.LIMIT_REACHED
    assert (refused.decision.used, refused.decision.limit, refused.decision.remaining) == (4, 5, 1)
    assert refused.offer is not None
    assert next(action.kind for action in refused.offer.actions) == "checkout"
    assert server.ledger.count_of("exports") == 4


def test_the_offer_of_a_newer_state_than_ours_is_the_servers(bound, server, monkeypatch):
    told = {"schema": 1, "offer": {"key": "builtin.limit_reached", "version": 1}, "language": "fr"}
    bound.consume("exports", 5)
    good = server.ledger._consume

    def newer(document, key, *, hold):
        found = good(document, key, hold=hold)
        return {**found, "decision": {**found["decision"], "customer_version": 9}, "offer": told}

    monkeypatch.setattr(server.ledger, "_consume", newer)
    monkeypatch.setattr("liftgate.local_counting.wire.decode_payload", lambda offer: ("read", offer))

    assert bound.consume("exports").offer == ("read", told)


def test_the_next_check_sees_it(bound):
    assert bound.check("exports").used == 0
    bound.consume("exports", 5)
    decision = bound.check("exports")

    assert (decision.granted, decision.used, decision.remaining) == (False, 5, 0)


def test_checks_of_other_features_keep_their_answers(bound):
    others = {gate: bound.check(gate) for gate in ("boards", "sso.login", "boards.create")}
    before = {gate: bound.check(gate) for gate in ("exports", "reports.export")}
    bound.consume("exports", 2)

    assert {gate: bound.check(gate) for gate in others} == others
    assert all(bound.check(gate) is answer for gate, answer in others.items())
    assert all(bound.check(gate).used == 2 != answer.used for gate, answer in before.items())


def test_so_do_other_users_of_the_customer_and_nobody_else(bound, server):
    server.put("zeta")
    bound.consume("exports", 2)
    with bound.customer("acme", user="u2"):
        assert bound.check("exports").used == 2
    with bound.customer("zeta"):
        assert bound.check("exports").used == 0


def test_it_is_said_who_consumes_and_in_which_language(client, server):
    with client.customer("acme", user="u1", locale="de"):
        client.consume("exports", properties={"format": "pdf"})
        client.consume("exports", user="u2")

    documents = [document for document, _ in server.ledger.answers.values()]
    assert documents[0] == {
        "customer": "acme",
        "gate": "exports",
        "quantity": 1,
        "user": "u1",
        "language": "de",
        "properties": {"format": "pdf"},
    }
    assert documents[1]["user"] == "u2"


def test_the_same_key_counts_once_and_is_answered_alike(bound, server):
    first = bound.consume("exports", 2, key="order-7")
    again = bound.consume("exports", 2, key="order-7")

    assert (first.replayed, again.replayed) == (False, True)
    assert again.key == "order-7"
    assert server.ledger.count_of("exports") == 2
    assert bound.check("exports").used == 2


def test_an_answer_of_long_ago_lowers_no_counter(bound):
    bound.consume("exports", 1, key="order-7")
    bound.consume("exports", 2)
    assert bound.consume("exports", 1, key="order-7").replayed

    assert bound.check("exports").used == 3


def test_a_refusal_says_what_others_have_used_meanwhile(bound, server):
    server.ledger.used["acme", "exports"] = 5
    assert bound.check("exports")
    assert not bound.consume("exports")

    assert not bound.check("exports")


def test_the_same_key_for_something_else_is_a_conflict(bound, server):
    bound.consume("exports", 2, key="order-7")
    with pytest.raises(ApiError) as caught:
        bound.consume("exports", 3, key="order-7")

    assert caught.value.code == "idempotency_conflict"
    assert server.ledger.count_of("exports") == 2


def test_an_answer_that_was_lost_is_asked_for_again_under_the_same_key(bound, server):
    lose_answers(server, 1)
    consumption = bound.consume("exports", 2)

    assert (consumption.granted, consumption.replayed) == (True, True)
    assert server.ledger.count_of("exports") == 2
    keys = [request.headers["Idempotency-Key"] for request in server.requests if "/usage/" in request.path]
    assert keys == [consumption.key] * 2


def test_what_was_consumed_can_be_given_back(bound, server):
    consumption = bound.consume("exports", 4)
    consumption.refund(1)
    assert (server.ledger.count_of("exports"), bound.check("exports").used) == (3, 3)
    bound.refund(consumption.key, 2)

    assert (server.ledger.count_of("exports"), bound.check("exports").used) == (1, 1)


def test_a_refund_is_told_later_when_the_server_is_away(bound, server):
    consumption = bound.consume("exports", 4)
    server.is_down = True
    consumption.refund()
    server.is_down = False
    assert bound.flush(10)

    assert server.ledger.count_of("exports") == 0


def test_nothing_that_was_refused_can_be_given_back(bound):
    bound.consume("exports", 5)
    with pytest.raises(ValueError, match="nothing to give back"):
        bound.consume("exports").refund()


def test_a_switch_cannot_be_consumed(bound):
    with pytest.raises(ApiError) as caught:
        bound.consume("sso")

    assert caught.value.code == "wrong_kind"


def test_an_answer_that_makes_no_sense_is_no_answer(bound, server):
    server.failure = Response(200, {}, b'{"granted": true}')

    assert bound.consume("exports").decision.reason is Reason.UNAVAILABLE


@pytest.fixture
def counter(bound):
    """Tell the cache what the counter of exports said, and read it back."""
    cache, key = bound._feed.cache, ("exports", None, WINDOW)

    def note(used: int, *, asked_at: float, **how: bool) -> int:
        cache.note_counters("acme", {key: used}, asked_at=asked_at, **how)
        return bound.check("exports").used

    return note


def test_of_answers_that_crossed_the_higher_one_counts_unless_units_were_given_back(counter):
    before = time.monotonic()
    assert counter(3, asked_at=before) == 3
    assert counter(2, asked_at=before) == 3
    assert counter(2, asked_at=before, gave_back=True) == 2
    assert counter(1, asked_at=time.monotonic()) == 1


@pytest.mark.parametrize("change", ["consume", "give back"])
def test_a_state_that_was_on_its_way_does_not_take_back_what_was_counted_meanwhile(bound, server, change):
    consumption = bound.consume("exports", 2)
    server.states["acme"]["usage"] = [{"feature": "exports", "user": None, "window": WINDOW, "used": 2}]

    def count_meanwhile(request):
        if request.path.endswith("/state"):
            # The state that is told knows nothing of it: it was read before.
            server.before = lambda _request: None
            with bound.customer("acme"):
                if change == "consume":
                    bound.consume("exports", 2)
                else:
                    consumption.refund(1)

    server.before = count_meanwhile
    bound._feed.cache.find("acme").etag = None
    bound.refresh("acme")

    assert bound.check("exports").used == (4 if change == "consume" else 1)


def test_a_later_state_has_the_last_word(bound, server):
    bound.consume("exports", 2)
    server.put("acme", usage=[{"feature": "exports", "user": None, "window": WINDOW, "used": 1}])
    bound.refresh("acme")

    assert bound.check("exports").used == 1


def test_levels_are_told_and_seen_at_once(bound, server):
    assert bound.set_level("boards", 3)
    assert not bound.check("boards")
    assert bound.add_level("boards", -2)

    assert server.ledger.count_of("boards") == 1
    assert bound.check("boards").used == 1


def test_a_rise_that_does_not_fit_is_refused_with_an_offer(bound, server):
    server.ledger.limits["boards"] = 3
    bound.set_level("boards", 3)
    refused = bound.add_level("boards", 1)

    assert not refused
    assert refused.decision.reason is Reason.LIMIT_REACHED
    assert refused.offer is not None
    assert server.ledger.count_of("boards") == 3


def test_a_level_that_cannot_be_told_is_an_error(bound, server):
    server.is_down = True
    with pytest.raises(ServerUnreachable):
        bound.set_level("boards", 3)


def test_coroutines_consume(bound, server):
    async def use() -> list[bool]:
        first, second = await bound.aconsume("exports", 4), await bound.aconsume("exports", 2)
        await first.arefund(2)
        await bound.arefund(first.key, 1)
        await bound.aset_level("boards", 2)
        await bound.aadd_level("boards", 1)
        return [first.granted, second.granted]

    assert asyncio.run(use()) == [True, False]
    assert server.ledger.count_of("exports") == 1
    assert server.ledger.count_of("boards") == 3


@pytest.mark.parametrize(("key", "counted"), [(None, 0), ("order-7", 2)])
def test_a_canceled_task_has_consumed_nothing_unless_it_can_ask_again(bound, server, key, counted):
    is_there = asyncio.Event()
    may_go_on: list[bool] = []

    async def use() -> None:
        loop = asyncio.get_running_loop()

        def hold_up(request):
            if "/consume" in request.path:
                loop.call_soon_threadsafe(is_there.set)
                assert eventually(lambda: bool(may_go_on))

        server.before = hold_up
        task = asyncio.create_task(bound.aconsume("exports", 2, key=key))
        await is_there.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        may_go_on.append(True)

    asyncio.run(use())
    # The loop has ended and did not wait for the thread, which goes on.
    assert eventually(lambda: len(server.ledger.answers) > 0)
    assert eventually(lambda: server.ledger.count_of("exports") == counted)
    assert len(server.ledger.answers) == (1 if key else 2)  # the refund has a key, too


def test_a_consumption_reaches_another_process_without_its_client(bound):
    arrived = pickle.loads(pickle.dumps(bound.consume("exports", 2)))  # noqa: S301 - our own bytes

    assert (arrived.granted, arrived.units) == (True, 2)
    with pytest.raises(Exception, match="another process"):
        arrived.refund()


def test_windows_of_a_minute_do_not_pile_up(bound):
    cache = bound._feed.cache
    for minute in range(4_000):
        cache.note_counters("acme", {("exports", None, f"minute:{minute}"): 1}, asked_at=10.0**9)
    bound.consume("exports")

    entry = cache.find("acme")
    assert len(entry.counted) <= 500
    assert len(entry.state.usage) <= 2_001
    assert bound.check("exports").used == 1


def test_ten_thousand_consumptions_leave_nothing_behind(bound, server):
    server.ledger.limits.clear()

    def consume(times: int) -> int:
        for _ in range(times):
            bound.consume("exports")
        server.requests.clear()
        server.ledger.answers.clear()
        gc.collect()
        return len(gc.get_objects())

    consume(100)
    before = consume(100)
    after = consume(10_000)

    assert after - before < 100


def test_over_a_wire_that_breaks_after_the_server_has_counted_it_counts_once(server):
    with http_server(server) as url, Client(url, KEY, poll_seconds=3600, load_budget_seconds=10) as client:
        with client.customer("acme"):
            assert client.consume("exports").granted  # the connection is kept
            lose_answers(server, 1)
            consumption = client.consume("exports", 2)

        assert (consumption.granted, consumption.replayed) == (True, True)
        assert server.ledger.count_of("exports") == 3


def test_an_answer_that_hangs_after_the_server_has_counted_is_asked_for_again(server):
    good, hung = server._answer, threading.Event()

    def hang_once(request):
        told = good(request)
        if "/consume" in request.path and not hung.is_set():
            hung.set()
            server.lock.release()  # the others are answered meanwhile
            assert eventually(lambda: server.count("/consume") == 2)
            server.lock.acquire()
        return told

    server._answer = hang_once
    settings: dict[str, Any] = {"poll_seconds": 3600, "load_budget_seconds": 10, "request_timeout_seconds": 4}
    with http_server(server) as url, Client(url, KEY, **settings) as client, client.customer("acme"):
        consumption = client.consume("exports", 2)

    assert (consumption.granted, consumption.replayed) == (True, True)
    assert server.ledger.count_of("exports") == 2


def test_the_threads_of_the_event_loop_stay_the_hosts_own(bound, server):
    is_asked, may_answer = threading.Event(), threading.Event()

    def hold_up(_request: Any) -> None:
        is_asked.set()
        may_answer.wait(30)

    async def use() -> bool:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        consuming = asyncio.create_task(bound.aconsume("exports", 2))
        try:
            assert await asyncio.wait_for(asyncio.to_thread(is_asked.wait, 10), 20)
        finally:
            may_answer.set()
        return bool(await consuming)

    server.before = hold_up

    assert asyncio.run(use())
