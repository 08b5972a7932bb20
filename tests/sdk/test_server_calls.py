"""Calls that ask the server: what they send, what they raise, and that their effect is seen at once."""

from __future__ import annotations

import json

import pytest

from liftgate import ApiError, BindingError, FieldError, Reason, ServerUnreachable
from liftgate.answers import OrderStatus
from liftgate.messages import Response
from tests.sdk.fake_server import problem


def body(server, pattern):
    return next(json.loads(r.body) for r in server.requests if r.body and pattern in f"{r.method} {r.path}")


def test_a_customer_is_told_with_what_is_known(client, server):
    client.upsert_customer("new", name="New Ltd", attributes={"employees": 40})

    assert body(server, "PUT /v1/customers/new") == {"name": "New Ltd", "attributes": {"employees": 40}}
    assert server.count("/new/state") == 0


def test_a_user_is_told(client, server):
    client.upsert_user("acme", "u|1", email="u1@acme.example", buyer=False)

    assert body(server, "PUT /v1/customers/acme/users/u%7C1") == {"email": "u1@acme.example", "buyer": False}


def test_a_change_made_here_is_seen_at_once(client):
    with client.customer("acme"):
        assert client.check("boards.create", used=3).offer.language == "en"
        client.upsert_customer("acme", language="de")

        assert client.check("boards.create", used=3).offer.language == "de"


def test_a_customer_made_here_is_known_at_once(client):
    with client.customer("newcomer"):
        assert client.check("reports.export").reason is Reason.NO_CUSTOMER
        client.upsert_customer("newcomer")

        assert client.check("reports.export").granted


def test_an_order_of_the_bound_customer_opens_the_gate_at_once(client, server):
    with client.customer("acme", user="u1"):
        assert not client.check("sso").granted
        order = client.order(plan="pro", interval="month", idempotency_key="k")

        assert client.check("sso").granted
    assert body(server, "POST /v1/orders") == {"customer": "acme", "user": "u1", "plan": "pro", "interval": "month"}
    assert (order.status, order.total, order.summary[0].label) == (OrderStatus.COMPLETED, "€29", "Pro")
    assert next(r for r in server.requests if r.method == "POST").headers["Idempotency-Key"] == "k"


def test_an_order_needs_a_customer(client):
    with pytest.raises(BindingError):
        client.order(plan="pro", interval="month")


def test_an_order_that_was_completed_elsewhere_is_seen_when_it_is_looked_at(client, server):
    with client.customer("acme"):
        assert not client.check("sso").granted
        order = {"id": "ord_1", "customer": "acme", "interval": "month", "currency": "EUR", "quantity": 1, "amount": 1}
        document = {**order, "status": "completed", "customer_version": 2, "completed_at": "2026-11-22T09:00:00Z"}
        answered = server._answer
        server.upgrade("acme")
        server._answer = lambda request: (
            Response(200, {}, json.dumps(document).encode()) if "/orders/" in request.path else answered(request)
        )
        client.get_order("ord_1")

        assert client.check("sso").granted


def test_a_refresh_fetches_customer_and_catalogue(client, server):
    with client.customer("acme"):
        server.upgrade("acme")
        client.refresh()

        assert client.check("sso").granted


def test_a_refresh_that_cannot_be_had_raises_and_keeps_what_there_is(client, server):
    with client.customer("acme"):
        server.is_down = True
        with pytest.raises(ServerUnreachable):
            client.refresh("acme")

        assert client.check("sso").reason is Reason.NOT_INCLUDED


def test_an_effect_that_cannot_be_read_back_does_not_undo_the_call(client, server):
    with client.customer("acme"):
        server.before = lambda request: setattr(server, "is_down", request.method == "GET")
        client.upsert_customer("acme", language="de")

        assert server.states["acme"]["language"] == "de"


def test_an_explanation_comes_from_the_server(client):
    with client.customer("acme"):
        explanation = client.explain("sso.login")

    assert explanation.decision.reason is Reason.NOT_INCLUDED
    assert explanation.trace[0].decisive
    assert explanation.skipped[0].step == "pro"


def test_a_refusal_of_the_server_has_its_code_and_fields(client, server):
    field = {"path": "plan", "code": "unknown_reference", "message": "There is no plan 'x'."}
    document = {"code": "invalid", "detail": "No.", "errors": [field]}
    server.failure = Response(422, {}, json.dumps(document).encode())

    with pytest.raises(ApiError) as caught:
        client.order(customer="acme", plan="x", interval="month")

    assert (caught.value.code, caught.value.status, caught.value.detail) == ("invalid", 422, "No.")
    assert caught.value.errors == (FieldError("plan", "unknown_reference", "There is no plan 'x'."),)


@pytest.mark.parametrize("response", [Response(502, {}, b"<html>"), Response(302, {}, b""), Response(304, {}, b"")])
def test_an_answer_that_is_not_ours_is_no_answer(client, server, response):
    server.failure = response

    with pytest.raises(ServerUnreachable):
        client.upsert_customer("acme")


def test_numbers_that_are_none_make_no_answer(client, server):
    order = b'{"id": "o", "status": "completed", "customer": "acme", "interval": "month", "currency": "EUR",'
    server.failure = Response(200, {}, order + b' "quantity": 1e999, "amount": 1}')

    with pytest.raises(ServerUnreachable):
        client.get_order("o")


def test_writes_are_not_sent_twice(client, server):
    server.failure = problem(503, "unavailable")

    with pytest.raises(ApiError):
        client.upsert_customer("acme")

    assert len(server.requests) == 1
