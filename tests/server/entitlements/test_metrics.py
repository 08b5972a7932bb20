"""Checks are counted by reason, one by one and in batches."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.usefixtures("document")


def counted(caller, reason: str) -> float:
    text = caller.get("/metrics").text
    found = re.search(rf'^liftgate_checks_total{{reason="{reason}"}} (\S+)$', text, re.MULTILINE)
    return float(found.group(1)) if found else 0.0


def test_a_check_is_counted_with_its_reason(runtime_caller):
    before = counted(runtime_caller, "not_included")

    for _ in range(3):
        runtime_caller.post("/v1/check", json={"customer": "acme", "gate": "login.sso"})

    assert counted(runtime_caller, "not_included") == before + 3


def test_every_decision_of_a_batch_is_counted(runtime_caller):
    before = counted(runtime_caller, "not_included"), counted(runtime_caller, "limit_reached")

    body = {"customer": "acme", "gates": ["login.sso", "boards.create"], "used": {"boards.create": 3}}
    runtime_caller.post("/v1/check/batch", json=body)

    assert (counted(runtime_caller, "not_included"), counted(runtime_caller, "limit_reached")) == (
        before[0] + 1,
        before[1] + 1,
    )
