"""Customers and users over HTTP: upsert, attributes, search, versions, bad input, other tenants."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from liftgate_server.access.caller import CallerKind, Role
from liftgate_server.access.queries import Environment
from liftgate_server.access.service import NewEnvironment, create_environment, create_key
from liftgate_server.customers import queries
from liftgate_server.plumbing.changes import Change, ChangeKind, changes_after
from liftgate_server.plumbing.clock import FixedClock
from liftgate_server.plumbing.db import db

pytestmark = pytest.mark.usefixtures("in_app")


def problem(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["code"]


def customer_changes(environment: Environment) -> list[Change]:
    return [change for change in changes_after(environment.id, 0).changes if change.kind is ChangeKind.CUSTOMER]


def test_an_upsert_creates_and_then_changes_what_is_named(runtime_caller: Any) -> None:
    created = runtime_caller.put("/v1/customers/acme", json={"name": "Acme", "language": "de"}).json
    changed = runtime_caller.put("/v1/customers/acme", json={"name": "Acme Media"}).json
    assert (created["version"], changed["version"]) == (1, 2)
    assert (changed["name"], changed["language"], changed["created_at"]) == ("Acme Media", "de", created["created_at"])


def test_an_upsert_that_says_nothing_new_changes_nothing(
    runtime_caller: Any, clock: FixedClock, environment: Environment
) -> None:
    body = {"name": "Acme", "attributes": {"employees": 40}}
    first = runtime_caller.put("/v1/customers/acme", json=body).json
    clock.advance(timedelta(days=1))
    assert runtime_caller.put("/v1/customers/acme", json=body).json == first
    assert runtime_caller.put("/v1/customers/acme", json={}).json == first
    assert len(customer_changes(environment)) == 1


def test_each_change_is_written_down_with_its_version(runtime_caller: Any, environment: Environment) -> None:
    runtime_caller.put("/v1/customers/acme", json={"name": "Acme"})
    runtime_caller.put("/v1/customers/acme/users/u1", json={"buyer": True})
    assert [(change.key, change.version) for change in customer_changes(environment)] == [("acme", 1), ("acme", 2)]


def test_attributes_are_merged_and_null_removes_one(runtime_caller: Any) -> None:
    runtime_caller.put("/v1/customers/acme", json={"attributes": {"a": 1, "b": "two", "c": True}})
    answer = runtime_caller.put("/v1/customers/acme", json={"attributes": {"a": None, "b": 2.5}})
    assert answer.json["attributes"] == {"b": 2.5, "c": True}


def test_true_and_one_are_different_attributes(runtime_caller: Any) -> None:
    runtime_caller.put("/v1/customers/acme", json={"attributes": {"a": 1}})
    answer = runtime_caller.put("/v1/customers/acme", json={"attributes": {"a": True}})
    assert (answer.json["attributes"]["a"], answer.json["version"]) == (True, 2)


def test_null_clears_a_field_and_all_attributes(runtime_caller: Any) -> None:
    runtime_caller.put("/v1/customers/acme", json={"name": "Acme", "attributes": {"a": 1}})
    answer = runtime_caller.put("/v1/customers/acme", json={"name": None, "attributes": None})
    assert (answer.json["name"], answer.json["attributes"]) == (None, {})


@pytest.mark.parametrize("number", [0, -(2**53) + 1, 2**53 - 1, 1e-300, -0.5])
def test_numbers_come_back_as_they_were_told(runtime_caller: Any, number: float) -> None:
    answer = runtime_caller.put("/v1/customers/acme", json={"attributes": {"n": number}})
    assert answer.json["attributes"] == {"n": number}
    assert type(answer.json["attributes"]["n"]) is type(number)


@pytest.mark.parametrize("value", ["x" * 501, 2**53, 1e300, [1], {"a": 1}], ids=lambda value: str(value)[:20])
def test_an_attribute_that_cannot_be_kept_is_named(runtime_caller: Any, value: object) -> None:
    answer = runtime_caller.put("/v1/customers/acme", json={"attributes": {"bad": value}})
    assert problem(answer) == (422, "invalid_request")
    assert [error["path"] for error in answer.json["errors"]] == ["attributes.bad"]


@pytest.mark.parametrize("literal", [b"NaN", b"Infinity", b"1e400", rb'"\ud800"'])
def test_what_is_not_json_is_no_attribute(runtime_caller: Any, literal: bytes) -> None:
    body = b'{"attributes": {"n": %s}}' % literal
    answer = runtime_caller.put("/v1/customers/acme", data=body, content_type="application/json")
    assert answer.status_code in {400, 422}


def test_fifty_attributes_are_kept_and_no_more(runtime_caller: Any) -> None:
    fifty = {f"key{number}": number for number in range(50)}
    assert runtime_caller.put("/v1/customers/acme", json={"attributes": fifty}).status_code == 200
    answer = runtime_caller.put("/v1/customers/acme", json={"attributes": {"one_more": 1}})
    assert problem(answer) == (422, "too_many_attributes")
    swap = runtime_caller.put("/v1/customers/acme", json={"attributes": {"key0": None, "one_more": 1}})
    assert len(swap.json["attributes"]) == 50


def test_a_body_of_huge_attributes_is_too_large(runtime_caller: Any) -> None:
    huge = {f"key{number}": "x" * 500 for number in range(1000)}
    assert problem(runtime_caller.put("/v1/customers/acme", json={"attributes": huge})) == (413, "too_large")


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"nme": "Acme"}, "nme"),
        ({"version": 3}, "version"),
        ({"name": 3}, "name"),
        ({"name": ""}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"language": "german!"}, "language"),
        ({"currency": "EURO"}, "currency"),
        ({"currency": "ÄÖÜ"}, "currency"),
        ({"attributes": []}, "attributes"),
    ],
)
def test_a_field_that_cannot_be_accepted_is_named(runtime_caller: Any, body: dict[str, Any], path: str) -> None:
    answer = runtime_caller.put("/v1/customers/acme", json=body)
    assert problem(answer) == (422, "invalid_request")
    assert [error["path"] for error in answer.json["errors"]] == [path]


@pytest.mark.parametrize("customer", ["a b", "x" * 129, "ü", "a%2Fb%00"])
def test_an_id_outside_the_alphabet_is_refused(runtime_caller: Any, customer: str) -> None:
    # 400: the one character that PostgreSQL cannot store is refused in every address, before anything is looked up.
    assert runtime_caller.put(f"/v1/customers/{customer}", json={}).status_code in {400, 404, 422}


def test_every_character_of_an_id_works_in_a_path(runtime_caller: Any, manager: Any) -> None:
    runtime_caller.put("/v1/customers/A.b_c:d@e|f-1", json={})
    assert manager.get("/v1/customers/A.b_c:d@e|f-1").json["id"] == "A.b_c:d@e|f-1"


def test_users_have_a_right_to_buy_that_is_off_unless_told(runtime_caller: Any, manager: Any) -> None:
    runtime_caller.put("/v1/customers/acme", json={})
    runtime_caller.put("/v1/customers/acme/users/u1", json={"name": "Ada", "email": "ada@example.com"})
    runtime_caller.put("/v1/customers/acme/users/u2", json={"buyer": True})
    users = manager.get("/v1/customers/acme/users").json["items"]
    assert [(user["id"], user["buyer"]) for user in users] == [("u1", False), ("u2", True)]


@pytest.mark.parametrize("buyer", [1, "true", None])
def test_a_right_to_buy_is_true_or_false(runtime_caller: Any, buyer: object) -> None:
    runtime_caller.put("/v1/customers/acme", json={})
    answer = runtime_caller.put("/v1/customers/acme/users/u1", json={"buyer": buyer})
    assert problem(answer) == (422, "invalid_request")


def test_telling_a_user_again_raises_no_version(runtime_caller: Any, environment: Environment) -> None:
    runtime_caller.put("/v1/customers/acme", json={})
    for _ in range(2):
        runtime_caller.put("/v1/customers/acme/users/u1", json={"buyer": True})
    assert queries.customer_version(environment.id, "acme") == 2


def test_users_need_their_customer(runtime_caller: Any, manager: Any) -> None:
    assert problem(runtime_caller.put("/v1/customers/nobody/users/u1", json={})) == (404, "unknown_customer")
    assert problem(manager.get("/v1/customers/nobody/users")) == (404, "unknown_customer")


def test_a_search_finds_beginnings_of_ids_and_names_in_capitals_or_not(runtime_caller: Any, manager: Any) -> None:
    for customer, name in [("acme", "Media House"), ("beta", "ACME Labs"), ("gamma", "Straße"), ("delta", None)]:
        runtime_caller.put(f"/v1/customers/{customer}", json={"name": name})
    found = {
        search: [item["id"] for item in manager.get("/v1/customers", query_string={"search": search}).json["items"]]
        for search in ("Ac", "mEDIA", "strasse", "%", "house")
    }
    assert found == {"Ac": ["acme", "beta"], "mEDIA": ["acme"], "strasse": ["gamma"], "%": [], "house": []}


_MANY_CUSTOMERS = """
    INSERT INTO customers (environment_id, id, search_id, search_name, attributes, version, created_at, updated_at)
    SELECT :environment_id, id, id, id, '{}', 1, now(), now() FROM (SELECT 'c' || generate_series(1, 3000)) AS made (id)
"""


def test_a_search_reads_by_index(environment: Environment) -> None:
    query = queries.beginning_with(environment.id, "ac").compile(compile_kwargs={"literal_binds": True})
    if db.engine.dialect.name == "sqlite":
        plan = [row.detail for row in db.session.execute(db.text(f"EXPLAIN QUERY PLAN {query}"))]
        searches = [step for step in plan if "ix_customers_search" in step and ">? AND" in step]
    else:
        # A small table is best read whole.
        db.session.execute(db.text(_MANY_CUSTOMERS), {"environment_id": environment.id})
        db.session.execute(db.text("ANALYZE customers"))
        plan = list(db.session.scalars(db.text(f"EXPLAIN {query}")))
        searches = [step for step in plan if "Index Cond" in step and "search_" in step and ">=" in step]
    assert len(searches) == 2


def test_customers_are_listed_page_by_page(runtime_caller: Any, manager: Any) -> None:
    ids = [f"c{number}" for number in range(5)]
    for customer in ids:
        runtime_caller.put(f"/v1/customers/{customer}", json={})
    first = manager.get("/v1/customers?limit=3").json
    rest = manager.get(f"/v1/customers?limit=3&cursor={first['next_cursor']}").json
    assert [item["id"] for item in first["items"] + rest["items"]] == ids
    assert (len(first["items"]), rest["next_cursor"]) == (3, None)


def test_another_environment_sees_and_changes_its_own_customer_of_that_id(
    runtime_caller: Any, manager: Any, call_with: Callable[..., Any]
) -> None:
    runtime_caller.put("/v1/customers/acme", json={"name": "Ours"})
    other = create_environment(NewEnvironment("other", name="Other"))
    foreign = call_with(create_key(other.id, CallerKind.MANAGEMENT, name="a test", role=Role.OWNER).text)
    paths = ["", "/users", "/subscription", "/grants"]
    assert {problem(foreign.get(f"/v1/customers/acme{path}")) for path in paths} == {(404, "unknown_customer")}
    foreign.put("/v1/customers/acme", json={"name": "Theirs"})
    assert manager.get("/v1/customers/acme").json["name"] == "Ours"
    assert [item["name"] for item in foreign.get("/v1/customers").json["items"]] == ["Theirs"]


def test_a_secret_key_tells_but_does_not_read_the_list(runtime_caller: Any) -> None:
    assert problem(runtime_caller.get("/v1/customers")) == (403, "wrong_credentials")
