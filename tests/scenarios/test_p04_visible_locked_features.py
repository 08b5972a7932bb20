"""p04: premium entries stand in the navigation with a lock; the host asks once for the state of all of them.

The browser's part is `tests/browser/test_demo_journey.py`.
"""

from __future__ import annotations

import sys

import liftgate
from liftgate import Reason
from tests.scenarios.conftest import Stack

ENTRIES = ("settings.sso", "settings.audit_log", "boards.export")


def test_one_call_tells_the_state_of_every_entry(lg: liftgate.Client) -> None:
    with lg.customer("blue-kite"):
        gates = lg.gates()

    assert {entry: gates[entry].reason for entry in ENTRIES} == dict.fromkeys(ENTRIES, Reason.NOT_INCLUDED)


def test_asking_for_all_entries_opens_no_connection(lg: liftgate.Client) -> None:
    connected: list[str] = []
    sys.addaudithook(lambda event, _arguments: connected.append(event) if event == "socket.connect" else None)
    with lg.customer("blue-kite"):
        lg.close()  # so that no poll in the background connects either
        connected.clear()
        gates = lg.gates()
        during = list(connected)

    assert gates
    assert during == []


def test_a_lock_tells_which_plan_opens_it(lg: liftgate.Client) -> None:
    with lg.customer("blue-kite"):
        offers = {entry: lg.check(entry).offer for entry in ENTRIES}

    plans = {entry: offer.content.options[0].plan for entry, offer in offers.items() if offer is not None}
    assert plans == {"settings.sso": "business", "settings.audit_log": "business", "boards.export": "pro"}


def test_the_locks_fall_for_whoever_tries_the_plan(lg: liftgate.Client) -> None:
    with lg.customer("redwood"):
        gates = lg.gates()

    assert all(gates[entry].granted for entry in ENTRIES)


def test_the_server_tells_the_same_in_one_batch(stack: Stack, lg: liftgate.Client) -> None:
    answer = stack.manage("POST", "/v1/check/batch", {"customer": "blue-kite"})

    with lg.customer("blue-kite"):
        here = {gate: decision.granted for gate, decision in lg.gates().items()}
    assert {gate: decision["granted"] for gate, decision in answer["decisions"].items()} == here
