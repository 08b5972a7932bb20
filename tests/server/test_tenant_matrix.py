"""I5: no environment reads or writes another's, whatever operation, credential and foreign id are put together.

The matrix is generated from the OpenAPI document, so a new operation is in it from its first day. Everything that
belongs to the foreign environment carries a mark that must not appear in any answer, and its rows must not change.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from liftgate_server.access.caller import CallerKind, Role
from liftgate_server.access.service import NewEnvironment, create_environment, create_key
from liftgate_server.plumbing.db import db, reading
from tests.server.conftest import ORIGIN, Caller

MARK = "FOREIGN"
METHODS = ("get", "put", "post", "patch", "delete")
SHARED_KEY = {"Idempotency-Key": "the same in both"}


def catalogue(name: str) -> dict[str, Any]:
    price = {"interval": "month", "currency": "EUR", "amount": 900}
    return {
        "schema": 1,
        "languages": ["en"],
        "default_plan": "free",
        "features": {
            "boards": {"kind": "capacity", "name": {"en": f"{name} boards"}},
            "exports": {"kind": "metered", "name": {"en": f"{name} exports"}},
        },
        "plans": {
            "free": {
                "name": {"en": f"{name} free"},
                "rank": 0,
                "entitlements": {"boards": 1, "exports": "unlimited"},
            },
            "pro": {
                "name": {"en": f"{name} pro"},
                "rank": 9,
                "prices": [price],
                "entitlements": {"boards": 5, "exports": "unlimited"},
            },
        },
        "gates": {"boards.create": {"requires": "boards", "name": {"en": name}}},
    }


@dataclass(frozen=True)
class Tenant:
    """An environment with something of everything in it."""

    id: int
    keys: dict[str, str]
    ids: dict[str, list[str]]


def settle(app, client, environment_id: int, environment: str, name: str) -> Tenant:
    """Fill an environment; every text in it carries the name."""
    with app.app_context():
        keys = {
            role.value: create_key(environment_id, CallerKind.MANAGEMENT, name=name, role=role).text for role in Role
        }
        keys["secret"] = create_key(environment_id, CallerKind.SECRET, name=name).text
    owner = Caller(client, keys["owner"])

    def post(path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = owner.post(path, json=body, headers={"Idempotency-Key": f"{path} in both"})
        assert answer.status_code < 300, (path, answer.json)
        return dict(answer.json or {})

    post("/v1/catalogue/publish", catalogue(name))
    for customer in ("acme", f"{environment}-only"):
        owner.put(f"/v1/customers/{customer}", json={"name": name, "attributes": {"about": name}})
        owner.put(f"/v1/customers/{customer}/users/u1", json={"name": name, "email": f"{name}@example.com"})
    order = post("/v1/orders", {"customer": "acme", "plan": "pro", "interval": "month", "currency": "EUR"})
    post(f"/v1/customers/{environment}-only/subscription", {"plan": "pro", "interval": "month", "currency": "EUR"})
    grant = post(
        "/v1/customers/acme/grants",
        {"kind": "override", "feature": "boards", "entitlement": 7, "reason": name},
    )
    for customer in ("acme", f"{environment}-only"):
        use = {"customer": customer, "feature": "exports", "user": "u1", "properties": {"about": name}}
        post("/v1/usage/record", {"events": [use | {"key": "export-8131"}]})
        post("/v1/usage/consume", use)
        # The keys that the examples name are there in both, so that who reaches the wrong ledger changes it.
        held = owner.post("/v1/usage/reserve", json=use, headers={"Idempotency-Key": "use_4f3c9d"})
        assert held.json is not None
        assert held.json["granted"], held.json
    key = post("/v1/keys", {"kind": "secret", "name": name})
    edit = {"path": ["gates", "boards.create", "name", "en"], "value": f"{name} draft"}
    drafted = owner.patch("/v1/catalogue/draft", json={"base_revision": 0, "edits": [edit]})
    assert drafted.status_code == 200, drafted.json
    schedule = post(f"/v1/catalogue/scheduled?at=2030-01-01T00:00:00Z&message={name}", catalogue(f"{name} later"))
    owner.put("/v1/customers/gone", json={"name": name})
    erasure = post("/v1/customers/gone/erase", {"confirm": "gone"})
    return Tenant(
        environment_id,
        keys,
        {
            "customer": ["acme", f"{environment}-only"],
            "user": ["u1"],
            "order": [order["id"]],
            "grant": [grant["id"]],
            "key_id": [key["id"]],
            "environment": [environment],
            "schedule_id": [schedule["id"]],
            "erasure": [erasure["id"]],
        },
    )


def rows_of(app, environment_id: int) -> dict[str, list[str]]:
    """Everything the database has of an environment."""
    with app.app_context():
        return {
            table.name: sorted(
                str(tuple(row)) for row in reading().execute(select(table).where(column == environment_id))
            )
            for table in db.metadata.sorted_tables
            for column in [table.c.get("environment_id", table.c.id if table.name == "environments" else None)]
            if column is not None
        }


@dataclass(frozen=True)
class Attempt:
    """One request of the matrix."""

    operation: str
    credential: str
    path: str
    body: Any
    query: dict[str, str]
    headers: dict[str, str]


def foreign_ids(name: str, foreign: Tenant) -> list[str]:
    """Give what a foreign caller could put for a variable of a path."""
    if name in foreign.ids:
        return foreign.ids[name]
    known = {"order_id": "order", "grant_id": "grant", "id": "grant", "key": "environment"}
    return foreign.ids[known[name]] if name in known else {"number": ["1"]}[name]


def paths(template: str, foreign: Tenant) -> Iterator[str]:
    names = [part[1:-1] for part in template.split("/") if part.startswith("{")]
    for values in itertools.product(*(foreign_ids(name, foreign) for name in names)):
        path = template
        for name, value in zip(names, values, strict=True):
            path = path.replace(f"{{{name}}}", value)
        yield path


def example_body(operation: dict[str, Any]) -> Any:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return content.get("example")


def bodies(operation: dict[str, Any], foreign: Tenant) -> Iterator[Any]:
    body = example_body(operation)
    yield body
    if isinstance(body, dict):
        yield body | {"customer": foreign.ids["customer"][1]}
        yield body | {"environment": foreign.ids["environment"][0]}
        yield body | {"environment_id": foreign.id, "customer": "acme"}
    yield {"customer": "acme", "gate": "boards.create", "user": "u1"}


SURROUNDINGS: tuple[tuple[dict[str, str], dict[str, str]], ...] = (
    ({}, {}),
    ({}, SHARED_KEY),
    ({"environment": "other"}, {}),
    ({"customer": "other-only"}, {}),
    ({}, {"X-Environment": "other", "X-Liftgate-Environment": "other"}),
    ({}, {"Host": "other.example", "X-Forwarded-Host": "other.example"}),
)


def attempts(document: dict[str, Any], credentials: list[str], foreign: Tenant) -> Iterator[Attempt]:
    for template, item in document["paths"].items():
        for method in METHODS:
            if method not in item:
                continue
            choices = itertools.product(
                credentials,
                paths(template, foreign),
                bodies(item[method], foreign) if method != "get" else [None],
                SURROUNDINGS,
            )
            for credential, path, body, (query, headers) in choices:
                yield Attempt(f"{method.upper()} {template}", credential, path, body, query, headers)


@pytest.fixture
def own(app, client, environment) -> Tenant:
    return settle(app, client, environment.id, "demo", "own")


@pytest.fixture
def foreign(app, client) -> Tenant:
    with app.app_context():
        made = create_environment(NewEnvironment("other", name=MARK, allowed_origins=("https://other.example",)))
    return settle(app, client, made.id, "other", MARK)


@pytest.fixture
def credentials(own, foreign, make_token) -> dict[str, str | None]:
    """One of every kind that somebody of our environment could hold, or forge."""
    secret = own.keys["secret"]
    return {
        **own.keys,
        "nobody": None,
        "buyer": make_token(secret, sub="acme", buyer=True),
        "reader": make_token(secret, sub="acme", buyer=False),
        "of the foreign name": make_token(secret, sub="other-only"),
        "for the foreign audience": make_token(secret, aud="other"),
    }


@pytest.fixture
def breaches(client, app, credentials) -> Callable[[Iterator[Attempt]], tuple[int, list[tuple[str, str, str]]]]:
    """Make every request; count them, and say which answers show the mark or are errors of the server."""

    def run(wanted: Iterator[Attempt]) -> tuple[int, list[tuple[str, str, str]]]:
        count, found = 0, []
        for attempt in wanted:
            caller = Caller(client, credentials[attempt.credential])
            answer = caller(
                attempt.operation.split(" ")[0],
                attempt.path,
                json=attempt.body,
                query_string=attempt.query,
                headers=attempt.headers,
            )
            count += 1
            if MARK in answer.text or answer.status_code >= 500:
                found.append((attempt.operation, attempt.credential, answer.text[:300]))
        return count, found

    return run


def guarded(document: dict[str, Any]) -> dict[str, Any]:
    return {"paths": {path: item for path, item in document["paths"].items() if path.startswith("/v1/")}}


def test_nothing_crosses_between_environments(app, client, own, foreign, credentials, breaches):
    document = guarded(client.get("/openapi.json").json)
    before = rows_of(app, foreign.id)

    count, found = breaches(attempts(document, list(credentials), foreign))

    assert found == []
    assert rows_of(app, foreign.id) == before
    assert count >= 5_000


def test_the_foreign_environment_is_full_of_marks(app, client, foreign):
    """Otherwise the matrix would prove nothing: its own owner reads the mark wherever there is something to read."""
    owner = Caller(client, foreign.keys["owner"])

    for path in (
        "/v1/environments",
        "/v1/keys",
        "/v1/catalogue",
        "/v1/catalogue/draft",
        "/v1/catalogue/scheduled",
        "/v1/catalogue/review",
        "/v1/snapshot",
        "/v1/customers",
        "/v1/customers/acme",
        "/v1/customers/acme/users",
        "/v1/customers/acme/state",
        "/v1/customers/acme/grants",
        "/v1/customers/acme/usage/events",
        f"/v1/orders/{foreign.ids['order'][0]}",
    ):
        assert MARK in owner.get(path).text, path
    assert sum(MARK in json.dumps(rows) for rows in rows_of(app, foreign.id).values()) >= 5


def test_a_page_of_the_foreign_origin_reaches_nothing(client, credentials, foreign):
    for credential in ("buyer", "reader"):
        caller = Caller(client, credentials[credential], Origin="https://other.example")
        for order in (foreign.ids["order"][0], "none"):
            answer = caller.get(f"/v1/client/orders/{order}")
            assert (answer.status_code, (answer.json or {})["code"]) == (403, "origin_not_allowed")
    assert Caller(client, credentials["buyer"], Origin=ORIGIN).get("/v1/client/orders/none").status_code == 404
