"""What went on at the gates of late, all of them together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from liftgate_server.plumbing.clock import now
from liftgate_server.usage.queries import gate_activity

_SPAN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Activity:
    checks: int
    refused: int
    observed: int


def recent_activity(environment_id: int) -> Activity:
    gates = gate_activity(environment_id, since=now() - _SPAN).values()
    refused, observed = sum(gate.refused for gate in gates), sum(gate.observed for gate in gates)
    return Activity(sum(gate.granted for gate in gates) + refused + observed, refused, observed)
