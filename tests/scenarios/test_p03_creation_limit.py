"""p03: creating one more than the plan allows is refused, and the modal says the limit, what stays, and what lifts it.

The browser's part is `tests/browser/test_demo_journey.py`.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

import liftgate
from tests.scenarios.conftest import Stack


class Boards:
    """What a host keeps: three boards, and a gate in front of making a fourth."""

    def __init__(self, lg: liftgate.Client) -> None:
        self.titles = ["Harvest plan", "Market stalls", "Members' meeting"]
        self.create = lg.gate("boards.create", used=lambda _title: len(self.titles))(self.titles.append)


def test_the_fourth_board_is_refused_with_the_limit_the_plan_and_what_stays(lg: liftgate.Client) -> None:
    boards = Boards(lg)

    with lg.customer("tall-pines", user="owner"), pytest.raises(liftgate.UpgradeRequired) as refusal:
        boards.create("Cider press")

    payload = refusal.value.payload
    assert payload is not None
    assert len(boards.titles) == 3
    assert payload.content.usage is not None
    assert (payload.content.usage.used, payload.content.usage.limit) == (3, 3)
    assert "stay" in payload.content.body
    assert [(option.plan, option.interval, option.amount) for option in payload.content.options] == [
        ("pro", "month", 2900),
        ("pro", "year", 29000),
    ]


def test_the_board_is_made_right_after_the_upgrade_in_the_same_process(stack: Stack, lg: liftgate.Client) -> None:
    boards = Boards(lg)
    with lg.customer("tall-pines", user="owner", buyer=True), pytest.raises(liftgate.UpgradeRequired):
        boards.create("Cider press")
    with lg.customer("tall-pines", user="owner", buyer=True):
        order = stack.buy(
            lg.token(), {"plan": "pro", "addon": None, "interval": "month", "currency": "EUR", "quantity": 1}
        )

    with lg.customer("tall-pines", minimum_version=order["customer_version"]):
        boards.create("Cider press")

    assert boards.titles[-1] == "Cider press"


def test_what_is_above_the_limit_stays_after_the_plan_has_gone(stack: Stack, lg: liftgate.Client) -> None:
    stack.manage("POST", "/v1/customers/lantern/subscription/cancel", {"when": "now"})

    with lg.customer("lantern"):
        decision = lg.check("boards.create", used=5)

    assert (decision.granted, decision.used, decision.limit, decision.remaining) == (False, 5, 3, 0)
    assert decision.offer is not None
    assert "stay" in decision.offer.content.body


def test_the_level_that_the_host_sets_is_what_every_process_and_the_manager_see(
    stack: Stack, lg: liftgate.Client, start_host: Callable[[], liftgate.Client]
) -> None:
    """The boards are there already: the demo's workspaces have told how many."""
    with lg.customer("tall-pines", user="owner"):
        refused = lg.check("boards.create")
        lg.set_level("boards", 2)
        assert lg.check("boards.create").granted

    with start_host().customer("tall-pines"):
        assert not refused.granted
    (boards,) = [it for it in stack.usage_of("tall-pines") if it["feature"] == "boards"]
    assert (boards["used"], boards["limit"], boards["remaining"]) == (2, 3, 1)


def test_of_two_processes_at_the_last_board_one_makes_it(
    stack: Stack, start_host: Callable[[], liftgate.Client]
) -> None:
    """A level that is raised is checked where it is counted, so two hosts that both saw room cannot both have it."""
    first, second = start_host(), start_host()
    with first.customer("blue-kite"), second.customer("blue-kite"):
        assert first.check("boards.create").granted
        assert second.check("boards.create").granted

        answers = [bool(host.add_level("boards", 1)) for host in (first, second)]

    assert answers == [True, False]
    (boards,) = [it for it in stack.usage_of("blue-kite") if it["feature"] == "boards"]
    assert boards["used"] == 3
