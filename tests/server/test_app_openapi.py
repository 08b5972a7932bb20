"""The OpenAPI document is valid, complete and shows an example of everything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

METHODS = {"get", "put", "post", "delete", "patch"}


@pytest.fixture
def document(client) -> dict[str, Any]:
    answer = client.get("/openapi.json")
    assert answer.status_code == 200
    return answer.json


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in METHODS & item.keys():
            yield f"{method.upper()} {path}", item[method]


def lacks(operation: dict[str, Any]) -> list[str]:
    """Say what a reader of the operation would miss."""
    missing = [] if operation.get("summary") else ["summary"]
    contents = {"body": operation.get("requestBody", {}).get("content", {})}
    good = {status: answer for status, answer in operation["responses"].items() if status.startswith("2")}
    contents |= {f"answer {status}": answer.get("content", {}) for status, answer in good.items()}
    missing += [] if good else ["a good answer"]
    missing += [] if "default" in operation["responses"] else ["problems"]
    return missing + [
        f"example of {name}"
        for name, content in contents.items()
        if content and not any("example" in media or "examples" in media for media in content.values())
    ]


def test_the_document_is_valid_openapi_3_1(document):
    assert document["openapi"] == "3.1.0"
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_every_operation_is_explained_and_shown(document):
    incomplete = {name: lacks(operation) for name, operation in operations(document) if lacks(operation)}

    assert incomplete == {}


def test_an_operation_without_example_would_be_noticed(document):
    operation = document["paths"]["/v1/ping"]["get"]
    del operation["responses"]["200"]["content"]["application/json"]["example"]

    assert lacks(operation) == ["example of answer 200"]


def documented_path(rule: str) -> str:
    """Write a path as the document does: `/versions/<int(max=9):number>` becomes `/versions/{number}`."""
    return re.sub(r"<(?:[^<>]*:)?([^<>:]+)>", r"{\1}", rule)


def test_every_route_but_the_pages_is_in_the_document(app, document):
    routes = {
        f"{method} {documented_path(rule.rule)}"
        for rule in app.url_map.iter_rules()
        if not rule.rule.startswith("/admin/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert {name for name, _ in operations(document)} == routes


def test_errors_are_documented_as_problems(document):
    answer = document["components"]["responses"]["DEFAULT_ERROR"]

    assert list(answer["content"]) == ["application/problem+json"]
    assert not any(
        "application/json" in response.get("content", {})
        for name, response in document["components"]["responses"].items()
        if name not in {"OK", "CREATED", "ACCEPTED"}
    )


def test_every_operation_says_which_credentials_it_takes(document):
    public = {name for name, operation in operations(document) if operation["security"] == []}

    assert public == {name for name, _ in operations(document) if not name.split(" ")[1].startswith("/v1/")}
    assert set(document["components"]["securitySchemes"]) == {"secretKey", "managementKey", "endUserToken"}


def test_every_post_that_changes_takes_an_idempotency_key(document):
    reading = {"/v1/check", "/v1/check/batch", "/v1/explain", "/v1/client/check"}
    reading |= {"/v1/catalogue/validate", "/v1/catalogue/diff"}
    reading |= {"/v1/catalogue/review", "/v1/catalogue/review/accounts"}
    # These name in the body what they must not do twice: each event its key, and the reservation.
    named = {"/v1/usage/record", "/v1/usage/reservations/commit", "/v1/usage/reservations/release"}
    without = {
        name.removeprefix("POST ")
        for name, operation in operations(document)
        if name.startswith("POST ")
        and not any(parameter.get("name") == "Idempotency-Key" for parameter in operation.get("parameters", []))
    }
    # To forget whom nobody knows any more changes nothing.
    forgetting = {"/v1/customers/{customer}/erase", "/v1/customers/{customer}/users/{user}/erase"}

    assert without == reading | named | forgetting
