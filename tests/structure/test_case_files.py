"""The language-neutral case files: enough of them, of one shape, covering every reason, and used by three doors."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from liftgate.engine.decision import Reason

TESTS = Path(__file__).resolve().parents[1]
FILES = sorted((TESTS / "cases").glob("*.json"))
FEWEST_CASES = 80
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


def test_there_are_enough_cases():
    assert len(FILES) >= FEWEST_CASES


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


def test_a_misspelt_member_would_be_noticed():
    case = {"description": "", "catalogue": "", "state": {}, "check": {"gate": "a", "at": "…"}, "expects": {}}

    assert faults_of(case) == [".expect is missing", ".expects is unknown", "expect.decision is missing"]
