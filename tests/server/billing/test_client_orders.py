"""The client face of orders: the token's own account only, and only what its user may do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from liftgate_server.access.caller import CallerKind, Role
from liftgate_server.access.queries import Environment
from liftgate_server.access.service import NewEnvironment, create_environment, create_key
from liftgate_server.customers import queries as customers

pytestmark = pytest.mark.usefixtures("acme")

PRO = {"plan": "pro", "interval": "month"}


def problem(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["code"]


def test_who_may_not_buy_cannot_order_but_can_ask(sign_in: Callable[..., Any]) -> None:
    member = sign_in(user="u2", buyer=False)
    assert problem(member.post("/v1/client/orders", json=PRO)) == (403, "not_a_buyer")
    asked = member.post("/v1/client/upgrade-requests", json=PRO)
    assert (asked.status_code, asked.json["status"], asked.json["next"]) == (201, "requested", {"kind": "wait"})


def test_a_request_is_completed_by_an_approval(sign_in: Callable[..., Any], manager: Any) -> None:
    asked = sign_in(user="u2", buyer=False).post("/v1/client/upgrade-requests", json=PRO).json
    assert manager.post(f"/v1/orders/{asked['id']}/approve").json["status"] == "completed"


def test_a_buyer_confirms_where_the_environment_allows_it(
    sign_in: Callable[..., Any], allow_self_confirm: None, environment: Environment
) -> None:
    buyer = sign_in()
    order = buyer.post("/v1/client/orders", json=PRO).json
    assert order["next"] == {"kind": "confirm"}
    confirmed = [buyer.post(f"/v1/client/orders/{order['id']}/confirm") for _ in range(2)]
    assert [answer.json["status"] for answer in confirmed] == ["completed", "completed"]
    assert confirmed[0].json["customer_version"] == customers.customer_version(environment.id, "acme")


def test_a_buyer_cannot_confirm_elsewhere(sign_in: Callable[..., Any]) -> None:
    buyer = sign_in()
    order = buyer.post("/v1/client/orders", json=PRO).json
    assert problem(buyer.post(f"/v1/client/orders/{order['id']}/confirm")) == (403, "self_confirm_off")


@pytest.mark.usefixtures("allow_self_confirm")
def test_who_may_not_buy_cannot_confirm(sign_in: Callable[..., Any]) -> None:
    order = sign_in().post("/v1/client/orders", json=PRO).json
    answer = sign_in(user="u2", buyer=False).post(f"/v1/client/orders/{order['id']}/confirm")
    assert problem(answer) == (403, "not_a_buyer")


@pytest.mark.usefixtures("allow_self_confirm")
def test_a_request_is_not_confirmed_away(sign_in: Callable[..., Any]) -> None:
    asked = sign_in(user="u2", buyer=False).post("/v1/client/upgrade-requests", json=PRO).json
    assert problem(sign_in().post(f"/v1/client/orders/{asked['id']}/confirm")) == (409, "order_requested")


def test_a_member_takes_back_its_own_request_only(sign_in: Callable[..., Any]) -> None:
    member = sign_in(user="u2", buyer=False)
    own = member.post("/v1/client/upgrade-requests", json=PRO).json
    others = sign_in().post("/v1/client/orders", json=PRO).json
    assert member.post(f"/v1/client/orders/{own['id']}/cancel").json["status"] == "canceled"
    assert problem(member.post(f"/v1/client/orders/{others['id']}/cancel")) == (403, "not_a_buyer")


@pytest.mark.usefixtures("allow_self_confirm")
@pytest.mark.parametrize("call", ["", "/confirm", "/cancel"])
def test_the_orders_of_another_customer_are_unknown(sign_in: Callable[..., Any], call: str) -> None:
    order = sign_in("acme").post("/v1/client/orders", json=PRO).json
    stranger = sign_in("other")
    method = stranger.post if call else stranger.get
    assert problem(method(f"/v1/client/orders/{order['id']}{call}")) == (404, "unknown_order")


@pytest.mark.parametrize("field", ["customer", "user", "amount", "unit_amount", "price", "status", "buyer"])
def test_a_body_cannot_speak_for_others_or_name_a_price(sign_in: Callable[..., Any], field: str) -> None:
    answer = sign_in().post("/v1/client/orders", json={**PRO, field: "acme"})
    assert problem(answer) == (422, "invalid_request")
    assert answer.json["errors"][0]["path"] == field
    assert answer.json["errors"][0]["code"] == "unknown_field"


def test_a_customer_nobody_has_told_us_of_can_buy(
    sign_in: Callable[..., Any], manager: Any, environment: Environment
) -> None:
    order = sign_in("newcomer").post("/v1/client/orders", json=PRO).json
    manager.post(f"/v1/orders/{order['id']}/approve")
    assert customers.subscription(environment.id, "newcomer").mrr == 2900


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"quantity": -1}, "quantity"),
        ({"quantity": 0}, "quantity"),
        ({"quantity": 2.6e-42}, "quantity"),
        ({"quantity": 3.0}, "quantity"),
        ({"quantity": True}, "quantity"),
        ({"quantity": "3"}, "quantity"),
        ({"quantity": 10**9}, "quantity"),
        ({"interval": "day"}, "interval"),
        ({"interval": None}, "interval"),
        ({"currency": "eur"}, "currency"),
        ({"plan": ["pro"]}, "plan"),
        ({"plan": "pro", "addon": "extra_exports"}, "plan"),
        ({"gate": "x" * 65}, "gate"),
        ({"impression_id": "a\x01b"}, "impression_id"),
    ],
)
def test_what_cannot_be_ordered_is_refused_by_field(
    sign_in: Callable[..., Any], body: dict[str, Any], path: str
) -> None:
    answer = sign_in().post("/v1/client/orders", json=PRO | body)
    assert problem(answer) == (422, "invalid_request")
    assert [error["path"] for error in answer.json["errors"]] == [path]


@pytest.mark.parametrize("plan", ["nothing", "pro\x01", "PRO", "ü"])
def test_an_unknown_plan_is_named(sign_in: Callable[..., Any], plan: str) -> None:
    answer = sign_in().post("/v1/client/orders", json={"plan": plan, "interval": "month"})
    assert problem(answer) == (422, "unknown_plan")


def test_orders_of_another_environment_are_unknown(
    sign_in: Callable[..., Any], call_with: Callable[..., Any], manager: Any
) -> None:
    order = sign_in().post("/v1/client/orders", json=PRO).json
    other = create_environment(NewEnvironment("other", name="Other"))
    foreign = call_with(create_key(other.id, CallerKind.MANAGEMENT, name="a test", role=Role.OWNER).text)
    answers = [foreign.get(f"/v1/orders/{order['id']}")]
    answers += [foreign.post(f"/v1/orders/{order['id']}/{call}") for call in ("approve", "reject")]
    assert [problem(answer) for answer in answers] == [(404, "unknown_order")] * 3
    assert foreign.get("/v1/orders").json["items"] == []
    assert manager.get(f"/v1/orders/{order['id']}").json["status"] == "pending"


@pytest.mark.parametrize("role", [Role.VIEWER])
def test_a_viewer_sees_orders_but_does_not_decide(
    sign_in: Callable[..., Any], make_key: Callable[..., str], call_with: Callable[..., Any], role: Role
) -> None:
    order = sign_in().post("/v1/client/orders", json=PRO).json
    viewer = call_with(make_key(role))
    assert len(viewer.get("/v1/orders").json["items"]) == 1
    answers = [viewer.post(f"/v1/orders/{order['id']}/{call}") for call in ("approve", "reject")]
    assert [problem(answer) for answer in answers] == [(403, "insufficient_role")] * 2


def test_each_face_takes_its_own_credential(sign_in: Callable[..., Any], runtime_caller: Any) -> None:
    assert problem(sign_in().get("/v1/orders")) == (403, "wrong_credentials")
    assert problem(runtime_caller.post("/v1/orders/ord_1/approve")) == (403, "wrong_credentials")
    assert problem(runtime_caller.post("/v1/client/orders", json=PRO)) == (403, "wrong_credentials")
