"""What gates count: each body that ran, each refusal, the host's own numbers; no check that only draws a button."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections import Counter

import pytest

from liftgate import GateUnavailable, UpgradeRequired, counting
from liftgate.counting import Tally
from liftgate.engine.decision import Decision, Reason
from tests.sdk.conftest import settle
from tests.sdk.fake_server import CATALOGUE


@pytest.fixture
def bound(client):
    """A client within a binding of acme."""
    with client.customer("acme"):
        settle(client)
        yield client


def counted(client, gate: str) -> dict[str, int]:
    """Take what a client counted of a gate since the last time."""
    met = client._feed.reporter._tally.take().met
    return {f"{key.customer} {key.outcome}:{key.reason}": calls for key, calls in met.items() if key.gate == gate}


def used(client) -> dict[str, int]:
    """Take what a client counted as used since the last time."""
    uses = client._feed.reporter._tally.take().uses
    return {f"{key.customer} {key.user} {key.feature}": times for key, times in uses.items()}


def call(client, gate: str, times: int = 1, **rules) -> None:
    function = client.gate(gate, **rules)(lambda: None)
    for _ in range(times):
        function()


def test_each_body_that_ran_is_counted(bound):
    call(bound, "boards.create", times=5)

    assert counted(bound, "boards.create") == {"acme granted:entitled": 5}
    assert counted(bound, "boards.create") == {}


def test_counting_goes_on_after_it_was_asked(bound):
    function = bound.gate("boards.create")(lambda: None)
    totals = []
    for times in (1, 0, 0, 3, 0, 2):
        for _ in range(times):
            function()
        totals.append(sum(counted(bound, "boards.create").values()))

    assert totals == [1, 0, 0, 3, 0, 2]


def test_a_check_is_no_use(bound):
    for gate in ("boards.create", "sso"):
        bound.check(gate)
        bound.check(gate, used=1)

    assert counted(bound, "boards.create") == counted(bound, "sso") == {}


def test_a_refusal_is_counted_whatever_runs_instead(bound):
    with pytest.raises(UpgradeRequired):
        call(bound, "sso")
    call(bound, "sso", otherwise=lambda: None)

    assert counted(bound, "sso") == {"acme refused:not_included": 2}


def test_what_is_observed_is_counted_with_what_it_would_have_been(bound):
    call(bound, "trial_run")

    assert counted(bound, "trial_run") == {"acme observed:not_included": 1}


def test_calls_with_the_hosts_own_numbers_are_counted(bound):
    call(bound, "boards.create", used=2)
    with pytest.raises(UpgradeRequired):
        call(bound, "boards.create", used=3)

    assert counted(bound, "boards.create") == {"acme granted:entitled": 1, "acme refused:limit_reached": 1}


def test_the_last_number_of_the_host_is_its_level(bound):
    bound.check("boards.create", used=1)
    bound.check("boards.create", used=2)
    bound.check("boards.create", used={"never": 1})
    bound.check("sso", used=9)

    levels = bound._feed.reporter._tally.take().levels
    assert {key: level.used for key, level in levels.items()} == {("acme", "boards"): 2}


def test_coroutines_are_counted(bound):
    @bound.gate("boards.create")
    async def create() -> None:
        """Do nothing."""

    asyncio.run(create())

    assert counted(bound, "boards.create") == {"acme granted:entitled": 1}


def test_a_changed_decision_is_counted_under_its_own_reason(bound, server):
    function = bound.gate("maintenance", otherwise=lambda: None)(lambda: None)
    function()
    server.publish({**CATALOGUE, "gates": {**CATALOGUE["gates"], "maintenance": {"requires": "sso", "mode": "open"}}})
    bound.refresh()
    function()
    server.publish({**CATALOGUE, "gates": {**CATALOGUE["gates"], "maintenance": {"requires": "boards"}}})
    bound.refresh()
    function()

    assert counted(bound, "maintenance") == {
        "acme refused:gate_closed": 1,
        "acme granted:gate_open": 1,
        "acme granted:entitled": 1,
    }


def test_calls_without_data_are_counted_and_made_up_gates_are_not(make_client, server):
    server.is_down = True
    client = make_client(load_budget_seconds=0, on_failure="open")
    with client.customer("acme"):
        call(client, "boards.create", times=2)
    server.is_down = False
    with client.customer("acme"):
        client.refresh("acme")
        call(client, "made.up", times=2)
    call(client, "boards.create")  # nobody is bound

    assert counted(client, "boards.create") == {"acme granted:unavailable": 2}
    assert counted(client, "made.up") == {}


def test_a_refusal_without_data_is_no_missing_plan(make_client, server):
    server.is_down = True
    client = make_client(load_budget_seconds=0)
    with client.customer("acme"), pytest.raises(GateUnavailable):
        call(client, "boards.create")

    assert counted(client, "boards.create") == {"acme refused:unavailable": 1}


def test_users_of_a_customer_count_together(client):
    for user in ("u1", "u2"):
        with client.customer("acme", user=user):
            call(client, "boards.create", times=2)

    assert counted(client, "boards.create") == {"acme granted:entitled": 4}


def test_what_a_view_counted_outlives_it(make_client, server):
    server.put("zeta")
    client = make_client(max_customers=1)
    with client.customer("acme"):
        call(client, "boards.create", times=3)
    with client.customer("zeta"):
        gc.collect()

    assert counted(client, "boards.create") == {"acme granted:entitled": 3}


def test_threads_lose_no_call_while_somebody_takes(bound):
    view = bound._feed.cache.view(bound._feed.cache.customer("acme"), bound.binding.reader)
    tally, over = bound._feed.reporter._tally, threading.Event()
    taken: Counter[counting.Met] = Counter()

    def pass_by() -> None:
        with bound.customer("acme"):
            call(bound, "boards.create", times=30_000)

    def take() -> None:
        while not over.is_set():
            taken.update(tally.take()[0])

    threads = [threading.Thread(target=pass_by) for _ in range(4)]
    taker = threading.Thread(target=take)
    for thread in (taker, *threads):
        thread.start()
    for thread in threads:
        thread.join()
    over.set()
    taker.join()
    taken.update(tally.take()[0])
    taken.update(tally.take()[0])

    assert view.passed == {}
    assert sum(taken.values()) == 120_000


def test_a_call_that_passes_while_its_counter_is_given_up_is_counted(bound):
    call(bound, "boards.create")
    view = bound._feed.cache.view(bound._feed.cache.customer("acme"), bound.binding.reader)
    looked_up = view.passed["boards.create"]
    assert [counted(bound, "boards.create") for _ in range(2)] == [{"acme granted:entitled": 1}, {}]
    assert view.passed == {}
    looked_up()

    assert counted(bound, "boards.create") == {"acme granted:entitled": 1}


def test_counters_nobody_advances_are_given_up(bound):
    call(bound, "boards.create")
    tally = bound._feed.reporter._tally
    for _ in range(3):
        tally.take()

    assert tally._passes == []


def test_room_is_bounded_and_what_is_lost_is_said(monkeypatch):
    monkeypatch.setattr(counting, "_MOST_COUNTERS", 2)
    monkeypatch.setattr(counting, "_MOST_LEVELS", 1)
    tally = Tally()
    decision = Decision(granted=False, reason=Reason.NOT_INCLUDED, gate="sso")
    for customer in ("a", "b", "c", "a"):
        tally.add(customer, decision)
        tally.set_level(customer, "boards", counting.Level(1, 0.0))

    met, levels, _ = tally.take()
    assert (sum(met.values()), len(levels), tally.dropped) == (3, 1, 3)


def test_what_ran_behind_a_gate_used_what_the_gate_requires(client, server):
    server.upgrade("acme")
    both = {"requires": {"all": ["sso", "boards"]}}
    server.publish({**CATALOGUE, "gates": {**CATALOGUE["gates"], "team": both}})
    with client.customer("acme", user="u1"):
        client.refresh()
        call(client, "team", times=3)
    with client.customer("acme"):
        call(client, "sso", times=2)

    assert used(client) == {"acme u1 sso": 3, "acme u1 boards": 3, "acme None sso": 2}


def test_of_several_alternatives_the_one_that_granted_was_used(client, server):
    either = {"requires": {"any": ["sso", "boards"]}}
    server.publish({**CATALOGUE, "gates": {**CATALOGUE["gates"], "share": either}})
    with client.customer("acme"):
        client.refresh()
        call(client, "share")

    assert used(client) == {"acme None boards": 1}


@pytest.mark.parametrize(("gate", "uses"), [("beta", 1), ("trial_run", 1), ("maintenance", 0), ("sso", 0)])
def test_a_body_that_ran_is_a_use_whatever_let_it_run(bound, gate, uses):
    call(bound, gate, otherwise=lambda: None)

    assert used(bound) == ({"acme None sso": 1} if uses else {})


def test_calls_with_the_hosts_own_numbers_are_uses(bound):
    call(bound, "boards.create", times=2, used=2)

    assert used(bound) == {"acme None boards": 2}


def test_a_use_that_no_gate_saw_is_told_by_hand(client):
    with client.customer("acme", user="u1"):
        client.used("sso")
        client.used("sso", 2)

    assert used(client) == {"acme u1 sso": 3}


def test_a_check_uses_nothing(bound):
    bound.check("boards.create")
    bound.check("beta")

    assert used(bound) == {}
