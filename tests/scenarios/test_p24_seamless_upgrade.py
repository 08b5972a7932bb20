"""p24: from the button through checkout to the open gate, monthly and yearly, without a restart or a new login.

The browser's part is `tests/browser/test_demo_journey.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

import liftgate
from tests.scenarios.conftest import Stack


@pytest.mark.parametrize(("interval", "amount"), [("month", 2900), ("year", 29000)])
def test_the_gate_opens_after_the_order_at_the_price_that_was_shown(
    stack: Stack, lg: liftgate.Client, interval: str, amount: int
) -> None:
    with lg.customer("blue-kite", user="owner", buyer=True):
        refused = lg.check("boards.export")
        assert refused.offer is not None
        option = next(option for option in refused.offer.content.options if option.interval == interval)
        order = stack.buy(lg.token(), {name: getattr(option, name) for name in option.__slots__})

    with lg.customer("blue-kite", minimum_version=order["customer_version"]):
        assert lg.check("boards.export").granted
    assert (option.amount, order["amount"], order["status"]) == (amount, amount, "completed")


def test_other_host_processes_follow_by_themselves(
    stack: Stack, lg: liftgate.Client, start_host: Callable[[], liftgate.Client]
) -> None:
    other = start_host()
    with other.customer("blue-kite"):
        assert not other.check("boards.export").granted
    with lg.customer("blue-kite", user="owner", buyer=True):
        stack.buy(lg.token(), {"plan": "pro", "addon": None, "interval": "month", "currency": "EUR", "quantity": 1})

    deadline = time.monotonic() + 20
    opened = False
    while not opened and time.monotonic() < deadline:
        with other.customer("blue-kite"):
            opened = other.check("boards.export").granted
        time.sleep(0.01)

    assert opened


def test_an_order_that_waits_for_approval_opens_nothing_until_then(stack: Stack, lg: liftgate.Client) -> None:
    order = stack.manage("POST", "/v1/orders", {"customer": "blue-kite", "plan": "pro", "interval": "month"})
    with lg.customer("blue-kite"):
        assert not lg.check("boards.export").granted

    approved = stack.manage("POST", f"/v1/orders/{order['id']}/approve", {})

    with lg.customer("blue-kite", minimum_version=approved["customer_version"]):
        assert lg.check("boards.export").granted


def test_one_who_may_not_buy_cannot_order_and_can_ask(stack: Stack, lg: liftgate.Client) -> None:
    wanted = {"plan": "pro", "interval": "month", "currency": "EUR"}
    with lg.customer("blue-kite", user="member", buyer=False):
        refused = stack.as_reader(lg.token(), "POST", "/v1/client/orders", wanted)
        asked = stack.as_reader(lg.token(), "POST", "/v1/client/upgrade-requests", wanted)

    waiting = stack.manage("GET", "/v1/orders?status=requested")
    assert refused["code"] == "not_a_buyer"
    assert [order["id"] for order in waiting["items"]] == [asked["id"]]


def test_the_upgrade_is_in_the_ledger_of_recurring_revenue(stack: Stack, lg: liftgate.Client) -> None:
    with lg.customer("harbour", user="owner", buyer=True):
        stack.buy(
            lg.token(), {"plan": "business", "addon": None, "interval": "month", "currency": "EUR", "quantity": 1}
        )

    changes = stack.manage("GET", "/v1/mrr-changes?customer=harbour")["items"]

    told = sorted((change["mrr_before"], change["mrr_after"], change["kind"]) for change in changes)
    assert told == [(0, 2900, "new"), (2900, 9900, "expansion")]
