"""The JSON Schemas that ship: they take all we write, refuse what an editor should mark, and describe every field."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from liftgate.engine import wire
from liftgate.engine.catalogue import write_catalogue
from liftgate.engine.catalogue_model import Catalogue
from liftgate.engine.payload_model import Payload
from tests.contract.wire_examples import BARE_PAYLOAD, PAYLOAD
from tests.engine.catalogue_examples import ABSENT, EXAMPLE, changed
from tests.engine.strategies import catalogue_documents, catalogues, payloads


def _schema(name: str) -> dict[str, Any]:
    text = resources.files("liftgate").joinpath("schemas", f"{name}.schema.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


CATALOGUE = Draft202012Validator(_schema("catalogue-1"))
PAYLOADS = Draft202012Validator(_schema("payload-1"))


@pytest.mark.parametrize("name", ["catalogue-1", "payload-1"])
def test_the_schema_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(_schema(name))


@given(catalogue_documents())
def test_every_valid_catalogue_document_fits_its_schema(document: dict[str, Any]) -> None:
    assert list(CATALOGUE.iter_errors(document)) == []


@given(catalogues())
def test_the_normal_form_fits_the_schema(catalogue: Catalogue) -> None:
    assert list(CATALOGUE.iter_errors(write_catalogue(catalogue))) == []


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("schema",), 2),
        (("languages",), []),
        (("languages",), ABSENT),
        (("plan",), {}),
        (("features", "Boards"), {"kind": "switch", "name": {"en": "x"}}),
        (("features", "sso", "kind"), "toggle"),
        (("features", "sso", "values"), ["a"]),
        (("features", "sso", "unit"), {"en": {"one": "x", "other": "y"}}),
        (("features", "sso", "name"), "SSO"),
        (("features", "sso", "over_limit"), "read_only"),
        (("features", "seats", "over_limit"), "grace"),
        (("features", "seats", "on_upgrade"), "reset"),
        (("features", "seats", "on_failure"), "deny"),
        (("value_metrics", "minutes_saved"), {}),
        (("plans", "pro", "rank"), ABSENT),
        (("plans", "pro", "entitlements", "boards", "limit"), -1),
        (("plans", "pro", "entitlements", "boards", "enforcement"), "hard"),
        (("plans", "pro", "entitlements", "boards", "limits"), 3),
        (("plans", "pro", "prices", 0, "interval"), "week"),
        (("plans", "pro", "prices", 0, "currency"), "eur"),
        (("addons", "extra_exports", "max_quantity"), 0),
        (("gates", "admin", "requires"), {"all": []}),
        (("gates", "admin", "requires"), {"all": ["sso"], "any": ["sso"]}),
        (("gates", "admin", "mode"), "off"),
    ],
)
def test_the_catalogue_schema_marks_a_mistake(place: tuple[str | int, ...], value: Any) -> None:
    assert not CATALOGUE.is_valid(changed(*place, to=value))


def test_the_example_fits_the_catalogue_schema() -> None:
    assert list(CATALOGUE.iter_errors(EXAMPLE)) == []


@given(payloads())
def test_every_payload_fits_its_schema(payload: Payload) -> None:
    assert list(PAYLOADS.iter_errors(wire.encode_payload(payload))) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("schema", 2), ("trigger", "whim"), ("direction", "up"), ("content", {}), ("expires_at", "tomorrow")],
)
def test_the_payload_schema_marks_a_mistake(name: str, value: object) -> None:
    assert not PAYLOADS.is_valid({**wire.encode_payload(PAYLOAD), name: value})


@pytest.mark.parametrize("href", ["javascript:alert(1)", "data:text/html,x", ""])
def test_an_address_that_runs_code_does_not_fit_the_payload_schema(href: str) -> None:
    document: Any = wire.encode_payload(PAYLOAD)
    document["actions"][1]["href"] = href

    assert not PAYLOADS.is_valid(document)


def test_an_action_that_opens_an_address_needs_one() -> None:
    document: Any = wire.encode_payload(PAYLOAD)
    del document["actions"][1]["href"]

    assert not PAYLOADS.is_valid(document)


@pytest.mark.parametrize("payload", [PAYLOAD, BARE_PAYLOAD])
def test_every_field_of_a_payload_is_described(payload: Payload) -> None:
    assert list(_undescribed(wire.encode_payload(payload), PAYLOADS.schema)) == []


def _undescribed(value: Any, schema: dict[str, Any], path: str = "") -> list[str]:
    schema = {**PAYLOADS.schema["$defs"][schema["$ref"].rpartition("/")[2]], **schema} if "$ref" in schema else schema
    if isinstance(value, list):
        return [missing for item in value for missing in _undescribed(item, schema["items"], f"{path}[]")]
    if not isinstance(value, dict) or "additionalProperties" in schema:
        return []
    known = schema["properties"]
    missing = [f"{path}.{name}" for name in value if name not in known]
    return missing + [
        inner
        for name, item in value.items()
        if name in known
        for inner in _undescribed(item, known[name], f"{path}.{name}")
    ]
