"""Subscriptions over HTTP: the shape of the answer, roles, replays and bad input."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from liftgate_server.access.caller import Role
from liftgate_server.plumbing.clock import FixedClock

pytestmark = pytest.mark.usefixtures("acme")

PATH = "/v1/customers/acme/subscription"
PRO = {"plan": "pro", "interval": "month", "quantity": 5}


def test_a_customer_without_a_subscription_has_none(manager: Any) -> None:
    assert manager.get(PATH).json == {
        "customer": "acme",
        "customer_version": 1,
        "status": "none",
        "plan": None,
        "current_period": None,
        "scheduled": None,
        "cancel_at": None,
        "addons": [],
        "currency": None,
        "mrr": 0,
    }


def test_a_downgrade_says_what_will_be_and_when(manager: Any) -> None:
    manager.post(PATH, json=PRO)
    manager.post(f"{PATH}/addons", json={"addon": "extra_exports", "quantity": 2})
    answer = manager.post(f"{PATH}/change", json={"quantity": 2}).json
    assert (answer["status"], answer["plan"]["quantity"], answer["plan"]["amount"]) == ("active", 5, 14500)
    assert (answer["scheduled"]["quantity"], answer["scheduled"]["starts_at"]) == (2, "2026-12-22T09:00:00Z")
    assert answer["current_period"] == {"starts_at": "2026-11-22T09:00:00Z", "ends_at": "2026-12-22T09:00:00Z"}
    assert answer["addons"][0]["scheduled_quantity"] is None


def test_a_cancelled_subscription_says_so(manager: Any, clock: FixedClock) -> None:
    manager.post(PATH, json=PRO)
    ending = manager.post(f"{PATH}/cancel", json={"when": "period_end"}).json
    assert (ending["status"], ending["cancel_at"]) == ("active", "2026-12-22T09:00:00Z")
    assert manager.post(f"{PATH}/undo").json["cancel_at"] is None
    clock.advance(timedelta(days=1))
    assert manager.post(f"{PATH}/cancel", json={"when": "now"}).json["status"] == "canceled"


def test_the_same_idempotency_key_starts_one_subscription(manager: Any) -> None:
    answers = [manager.post(PATH, json=PRO, headers={"Idempotency-Key": "k1"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json == answers[1].json
    assert len(manager.get("/v1/mrr-changes").json["items"]) == 1


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("", PRO | {"quantity": -1}, "quantity"),
        ("", PRO | {"quantity": 2.6e-42}, "quantity"),
        ("", PRO | {"quantity": True}, "quantity"),
        ("", PRO | {"trial_days": 10**6}, "trial_days"),
        ("", PRO | {"interval": "week"}, "interval"),
        ("", PRO | {"amount": 1}, "amount"),
        ("", PRO | {"plan": None}, "plan"),
        ("/change", {}, ""),
        ("/change", {"currency": "USD"}, "currency"),
        ("/change", {"quantity": 0}, "quantity"),
        ("/addons", {"addon": "extra_exports", "quantity": -1}, "quantity"),
        ("/addons", {"addon": "extra_exports"}, "quantity"),
        ("/cancel", {"when": "tomorrow"}, "when"),
        ("/cancel", {}, "when"),
        ("/status", {"status": "trialing"}, "status"),
        ("/status", {"status": "canceled"}, "status"),
    ],
)
def test_a_field_that_cannot_be_accepted_is_named(manager: Any, path: str, body: dict[str, Any], field: str) -> None:
    answer = manager.post(PATH + path, json=body)
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_request")
    assert [error["path"] for error in answer.json["errors"]] == [field]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("", PRO),
        ("/change", {"plan": "pro"}),
        ("/addons", {"addon": "support", "quantity": 1}),
        ("/cancel", {"when": "now"}),
        ("/undo", None),
        ("/status", {"status": "paused"}),
    ],
)
def test_changes_take_an_editor_and_a_known_customer(
    manager: Any, make_key: Callable[..., str], call_with: Callable[..., Any], path: str, body: Any
) -> None:
    viewer = call_with(make_key(Role.VIEWER))
    assert viewer.post(PATH + path, json=body).json["code"] == "insufficient_role"
    answer = manager.post(f"/v1/customers/nobody/subscription{path}", json=body)
    assert (answer.status_code, answer.json["code"]) == (404, "unknown_customer")


def test_the_ledger_is_listed_in_its_order_page_by_page(manager: Any) -> None:
    manager.put("/v1/customers/beta", json={})
    for customer in ("beta", "acme"):
        manager.post(f"/v1/customers/{customer}/subscription", json=PRO)
        manager.post(f"/v1/customers/{customer}/subscription/cancel", json={"when": "now"})
    first = manager.get("/v1/mrr-changes?limit=3").json
    rest = manager.get(f"/v1/mrr-changes?limit=3&cursor={first['next_cursor']}").json
    assert [(item["customer"], item["kind"]) for item in first["items"] + rest["items"]] == [
        ("acme", "new"),
        ("acme", "churn"),
        ("beta", "new"),
        ("beta", "churn"),
    ]
    assert manager.get("/v1/mrr-changes?customer=nobody").json["code"] == "unknown_customer"
