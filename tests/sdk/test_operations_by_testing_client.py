"""The operations of the case files through the client for host apps' own tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from liftgate import ApiError
from liftgate.consuming import Consumption, Hold, Taken
from liftgate.engine import wire
from liftgate.testing import TestClient
from tests.case_files import (
    CUSTOMER,
    OperationsCase,
    assert_counted,
    assert_holds,
    named,
    read_operations_cases,
    state_document,
)


@pytest.mark.parametrize("case", read_operations_cases(), ids=lambda case: case.name)
def test_the_testing_client_counts_as_the_case_says(case: OperationsCase) -> None:
    player = _Player(case)

    for operation in case.operations:
        assert_holds(operation["expect"], player.play(operation), f"{named(operation)} at {operation['at']}")

    assert_counted(case, wire.encode_state(player.client._state(CUSTOMER)))


class _Player:
    """Plays operations on a client that has the customer of a case."""

    def __init__(self, case: OperationsCase) -> None:
        self.client = TestClient(case.catalogues[-1])
        state = wire.decode_state(state_document(case))
        # The cases have states that no calls of a test lead to.
        self.client._store(replace(state, environment="test"))
        self._reservations: dict[str, Any] = {}

    def play(self, operation: dict[str, Any]) -> dict[str, Any]:
        name, subject = named(operation)
        self.client.clock.set(datetime.fromisoformat(operation["at"]))
        try:
            with self.client.customer(CUSTOMER, user=operation.get("user")):
                answer: dict[str, Any] = getattr(self, name)(subject, operation)
        except ApiError as error:
            return {"error": error.code}
        return answer

    def check(self, gate: str, operation: dict[str, Any]) -> dict[str, Any]:
        return {"decision": wire.encode_decision(self.client.check(gate, units=operation.get("units")))}

    def consume(self, gate: str, operation: dict[str, Any]) -> dict[str, Any]:
        return _told(self.client.consume(gate, operation["units"], key=operation.get("key")))

    def record(self, feature: str, operation: dict[str, Any]) -> dict[str, Any]:
        at = operation.get("used_at")
        used_at = None if at is None else datetime.fromisoformat(at)
        self.client.record(feature, operation["units"], at=used_at, key=operation.get("key"))
        return {}

    def reserve(self, gate: str, operation: dict[str, Any]) -> dict[str, Any]:
        key = operation["key"]
        reservation = self.client.reserve(gate, operation["units"], key=key, ttl_seconds=operation["seconds"])
        reservation.begin()
        self._reservations[key] = reservation
        hold: Hold = reservation._hold  # type: ignore[assignment]  # it has just begun
        return {"granted": hold.decision.granted, "receipt": _parts(hold.receipt)}

    def commit(self, key: str, operation: dict[str, Any]) -> dict[str, Any]:
        # By way of the meter: a reservation refuses in its own words what never reaches a server.
        self._settle(key, operation["units"])
        return {}

    def release(self, key: str, operation: dict[str, Any]) -> dict[str, Any]:
        self._settle(key, None)
        return {}

    def refund(self, key: str, operation: dict[str, Any]) -> dict[str, Any]:
        self.client.refund(key, operation.get("units"))
        return {}

    def set_level(self, feature: str, operation: dict[str, Any]) -> dict[str, Any]:
        at = operation.get("used_at")
        used_at = None if at is None else datetime.fromisoformat(at)
        return _told(self.client.set_level(feature, operation["level"], at=used_at, key=operation.get("key")))

    def add_level(self, feature: str, operation: dict[str, Any]) -> dict[str, Any]:
        return _told(self.client.add_level(feature, operation["by"]))

    def _settle(self, key: str, units: int | None) -> None:
        self.client._meter._ledger.settle(CUSTOMER, key, units, at=self.client.clock.now)
        self.client._meter.refresh(CUSTOMER)


def _told(answer: Consumption) -> dict[str, Any]:
    return {
        "granted": answer.granted,
        "replayed": answer.replayed,
        "decision": wire.encode_decision(answer.decision),
        "receipt": _parts(answer.receipt),
    }


def _parts(receipt: tuple[Taken, ...]) -> list[dict[str, Any]]:
    return [{"bucket": taken.bucket, "units": taken.units} for taken in receipt]
