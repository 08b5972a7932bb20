"""p21: add-ons raise limits on top of a plan; price and effect are shown before the purchase.

The browser's part is `tests/browser/test_demo_journey.py`.
"""

from __future__ import annotations

import liftgate
from tests.scenarios.conftest import Stack

EXHAUSTED = 100


def test_the_add_on_is_offered_with_its_price_and_its_effect(lg: liftgate.Client) -> None:
    with lg.customer("harbour", user="owner"):
        offer = lg.check("boards.export", used=EXHAUSTED).offer

    assert offer is not None
    assert [(option.addon, option.quantity, option.amount) for option in offer.content.options] == [
        ("extra_exports", 1, 900)
    ]
    assert "adds 100 PDF exports per month" in offer.content.body


def test_buying_it_raises_the_limit_by_just_that(stack: Stack, lg: liftgate.Client) -> None:
    with lg.customer("harbour", user="owner", buyer=True):
        order = stack.buy(
            lg.token(), {"plan": None, "addon": "extra_exports", "interval": "month", "currency": "EUR", "quantity": 2}
        )

    with lg.customer("harbour", minimum_version=order["customer_version"]):
        decision = lg.check("boards.export", used=EXHAUSTED)
    assert order["amount"] == 1800
    assert (decision.granted, decision.limit, decision.remaining) == (True, 300, 200)


def test_an_add_on_that_does_not_fit_the_plan_is_refused(stack: Stack, lg: liftgate.Client) -> None:
    with lg.customer("blue-kite", user="owner", buyer=True):
        wanted = {"addon": "extra_exports", "interval": "month", "currency": "EUR", "quantity": 1}
        answer = stack.as_reader(lg.token(), "POST", "/v1/client/orders", wanted)

    assert (answer["status"], answer["code"]) == (409, "addon_not_allowed")
