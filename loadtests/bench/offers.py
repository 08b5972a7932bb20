"""The bench `offers`: the price of building what a refusal shows."""

from __future__ import annotations

import statistics
from operator import attrgetter

from loadtests.bench import sample
from loadtests.bench.check_sdk import FEATURES, NS_PER_US, bound_client
from loadtests.bench.measure import Progress, time_each, without_garbage_collection
from loadtests.bench.report import Row, at_most

FULL_CLIENTS = 30
QUICK_CLIENTS = 5


def measure(quick: bool, progress: Progress) -> list[Row]:  # noqa: FBT001 - the shape every benchmark has
    return payload_rows(QUICK_CLIENTS if quick else FULL_CLIENTS, progress)


def payload_rows(clients: int, progress: Progress) -> list[Row]:
    """Measure building the modal's payload: for gates a client has not refused before, and for further refusals.

    Each refusal is a new decision (giving the units keeps it out of the client's memory), because a decision builds
    its payload once and keeps it.
    """
    progress("SDK: modal payloads")
    gates = sample.refused_gates(FEATURES)
    first: list[int] = []
    further: list[int] = []
    for _ in range(clients):
        with bound_client() as client, without_garbage_collection():
            for taken in (first, further):
                taken.extend(time_each(attrgetter("offer"), [client.check(gate, units=1) for gate in gates]))
    return [
        Row("modal payload, first", statistics.median(first) / NS_PER_US, "µs", target=at_most(60)),
        Row("modal payload, warm", statistics.median(further) / NS_PER_US, "µs", target=at_most(25)),
    ]
