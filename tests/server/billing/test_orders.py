"""Orders over HTTP: placing, approving, confirming, cancelling, expiring."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from liftgate.engine.catalogue_model import Recurrence
from liftgate_server.access.queries import Environment
from liftgate_server.billing import service
from liftgate_server.customers import queries as customers
from liftgate_server.customers import subscription_service as subscriptions
from liftgate_server.customers.models import MrrChangeRow
from liftgate_server.customers.timeline import When
from liftgate_server.plumbing.clock import FixedClock
from liftgate_server.plumbing.db import db

pytestmark = pytest.mark.usefixtures("acme")

MONTH = Recurrence.MONTH
CHEAP = [{"interval": "month", "currency": "EUR", "amount": 100}]
PRO = {"plan": "pro", "interval": "month"}


def place(caller: Any, path: str = "/v1/client/orders", **body: Any) -> dict[str, Any]:
    answer = caller.post(path, json=PRO | body if "addon" not in body else {"interval": "month"} | body)
    assert answer.status_code == 201, answer.json
    return answer.json


def problem(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["code"]


def test_an_order_names_the_price_of_the_catalogue(sign_in: Callable[..., Any]) -> None:
    order = place(sign_in(), quantity=5)
    assert (order["status"], order["amount"], order["currency"]) == ("pending", 14500, "EUR")
    assert (order["plan"], order["addon"], order["quantity"]) == ("pro", None, 5)
    assert order["expires_at"] == "2026-11-23T09:00:00Z"
    assert (order["completed_at"], order["customer_version"], order["next"]) == (None, None, {"kind": "wait"})


def test_a_pending_order_changes_nothing(sign_in: Callable[..., Any], environment: Environment) -> None:
    place(sign_in())
    assert customers.subscription(environment.id, "acme").current is None


def test_an_approval_completes_the_order_and_changes_the_plan(
    sign_in: Callable[..., Any], manager: Any, environment: Environment
) -> None:
    order = place(sign_in(), impression_id="imp_1")
    approved = manager.post(f"/v1/orders/{order['id']}/approve").json
    assert (approved["status"], approved["next"]) == ("completed", {"kind": "none"})
    assert approved["customer_version"] == customers.customer_version(environment.id, "acme")
    subscription = customers.subscription(environment.id, "acme")
    assert subscription.current is not None
    assert subscription.current.choice.plan == "pro"


def test_the_change_of_mrr_is_attributed_to_the_order(sign_in: Callable[..., Any], manager: Any) -> None:
    order = place(sign_in(), impression_id="imp_1")
    manager.post(f"/v1/orders/{order['id']}/approve")
    (change,) = manager.get("/v1/mrr-changes?customer=acme").json["items"]
    assert (change["order"], change["impression_id"], change["mrr_after"]) == (order["id"], "imp_1", 2900)


def test_approving_again_answers_the_same_and_changes_nothing(
    sign_in: Callable[..., Any], manager: Any, clock: FixedClock, environment: Environment
) -> None:
    order = place(sign_in())
    first = manager.post(f"/v1/orders/{order['id']}/approve").json
    clock.advance(timedelta(days=3))
    again = manager.post(f"/v1/orders/{order['id']}/approve")
    assert (again.status_code, again.json) == (200, first)
    assert customers.customer_version(environment.id, "acme") == first["customer_version"]


def test_the_same_idempotency_key_places_one_order(sign_in: Callable[..., Any], manager: Any) -> None:
    buyer, headers = sign_in(), {"Idempotency-Key": "k1"}
    first = buyer.post("/v1/client/orders", json=PRO, headers=headers)
    again = buyer.post("/v1/client/orders", json=PRO, headers=headers)
    assert (again.json, again.headers["Idempotent-Replay"]) == (first.json, "true")
    assert len(manager.get("/v1/orders").json["items"]) == 1


def test_the_same_idempotency_key_with_another_order_is_a_conflict(sign_in: Callable[..., Any]) -> None:
    buyer, headers = sign_in(), {"Idempotency-Key": "k1"}
    buyer.post("/v1/client/orders", json=PRO, headers=headers)
    other = buyer.post("/v1/client/orders", json={**PRO, "quantity": 2}, headers=headers)
    assert problem(other) == (409, "idempotency_conflict")


def test_the_price_is_honoured_when_the_catalogue_changes(
    sign_in: Callable[..., Any], manager: Any, publish_plans: Callable[..., None], environment: Environment
) -> None:
    order = place(sign_in())
    publish_plans(lambda document: document["plans"]["pro"]["prices"][0].update(amount=9900))
    approved = manager.post(f"/v1/orders/{order['id']}/approve").json
    current = customers.subscription(environment.id, "acme").current
    assert current is not None
    assert (approved["amount"], current.choice.unit_amount, current.choice.plan_version) == (2900, 2900, 1)


def test_an_order_can_be_completed_until_it_expires(
    sign_in: Callable[..., Any], manager: Any, clock: FixedClock
) -> None:
    order = place(sign_in())
    clock.advance(timedelta(hours=24, microseconds=-1))
    assert manager.post(f"/v1/orders/{order['id']}/approve").json["status"] == "completed"


def test_an_expired_order_cannot_be_completed(sign_in: Callable[..., Any], manager: Any, clock: FixedClock) -> None:
    order = place(sign_in())
    clock.advance(timedelta(hours=24))
    assert problem(manager.post(f"/v1/orders/{order['id']}/approve")) == (409, "order_expired")
    assert manager.get(f"/v1/orders/{order['id']}").json["status"] == "expired"
    assert [found["id"] for found in manager.get("/v1/orders?status=expired").json["items"]] == [order["id"]]
    assert manager.get("/v1/orders?status=pending").json["items"] == []


def test_what_expired_is_written_down_once(sign_in: Callable[..., Any], clock: FixedClock, manager: Any) -> None:
    order = place(sign_in())
    clock.advance(timedelta(hours=24))
    assert (service.expire_due_orders(clock.now()), service.expire_due_orders(clock.now())) == (1, 0)
    assert manager.get(f"/v1/orders/{order['id']}").json["status"] == "expired"


@pytest.mark.parametrize("settled", ["reject", "cancel"])
def test_a_settled_order_cannot_be_approved(sign_in: Callable[..., Any], manager: Any, settled: str) -> None:
    buyer = sign_in()
    order = place(buyer)
    if settled == "reject":
        manager.post(f"/v1/orders/{order['id']}/reject")
    else:
        buyer.post(f"/v1/client/orders/{order['id']}/cancel")
    code = {"reject": "order_rejected", "cancel": "order_canceled"}[settled]
    assert problem(manager.post(f"/v1/orders/{order['id']}/approve")) == (409, code)


def test_settling_in_the_same_way_again_answers_the_same(sign_in: Callable[..., Any], manager: Any) -> None:
    buyer = sign_in()
    one, two = place(buyer), place(buyer)
    rejected = [manager.post(f"/v1/orders/{one['id']}/reject") for _ in range(2)]
    canceled = [buyer.post(f"/v1/client/orders/{two['id']}/cancel") for _ in range(2)]
    assert [answer.json["status"] for answer in rejected + canceled] == ["rejected"] * 2 + ["canceled"] * 2


@pytest.mark.parametrize("call", ["reject", "cancel"])
def test_a_completed_order_stays_completed(sign_in: Callable[..., Any], manager: Any, call: str) -> None:
    buyer = sign_in()
    order = place(buyer)
    manager.post(f"/v1/orders/{order['id']}/approve")
    path = f"/v1/orders/{order['id']}/reject" if call == "reject" else f"/v1/client/orders/{order['id']}/cancel"
    assert problem((manager if call == "reject" else buyer).post(path)) == (409, "order_completed")


@pytest.mark.parametrize(
    "ordered",
    [{"plan": "free"}, {"plan": "pro"}, {"plan": "pro", "quantity": 2}],
    ids=["lower", "the same", "fewer seats"],
)
def test_what_is_not_more_is_not_an_order(
    runtime_caller: Any, environment: Environment, publish_plans: Callable[..., None], ordered: dict[str, Any]
) -> None:
    publish_plans(lambda document: document["plans"]["free"].update(prices=CHEAP))
    start = subscriptions.StartSubscription("pro", MONTH, quantity=3)
    subscriptions.start_subscription(environment.id, "acme", start)
    answer = runtime_caller.post("/v1/orders", json={"customer": "acme", "interval": "month", **ordered})
    assert problem(answer) == (409, "not_an_upgrade")


def test_more_seats_of_a_plan_priced_by_account_are_refused_by_field(
    runtime_caller: Any, environment: Environment, publish_plans: Callable[..., None]
) -> None:
    publish_plans(lambda document: document["plans"]["pro"].update(prices=CHEAP))
    subscriptions.start_subscription(environment.id, "acme", subscriptions.StartSubscription("pro", MONTH))
    answer = runtime_caller.post("/v1/orders", json={"customer": "acme", **PRO, "quantity": 5})
    assert problem(answer) == (422, "invalid_request")
    assert [error["path"] for error in answer.json["errors"]] == ["quantity"]


def test_the_default_plan_is_not_an_upgrade_of_nothing(runtime_caller: Any, publish_plans: Callable[..., None]) -> None:
    publish_plans(lambda document: document["plans"]["free"].update(prices=CHEAP))
    answer = runtime_caller.post("/v1/orders", json={"customer": "acme", "plan": "free", "interval": "month"})
    assert problem(answer) == (409, "not_an_upgrade")


def test_an_order_overtaken_by_another_is_refused_when_approved(
    sign_in: Callable[..., Any], manager: Any, environment: Environment
) -> None:
    pro = place(sign_in())
    business = place(sign_in(), plan="business")
    manager.post(f"/v1/orders/{business['id']}/approve")
    assert problem(manager.post(f"/v1/orders/{pro['id']}/approve")) == (409, "not_an_upgrade")
    assert manager.get(f"/v1/orders/{pro['id']}").json["status"] == "pending"


def test_a_refused_completion_leaves_no_trace(sign_in: Callable[..., Any], manager: Any) -> None:
    orders = [place(sign_in()) for _ in range(2)]
    for order in orders:
        manager.post(f"/v1/orders/{order['id']}/approve")
    db.session.rollback()
    assert len(db.session.scalars(db.select(MrrChangeRow)).all()) == 1


def test_buying_during_a_trial_ends_the_trial(
    sign_in: Callable[..., Any], manager: Any, environment: Environment, clock: FixedClock
) -> None:
    trial = subscriptions.StartSubscription("pro", MONTH, trial_days=14)
    subscriptions.start_subscription(environment.id, "acme", trial)
    clock.advance(timedelta(days=2))
    manager.post(f"/v1/orders/{place(sign_in())['id']}/approve")
    subscription = customers.subscription(environment.id, "acme")
    assert (subscription.mrr, subscription.period and subscription.period.start) == (2900, clock.now())


def test_a_purchase_undoes_a_scheduled_cancellation(
    sign_in: Callable[..., Any], manager: Any, environment: Environment
) -> None:
    subscriptions.start_subscription(environment.id, "acme", subscriptions.StartSubscription("pro", MONTH))
    subscriptions.cancel_subscription(environment.id, "acme", when=When.PERIOD_END)
    manager.post(f"/v1/orders/{place(sign_in(), quantity=4)['id']}/approve")
    assert customers.subscription(environment.id, "acme").cancel_at is None


def test_addons_come_on_top_of_what_is_held(
    sign_in: Callable[..., Any], manager: Any, environment: Environment
) -> None:
    for quantity in (1, 2):
        order = place(sign_in(), addon="extra_exports", quantity=quantity)
        assert order["amount"] == 900 * quantity
        manager.post(f"/v1/orders/{order['id']}/approve")
    (held,) = customers.subscription(environment.id, "acme").addons
    assert held.holding.choice.quantity == 3


def test_more_of_an_addon_than_can_be_held_is_refused(sign_in: Callable[..., Any]) -> None:
    answer = sign_in().post("/v1/client/orders", json={"addon": "extra_exports", "interval": "month", "quantity": 4})
    assert problem(answer) == (422, "max_quantity_exceeded")


def test_what_has_no_price_in_that_interval_cannot_be_ordered(sign_in: Callable[..., Any]) -> None:
    answers = [
        sign_in().post("/v1/client/orders", json={"plan": plan, "interval": "year"}) for plan in ("business", "free")
    ]
    assert [problem(answer) for answer in answers] == [(422, "no_price")] * 2


def test_nothing_is_sold_to_a_paused_subscription(
    sign_in: Callable[..., Any], environment: Environment, manager: Any
) -> None:
    subscriptions.start_subscription(environment.id, "acme", subscriptions.StartSubscription("pro", MONTH))
    manager.post("/v1/customers/acme/subscription/status", json={"status": "paused"})
    answer = sign_in().post("/v1/client/orders", json={"plan": "business", "interval": "month"})
    assert problem(answer) == (409, "subscription_paused")


def test_open_orders_are_limited(sign_in: Callable[..., Any]) -> None:
    buyer = sign_in()
    for _ in range(service.MOST_OPEN_ORDERS):
        place(buyer)
    assert problem(buyer.post("/v1/client/orders", json=PRO)) == (409, "too_many_open_orders")


def test_the_summary_speaks_the_language_of_the_token(sign_in: Callable[..., Any]) -> None:
    order = place(sign_in(lang="de"), quantity=2)
    assert [line["text"] for line in order["summary"]["lines"]][:2] == ["Profi", "Monatlich"]
    assert order["summary"]["total"].replace("\xa0", " ") == "58 €"


def test_the_summary_speaks_the_language_of_the_customer_to_the_host(runtime_caller: Any) -> None:
    runtime_caller.put("/v1/customers/acme", json={"language": "de"})
    order = place(runtime_caller, "/v1/orders", customer="acme")
    assert order["summary"]["lines"][0]["text"] == "Profi"


def test_orders_are_listed_newest_first_page_by_page(
    sign_in: Callable[..., Any], manager: Any, clock: FixedClock
) -> None:
    placed = []
    for _ in range(3):
        placed.append(place(sign_in())["id"])
        clock.advance(timedelta(minutes=1))
    first = manager.get("/v1/orders?limit=2").json
    rest = manager.get(f"/v1/orders?limit=2&cursor={first['next_cursor']}").json
    assert [order["id"] for order in first["items"] + rest["items"]] == placed[::-1]
    assert rest["next_cursor"] is None
