"""p22: a plan changes for all from a date. Subscribers keep what they have until then, hear of it in time, may move
early for a thank-you, and are on the new version at the instant, without a restart, the ledger in agreement.

The modal that tells of it in a browser is in `tests/browser/test_widget_dialog.py`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

import liftgate
from tests.scenarios.conftest import Stack

THANKS = {"feature": "exports", "entitlement": {"limit": 50, "per": "month"}, "days": 30}
Publish = Callable[..., datetime]


@pytest.fixture
def change_pro(stack: Stack) -> Publish:
    """Publish a larger and dearer Pro for all from an instant some seconds or days away."""

    def publish(after: timedelta) -> datetime:
        document = stack.manage("GET", "/v1/catalogue")["document"]
        pro = document["plans"]["pro"]
        pro["entitlements"]["boards"] = 40
        pro["prices"] = [{**price, "amount": price["amount"] + 1000} for price in pro["prices"]]
        at = datetime.now(UTC) + after
        terms = {"audience": "all", "starts_at": at.isoformat(), "notice_days": 30, "incentive": json.dumps(THANKS)}
        answer = stack.manage("POST", f"/v1/catalogue/publish?{urlencode(terms)}", document)
        assert answer.get("version") == 2, answer
        return at

    return publish


def wait_until(holds: Callable[[], Any], *, seconds: float = 30) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := holds()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found


def test_the_version_is_kept_until_the_instant_and_left_at_it_without_a_restart(
    stack: Stack, lg: liftgate.Client, change_pro: Publish
) -> None:
    with lg.customer("harbour", user="owner", locale="de"):
        assert lg.check("boards").limit == 25
        at = change_pro(timedelta(seconds=12))

        told = wait_until(lg.notices)
        refused = lg.check("boards", used=25)

        # What the reader is told and what is decided belong together, whenever this is looked at before the instant.
        if datetime.now(UTC) < at:
            assert [(notice.plan, notice.title) for notice in told] == [("pro", "Ihr Tarif Pro ändert sich")]
            assert refused.limit == 25
            assert refused.offer is not None
            assert refused.offer.content.grandfathering is not None
            assert lg.check("boards").valid_until is not None
        assert wait_until(lambda: lg.check("boards").limit == 40)
        assert datetime.now(UTC) >= at
        assert lg.notices() == ()


def test_the_ledger_has_the_new_price_from_the_instant(stack: Stack, change_pro: Publish) -> None:
    at = change_pro(timedelta(seconds=0.5))
    wait_until(lambda: datetime.now(UTC) > at)
    told = stack.manage("GET", "/v1/customers/harbour/subscription")

    stack.do_due_work()
    stack.do_due_work()

    changes = stack.manage("GET", "/v1/mrr-changes?customer=harbour")["items"]
    assert [(change["mrr_before"], change["mrr_after"], change["cause"]) for change in changes] == [
        (0, 2900, "started"),
        (2900, 3900, "grandfathering_ended"),
    ]
    assert datetime.fromisoformat(changes[1]["at"]) == at
    assert (told["plan"]["plan_version"], told["mrr"]) == (2, 3900)


def test_the_page_of_the_reader_can_ask_for_the_notice(stack: Stack, lg: liftgate.Client, change_pro: Publish) -> None:
    change_pro(timedelta(days=20))
    with lg.customer("harbour", user="owner", buyer=True, locale="en"):
        answer = stack.as_reader(lg.token(), "GET", "/v1/client/notices")

    (notice,) = answer["notices"]
    assert notice["title"] == "Your plan Pro is changing"
    assert notice["incentive"] == "Switch before then and get +50 PDF exports per month for 30 days."


def test_who_moves_early_pays_the_new_price_and_is_thanked_once(
    stack: Stack, lg: liftgate.Client, change_pro: Publish
) -> None:
    change_pro(timedelta(days=20))
    wanted = {"plan": "pro", "addon": None, "interval": "month", "currency": "EUR", "quantity": 1}
    with lg.customer("harbour", user="owner", buyer=True):
        order = stack.buy(lg.token(), wanted)
        again = stack.as_reader(lg.token(), "POST", "/v1/client/orders", wanted)

    with lg.customer("harbour", minimum_version=order["customer_version"]):
        assert wait_until(lambda: lg.check("boards").limit == 40)
        assert lg.check("exports").limit == 150
        assert lg.notices() == ()
    assert (order["amount"], again["code"]) == (3900, "not_an_upgrade")


def test_the_manager_can_move_an_account_early(stack: Stack, change_pro: Publish) -> None:
    change_pro(timedelta(days=20))

    moved = stack.manage("POST", "/v1/customers/harbour/subscription/change", {"to_current_version": True})

    grants = stack.manage("GET", "/v1/customers/harbour/grants")["items"]
    assert (moved["plan"]["plan_version"], moved["mrr"]) == (2, 3900)
    assert [(grant["kind"], grant["feature"]) for grant in grants] == [("promotion", "exports")]


def test_a_new_subscriber_has_the_new_version_at_once_and_is_told_nothing(
    stack: Stack, lg: liftgate.Client, change_pro: Publish
) -> None:
    change_pro(timedelta(days=20))
    with lg.customer("blue-kite", user="owner", buyer=True):
        order = stack.buy(
            lg.token(), {"plan": "pro", "addon": None, "interval": "month", "currency": "EUR", "quantity": 1}
        )

    with lg.customer("blue-kite", minimum_version=order["customer_version"]):
        assert lg.check("boards").limit == 40
        assert lg.notices() == ()
