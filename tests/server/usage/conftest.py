"""Reports as a host sends them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from liftgate_server.usage.facts import GateActivity
from liftgate_server.usage.queries import gate_activity
from tests.server.conftest import START


def gate_row(**changes: Any) -> dict[str, Any]:
    return {
        "gate": "boards.create",
        "customer": "acme",
        "hour": "2026-11-22T09:00:00Z",
        "outcome": "refused",
        "reason": "limit_reached",
        "count": 1,
    } | changes


def level_row(**changes: Any) -> dict[str, Any]:
    return {"customer": "acme", "feature": "boards", "used": 3, "at": "2026-11-22T09:00:00Z"} | changes


@pytest.fixture
def report(runtime_caller) -> Callable[..., Any]:
    """Send a batch: `report("b1", gate_row(), levels=[level_row()])`."""

    def send(batch: str, *gates: dict[str, Any], levels: list[dict[str, Any]] | None = None) -> Any:
        return runtime_caller.post("/v1/reports", json={"batch": batch, "gates": list(gates), "levels": levels or []})

    return send


@pytest.fixture
def activity(app, environment) -> Callable[..., GateActivity]:
    """Read what happened at a gate since an instant."""

    def read(gate: str = "boards.create", *, since: datetime = START) -> GateActivity:
        with app.app_context():
            return gate_activity(environment.id, since=since).get(gate, GateActivity())

    return read
