"""The case files through the second door: rows in the database, one check over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from liftgate_server.access.queries import Environment
from liftgate_server.plumbing.clock import FixedClock
from tests.case_files import CUSTOMER, Case, assert_holds, read_cases
from tests.server.case_rows import store_case


@pytest.mark.parametrize("case", read_cases(), ids=lambda case: case.name)
def test_the_server_answers_as_the_case_says(
    case: Case, app: Flask, clock: FixedClock, environment: Environment, runtime_caller: Callable[..., Any]
) -> None:
    clock.set(case.at)
    with app.app_context():
        store_case(environment.id, case)
    asked = {key: value for key, value in case.check.items() if key != "at"}

    answer = runtime_caller("POST", "/v1/check", json={"customer": CUSTOMER, **asked})

    assert answer.status_code == 200, answer.text
    assert_holds(case.expected["decision"], answer.json["decision"])
    if "offer" in case.expected:
        assert_holds(case.expected["offer"], answer.json["offer"])
