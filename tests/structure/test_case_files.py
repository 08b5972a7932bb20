"""The language-neutral case files: enough of them, of one shape, covering every reason, and used by three doors."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from liftgate.engine.decision import Reason
from tests.case_files import OPERATIONS

TESTS = Path(__file__).resolve().parents[1]
FILES = sorted((TESTS / "cases").glob("*.json"))
OPERATION_FILES = sorted((TESTS / "cases" / "operations").glob("*.json"))
FEWEST_CASES = 80
FEWEST_OPERATION_CASES = 40
OPERATION_MEMBERS = {"at", "units", "key", "user", "used_at", "seconds", "level", "by", "expect"}
EXPECTED_MEMBERS = {"granted", "replayed", "decision", "receipt", "error"}
# Reasons that only a client without data can give; a case always has data.
NOT_FROM_DATA = {Reason.NO_CUSTOMER, Reason.UNAVAILABLE, Reason.UNKNOWN_FEATURE}
MEMBERS: dict[str, tuple[set[str], set[str]]] = {
    "": ({"description", "catalogue", "state", "check", "expect"}, {"published_before", "plan_successions"}),
    "check": ({"gate", "at"}, {"used", "user", "units", "language"}),
    "expect": ({"decision"}, {"offer"}),
}


def faults_of(case: dict[str, Any]) -> list[str]:
    """Say in which ways a case file is not of the shape that the doors read."""
    faults = []
    for place, (needed, allowed) in MEMBERS.items():
        found = set(case if place == "" else case.get(place, {}))
        faults += [f"{place}.{name} is missing" for name in sorted(needed - found)]
        faults += [f"{place}.{name} is unknown" for name in sorted(found - needed - allowed)]
    if not faults:
        decision = case["expect"]["decision"]
        faults += [f"decision.{name} is missing" for name in ("granted", "reason") if name not in decision]
        faults += [] if datetime.fromisoformat(case["check"]["at"]).tzinfo else ["check.at has no time zone"]
    return faults


def faults_of_operations(case: dict[str, Any]) -> list[str]:
    """Say in which ways a file of operations is not of the shape that the doors read."""
    needed, allowed = {"description", "catalogue", "state", "operations", "counters"}, {"crossings"}
    faults = [f"{name} is missing" for name in sorted(needed - set(case))]
    faults += [f"{name} is unknown" for name in sorted(set(case) - needed - allowed)]
    for place, operation in enumerate(case.get("operations", [])):
        names = set(OPERATIONS) & set(operation)
        faults += [] if len(names) == 1 else [f"operations[{place}] does {sorted(names)}"]
        unknown = set(operation) - set(OPERATIONS) - OPERATION_MEMBERS
        faults += [f"operations[{place}].{name} is unknown" for name in sorted(unknown)]
        faults += [f"operations[{place}].{name} is missing" for name in sorted({"at", "expect"} - set(operation))]
        faults += [
            f"operations[{place}].expect.{name} is unknown"
            for name in sorted(set(operation.get("expect", {})) - EXPECTED_MEMBERS)
        ]
    return faults


def test_there_are_enough_cases():
    assert len(FILES) >= FEWEST_CASES
    assert len(OPERATION_FILES) >= FEWEST_OPERATION_CASES


@pytest.mark.parametrize("file", OPERATION_FILES, ids=lambda file: file.stem)
def test_a_case_of_operations_has_the_shape_that_the_doors_read(file: Path):
    assert faults_of_operations(json.loads(file.read_text())) == []


def test_every_operation_has_a_case_in_which_it_is_answered_and_one_in_which_it_is_refused():
    played = [operation for file in OPERATION_FILES for operation in json.loads(file.read_text())["operations"]]
    refused = {name for it in played for name in OPERATIONS if name in it and "error" in it["expect"]}
    answered = {name for it in played for name in OPERATIONS if name in it and "error" not in it["expect"]}

    assert answered == set(OPERATIONS)
    # A check and a reservation answer no; they do not fail.
    assert refused == set(OPERATIONS) - {"check", "reserve"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_case_has_the_shape_that_the_doors_read(file: Path):
    assert faults_of(json.loads(file.read_text())) == []


def test_every_reason_that_data_can_give_has_a_case():
    reasons = {json.loads(file.read_text())["expect"]["decision"]["reason"] for file in FILES}

    assert set(Reason) - NOT_FROM_DATA <= reasons


def test_all_three_doors_read_the_cases():
    doors = {
        file.name
        for file in TESTS.rglob("test_cases_by_*.py")
        if re.search(r"parametrize\(\"case\", read_cases\(\)", file.read_text())
    }

    assert doors == {"test_cases_by_function.py", "test_cases_by_http.py", "test_cases_by_sdk.py"}


def test_all_three_doors_play_the_operations():
    doors = {
        file.name
        for file in TESTS.rglob("test_operations_by_*.py")
        if re.search(r"parametrize\(\"case\", read_operations_cases\(\)", file.read_text())
    }

    names = ("function", "http", "testing_client")
    assert doors == {f"test_operations_by_{name}.py" for name in names}


def test_a_misspelt_member_would_be_noticed():
    case = {"description": "", "catalogue": "", "state": {}, "check": {"gate": "a", "at": "…"}, "expects": {}}

    assert faults_of(case) == [".expect is missing", ".expects is unknown", "expect.decision is missing"]


def test_a_misspelt_member_of_an_operation_would_be_noticed():
    operation = {"at": "…", "consume": "exports", "unit": 1, "expect": {"grant": True}}
    case = {"description": "", "catalogue": "", "state": {}, "operations": [operation], "counters": []}

    assert faults_of_operations(case) == ["operations[0].unit is unknown", "operations[0].expect.grant is unknown"]
