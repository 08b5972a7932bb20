"""The character U+0000, which one of the databases cannot store, is refused before either sees it."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import DataError

from liftgate_server.plumbing import public_routes


@pytest.mark.parametrize("body", [{"name": "a\0b"}, {"attributes": {"a": "a\0b"}}, {"attributes": {"a\0b": 1}}])
def test_a_body_with_it_is_invalid(runtime_caller, body):
    answer = runtime_caller.put("/v1/customers/acme", json=body)

    assert (answer.status_code, answer.json["code"]) == (422, "invalid_request")


def test_a_catalogue_with_it_is_refused(manager):
    answer = manager.post("/v1/catalogue/validate", data=b'{"a": "\\u0000"}', content_type="application/json")

    assert answer.status_code == 422


@pytest.mark.parametrize("address", ["/v1/customers?search=a%00b", "/v1/customers/a%00b", "/v1/orders/%00"])
def test_an_address_with_it_is_a_bad_request(manager, address):
    answer = manager.get(address)

    assert (answer.status_code, answer.json["code"]) == (400, "bad_request")


def test_its_name_is_a_text_like_any_other(runtime_caller):
    answer = runtime_caller.put("/v1/customers/acme", json={"name": "\\u0000 and %00"})

    assert (answer.status_code, answer.json["name"]) == (200, "\\u0000 and %00")


def test_a_value_the_database_refuses_is_invalid_and_no_failure(client, monkeypatch):
    def refuse() -> None:
        raise DataError("INSERT", {}, Exception("no sign for it"))

    monkeypatch.setattr(public_routes, "current_revision", refuse)
    monkeypatch.setattr(public_routes, "SQLAlchemyError", ZeroDivisionError)

    assert client.get("/readyz").status_code == 422
