"""The case files through the third door: the client, fed over its transport by a server that has one customer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from liftgate import Client
from liftgate.engine import wire
from tests.case_files import CUSTOMER, Case, assert_holds, read_cases, snapshot_document, state_document
from tests.sdk.conftest import WallClock
from tests.sdk.fake_server import FakeServer


@dataclass
class CaseServer(FakeServer):
    """A server with the snapshot and the customer of one case."""

    snapshot: dict[str, Any] = field(default_factory=dict)

    def _snapshot(self) -> dict[str, Any]:
        return self.snapshot


@pytest.mark.parametrize("case", read_cases(), ids=lambda case: case.name)
def test_the_sdk_answers_as_the_case_says(
    case: Case, make_client: Callable[..., Client], wall_clock: WallClock
) -> None:
    wall_clock.set(case.check["at"])
    server = CaseServer(states={CUSTOMER: state_document(case)}, snapshot=snapshot_document(case))
    client = make_client(transport=server)
    check = case.check

    with client.customer(CUSTOMER, user=check.get("user"), locale=check.get("language")):
        decision = client.check(check["gate"], units=check.get("units"), used=check.get("used"))

    assert_holds(case.expected["decision"], wire.encode_decision(decision))
    if "offer" in case.expected:
        offer = None if decision.offer is None else wire.encode_payload(decision.offer)
        assert_holds(case.expected["offer"], offer)
