"""What a check costs in the host's process: 100 features, one known customer, no server needed."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import liftgate
from liftgate.messages import Request, Response
from loadtests.bench import sample
from loadtests.bench.measure import Contender, Progress, Timing, Volume, compare
from loadtests.bench.report import Row, at_most, ratio_at_most

SDK = Path(__file__).resolve().parents[2] / "sdk_python"
FEATURES = 100
FULL = Volume(rounds=11, calls=100_000)
QUICK = Volume(rounds=3, calls=20_000)
FULL_COUNTED, QUICK_COUNTED = Volume(rounds=5, calls=5_000), Volume(rounds=3, calls=1_000)
FULL_STARTS, QUICK_STARTS = 15, 3
NS_PER_US = 1_000
NS_PER_MS = 1_000_000

# In an interpreter of its own, without site-packages: what a host pays on top of Python.
IMPORT_PROGRAM = """
import json, sys, time
sys.path.insert(0, sys.argv[1])
before = set(sys.modules)
started = time.perf_counter_ns()
import liftgate
taken = time.perf_counter_ns() - started
added = set(sys.modules) - before
started = time.perf_counter_ns()
liftgate.Client("http://127.0.0.1:9", "lgsk_bench_k1_secret")
print(json.dumps({"import": taken, "modules": len(added), "constructor": time.perf_counter_ns() - started}))
"""
# The floor of an import: a module of the standard library that nearly every program loads.
FLOOR_PROGRAM = """
import sys, time
started = time.perf_counter_ns()
import dataclasses
print(time.perf_counter_ns() - started)
"""


class CannedTransport:
    """A server that always answers with the same documents, without a socket."""

    def __init__(self) -> None:
        self._documents: Mapping[str, object] = {
            "/v1/snapshot": sample.snapshot_document(FEATURES),
            f"/v1/customers/{sample.CUSTOMER}/state": sample.state_document(),
            "/v1/changes": {"latest": 1, "reset": False, "changes": []},
        }

    def send(self, request: Request, *, timeout_seconds: float) -> Response:
        del timeout_seconds
        document = self._documents[request.path.partition("?")[0]]
        return Response(200, {"etag": '"1"', "content-type": "application/json"}, json.dumps(document).encode())

    def close(self) -> None:
        """There is nothing to close."""

    def after_fork(self) -> None:
        """There is nothing to forget."""


@contextmanager
def bound_client() -> Iterator[liftgate.Client]:
    """Yield a client with its customer bound and every gate decided once, as after the first requests of a process."""
    client = liftgate.Client(
        "http://127.0.0.1:9",
        "lgsk_bench_k1_secret",
        transport=CannedTransport(),
        poll_seconds=3600,
        load_budget_seconds=10,
    )
    try:
        with client.customer(sample.CUSTOMER, user=sample.USER):
            assert all(client.check(gate).granted for gate in sample.granted_gates(FEATURES))
            assert not any(client.check(gate).granted for gate in sample.refused_gates(FEATURES))
            yield client
    finally:
        client.close()


def body(argument: object) -> object:
    """Stand for what a gate is put around."""
    return argument


def check_contenders(client: liftgate.Client) -> dict[str, Contender]:
    """Return what is compared with a dict lookup; each contender is called with one argument, as the floor is."""
    granted, refused = sample.granted_gates(FEATURES), sample.refused_gates(FEATURES)
    metered = [gate for gate in granted if client.check(gate).resets_at is not None]
    others = [gate for gate in granted if gate not in metered]
    table = {gate: client.check(gate) for gate in granted}

    def refuse(gate: str) -> bool:
        return bool(client.check(gate))

    return {
        "floor": Contender(table.__getitem__, granted),
        "check": Contender(client.check, granted),
        "metered": Contender(client.check, metered),
        "gate": Contender(client.gate(others[0])(body), granted),
        "metered gate": Contender(client.gate(metered[0])(body), granted),
        "refused": Contender(refuse, refused),
    }


def check_rows(client: liftgate.Client, volume: Volume, progress: Progress) -> list[Row]:
    progress("SDK: checks and a dict lookup, by turns")
    found = compare(check_contenders(client), volume, progress)
    floor = found["floor"]

    def row(name: str, timing: Timing, **more: Any) -> Row:
        return Row(name, timing.p50_ns, "ns", floor=floor.p50_ns, **more)

    return [
        row("check, p50", found["check"], target=at_most(450)),
        row("check against a dict lookup", found["check"], target=ratio_at_most(5)),
        Row("check, p99", found["check"].p99_ns, "ns", floor=floor.p99_ns, target=at_most(1500)),
        Row("check, p99.9", found["check"].p999_ns, "ns", floor=floor.p999_ns, target=at_most(50_000)),
        row("check of a metered feature, p50", found["metered"], target=at_most(450)),
        row("@gate, allowed, with the call", found["gate"], target=at_most(600)),
        row("@gate on a metered feature", found["metered gate"], target=at_most(600)),
        row("refused decision", found["refused"], target=at_most(700)),
    ]


def counted_rows(client: liftgate.Client, volume: Volume, progress: Progress) -> list[Row]:
    """Measure checks that bring the host's own count, each another one than before, so that nothing is remembered."""
    progress("SDK: checks with the host's own count")
    metered = sample.gate_key(1)
    asked = Contender(lambda used: client.check(metered, used=used), range(volume.calls))
    table = dict.fromkeys(range(volume.calls))
    found = compare({"floor": Contender(table.__getitem__, range(volume.calls)), "asked": asked}, volume, progress)
    return [Row("check with the host's own count", found["asked"].p50_ns, "ns", floor=found["floor"].p50_ns)]


def start_rows(starts: int, progress: Progress) -> list[Row]:
    """Measure importing and constructing in interpreters of their own, by turns with the floor."""
    progress(f"SDK: {starts} fresh interpreters")
    started = [json.loads(bare_python(IMPORT_PROGRAM)) for _ in range(starts)]
    floors = [int(bare_python(FLOOR_PROGRAM)) for _ in range(starts)]
    middle = {key: statistics.median(start[key] for start in started) for key in started[0]}
    return [
        Row(
            "import liftgate",
            middle["import"] / NS_PER_MS,
            "ms",
            floor=statistics.median(floors) / NS_PER_MS,
            target=at_most(30),
        ),
        Row("modules added by the import", middle["modules"], "modules", target=at_most(80)),
        Row("constructor, the first in a process", middle["constructor"] / NS_PER_MS, "ms", target=at_most(10)),
    ]


def bare_python(program: str) -> str:
    """Run a program without site-packages, which would load modules of their own before ours."""
    command = [sys.executable, "-S", "-E", "-c", program, str(SDK)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def sdk_rows(*, quick: bool, progress: Progress) -> list[Row]:
    with bound_client() as client:
        for gate in sample.refused_gates(FEATURES):
            assert client.check(gate).offer is not None
        rows = check_rows(client, QUICK if quick else FULL, progress)
        rows += counted_rows(client, QUICK_COUNTED if quick else FULL_COUNTED, progress)
    return rows + start_rows(QUICK_STARTS if quick else FULL_STARTS, progress)
