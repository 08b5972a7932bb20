"""The operations of the case files through the second door: rows in the database, one call over HTTP each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from flask import Flask

from liftgate_server.access.queries import Environment
from liftgate_server.plumbing.clock import FixedClock
from tests.case_files import CUSTOMER, OperationsCase, assert_counted, assert_holds, named, read_operations_cases
from tests.server.case_rows import store_case
from tests.server.conftest import Caller


@pytest.mark.parametrize("case", read_operations_cases(), ids=lambda case: case.name)
def test_the_server_counts_as_the_case_says(
    case: OperationsCase, app: Flask, clock: FixedClock, environment: Environment, runtime_caller: Caller
) -> None:
    clock.set(datetime.fromisoformat(case.operations[0]["at"]))
    with app.app_context():
        store_case(environment.id, case)

    for number, operation in enumerate(case.operations):
        clock.set(datetime.fromisoformat(operation["at"]))
        answer = _answer(runtime_caller, operation, f"key-{number}")
        assert_holds(operation["expect"], answer, f"{named(operation)} at {operation['at']}")

    state = runtime_caller("GET", f"/v1/customers/{CUSTOMER}/state")
    assert state.json is not None
    assert_counted(case, state.json)


def _answer(caller: Caller, operation: dict[str, Any], unnamed: str) -> dict[str, Any]:
    name, _ = named(operation)
    if name == "record":
        return _recorded(caller, operation, unnamed)
    path, body = _call(operation)
    headers = {"Idempotency-Key": operation.get("key", unnamed)}
    answer = caller("POST", path, json={"customer": CUSTOMER, **body}, headers=headers)
    told: Any = answer.json
    assert answer.status_code < 500, answer.text
    return told if answer.status_code == 200 else {"error": told["code"]}


def _call(operation: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the path and body of an operation."""
    name, subject = named(operation)
    user = {} if "user" not in operation else {"user": operation["user"]}
    at = {} if "used_at" not in operation else {"at": operation["used_at"]}
    units = {} if "units" not in operation else {"quantity": operation["units"]}
    if name == "check":
        asked = {} if "units" not in operation else {"units": operation["units"]}
        return "/v1/check", {"gate": subject, **user, **asked}
    if name == "consume":
        return "/v1/usage/consume", {"gate": subject, **units, **user}
    if name == "reserve":
        return "/v1/usage/reserve", {"gate": subject, **units, **user, "expires_in_seconds": operation["seconds"]}
    if name in ("commit", "release"):
        return f"/v1/usage/reservations/{name}", {"reservation": subject, **units}
    if name == "refund":
        return "/v1/usage/refund", {"key": subject, **units}
    change = {"level": operation["level"]} if name == "set_level" else {"by": operation["by"]}
    return "/v1/usage/level", {"feature": subject, **change, **user, **at}


def _recorded(caller: Caller, operation: dict[str, Any], unnamed: str) -> dict[str, Any]:
    event = {"key": operation.get("key", unnamed), "customer": CUSTOMER, "feature": operation["record"]}
    event |= {"quantity": operation["units"]}
    event |= {} if "user" not in operation else {"user": operation["user"]}
    event |= {} if "used_at" not in operation else {"at": operation["used_at"]}
    answer = caller("POST", "/v1/usage/record", json={"events": [event]})
    told: Any = answer.json
    assert answer.status_code == 200, answer.text
    return {"error": told["refused"][0]["code"]} if told["refused"] else {}
