"""Several people decide about one order at the same moment, in threads over one SQLite file."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask

from liftgate_server.access.queries import Environment
from liftgate_server.customers import queries as customers
from liftgate_server.customers.models import MrrChangeRow
from liftgate_server.plumbing.db import db

pytestmark = pytest.mark.usefixtures("acme")

PRO = {"plan": "pro", "interval": "month"}
AT_ONCE = 6


def all_at_once(make_app: Callable[..., Flask], calls: list[Callable[[Any], Any]]) -> list[Any]:
    """Make each call in a thread and a server process of its own, released together."""
    together = Barrier(len(calls))

    def run(call: Callable[[Any], Any], app: Flask) -> Any:
        together.wait(timeout=30)
        return call(app.test_client())

    apps = [make_app() for _ in calls]
    with ThreadPoolExecutor(len(calls)) as threads:
        return [future.result() for future in [threads.submit(run, *pair) for pair in zip(calls, apps, strict=True)]]


def post(path: str, key: str) -> Callable[[Any], Any]:
    return lambda client: client.post(path, headers={"Authorization": f"Bearer {key}"})


def test_approvals_at_the_same_moment_change_the_subscription_once(
    sign_in: Callable[..., Any], make_app: Callable[..., Flask], management_key: str, environment: Environment
) -> None:
    order = sign_in().post("/v1/client/orders", json=PRO).json
    before = customers.customer_version(environment.id, "acme") or 0
    answers = all_at_once(make_app, [post(f"/v1/orders/{order['id']}/approve", management_key)] * AT_ONCE)
    assert [(answer.status_code, answer.json["customer_version"]) for answer in answers] == [
        (200, before + 1)
    ] * AT_ONCE
    db.session.rollback()
    assert customers.customer_version(environment.id, "acme") == before + 1
    assert len(db.session.scalars(db.select(MrrChangeRow)).all()) == 1


def test_approval_and_rejection_at_the_same_moment_agree_on_one(
    sign_in: Callable[..., Any], make_app: Callable[..., Flask], management_key: str, environment: Environment
) -> None:
    order = sign_in().post("/v1/client/orders", json=PRO).json
    calls = [post(f"/v1/orders/{order['id']}/{verb}", management_key) for verb in ("approve", "reject") * 3]
    answers = all_at_once(make_app, calls)
    settled = {answer.json["status"] for answer in answers if answer.status_code == 200}
    refused = {answer.json["code"] for answer in answers if answer.status_code != 200}
    db.session.rollback()
    bought = customers.subscription(environment.id, "acme").current is not None
    assert (settled, refused, bought) in (
        ({"completed"}, {"order_completed"}, True),
        ({"rejected"}, {"order_rejected"}, False),
    )


def test_two_orders_of_the_same_plan_are_completed_once(
    sign_in: Callable[..., Any], make_app: Callable[..., Flask], management_key: str
) -> None:
    orders = [sign_in().post("/v1/client/orders", json=PRO).json for _ in range(AT_ONCE)]
    calls = [post(f"/v1/orders/{order['id']}/approve", management_key) for order in orders]
    answers = all_at_once(make_app, calls)
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * (AT_ONCE - 1)
    assert {answer.json["code"] for answer in answers if answer.status_code == 409} == {"not_an_upgrade"}
