"""The bench `serving`: how many worker processes and threads answer checks best on this machine."""

from __future__ import annotations

from contextlib import ExitStack

from loadtests.bench.check_server import calls, p50, p99, prepare_customer, rate
from loadtests.bench.http_driver import Flow, drive
from loadtests.bench.measure import Progress
from loadtests.bench.report import Row
from loadtests.processes import HOST
from loadtests.server_process import running_server

ARRANGEMENTS = ((1, 1), (1, 2), (1, 4), (2, 1), (2, 2))
FULL_ROUNDS, FULL_SECONDS = 5, 3.0
QUICK_ROUNDS, QUICK_SECONDS = 1, 1.0


def measure(quick: bool, progress: Progress) -> list[Row]:  # noqa: FBT001 - the shape every benchmark has
    """Drive one check through each arrangement by turns; the floor is the first of them."""
    rounds, seconds = (QUICK_ROUNDS, QUICK_SECONDS) if quick else (FULL_ROUNDS, FULL_SECONDS)
    flows: dict[tuple[int, int], list[Flow]] = {arrangement: [] for arrangement in ARRANGEMENTS}
    with ExitStack() as stack:
        progress("starting a server for each arrangement")
        servers = {
            (workers, threads): stack.enter_context(
                running_server(options=["--workers", str(workers), "--threads", str(threads)])
            )
            for workers, threads in ARRANGEMENTS
        }
        for server in servers.values():
            prepare_customer(server)
        for number in range(rounds):
            progress(f"round {number + 1} of {rounds}")
            for arrangement, server in servers.items():
                check = calls(server.keys.secret)["check"]
                flows[arrangement].append(drive(HOST, server.port, check, seconds=seconds))
    floor = flows[ARRANGEMENTS[0]]
    return [row for arrangement, found in flows.items() for row in rows_of(arrangement, found, floor)]


def rows_of(arrangement: tuple[int, int], found: list[Flow], floor: list[Flow]) -> list[Row]:
    name = "workers {}, threads {}".format(*arrangement)
    return [
        Row(f"{name}: one check", rate(found), "requests/s", floor=rate(floor)),
        Row(f"{name}: p50", p50(found), "ms", floor=p50(floor)),
        Row(f"{name}: p99", p99(found), "ms", floor=p99(floor)),
    ]
