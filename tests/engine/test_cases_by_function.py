"""The case files through the first door: the engine's own functions."""

from __future__ import annotations

import pytest

from liftgate.engine import wire
from liftgate.engine.evaluate import Evaluator
from tests.case_files import Case, assert_holds, read_cases, snapshot_document, state_document


@pytest.mark.parametrize("case", read_cases(), ids=lambda case: case.name)
def test_the_engine_answers_as_the_case_says(case: Case) -> None:
    snapshot = wire.decode_snapshot(snapshot_document(case))
    state = wire.decode_state(state_document(case))
    check = case.check
    evaluator = Evaluator(snapshot, state, user=check.get("user"), language=check.get("language"))

    decision = evaluator.decide(check["gate"], at=case.at, units=check.get("units"), used=check.get("used"))

    assert_holds(case.expected["decision"], wire.encode_decision(decision))
    if "offer" in case.expected:
        offer = None if decision.offer is None else wire.encode_payload(decision.offer)
        assert_holds(case.expected["offer"], offer)
