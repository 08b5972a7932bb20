"""The bench `propagation`: from publishing to another decision in every host process that runs."""

from __future__ import annotations

import json
import random
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from liftgate_server.plumbing.devstack import Devstack
from loadtests.bench import sample
from loadtests.bench.measure import Progress, percentile
from loadtests.bench.report import Row, Target, at_most
from loadtests.listeners import listening
from loadtests.processes import HOST, UnexpectedAnswerError
from loadtests.running_server import RunningServer
from loadtests.server_process import running_server

GATES = 30
PROCESSES = 20
STACKS = ("sqlite", "postgresql")
FULL_PUBLISHES, QUICK_PUBLISHES = 30, 8
NS_PER_MS = 1_000_000
# The event, and the head of the answer to the question that follows it.
BYTES_AROUND = 600

Latencies = tuple[list[float], list[float]]
"""Milliseconds of every process and publication: since publishing was asked for, and since it was answered."""


def measure(
    quick: bool,  # noqa: FBT001 - the shape every benchmark has
    progress: Progress,
    *,
    processes: int = PROCESSES,
    stack: str | None = None,
) -> list[Row]:
    publishes = QUICK_PUBLISHES if quick else FULL_PUBLISHES
    rows: list[Row] = []
    for name in STACKS if stack is None else (stack,):
        with server_on(name, progress) as server:
            server.manage("POST", "/v1/catalogue/publish", sample.catalogue_document(GATES))
            server.manage("PUT", f"/v1/customers/{sample.CUSTOMER}", {"name": "Acme"})
            size = BYTES_AROUND + len(json.dumps(server.manage("GET", "/v1/snapshot"), separators=(",", ":")))
            progress(f"{name}: {processes} processes with the SDK")
            latencies = publish_to_all(server, processes, publishes, progress)
        rows += rows_of(name, latencies, push_to_all(size, processes, publishes))
    return rows


@contextmanager
def server_on(stack: str, progress: Progress) -> Iterator[RunningServer]:
    if stack not in STACKS:
        raise UnexpectedAnswerError(f"there is no stack {stack!r}; known are {', '.join(STACKS)}")
    with ExitStack() as exits:
        settings = {}
        if stack == "postgresql":
            progress("starting PostgreSQL and Redis")
            settings = exits.enter_context(Devstack()).settings()
        progress(f"{stack}: starting the server")
        yield exits.enter_context(running_server(settings=settings))


def publish_to_all(server: RunningServer, processes: int, publishes: int, progress: Progress) -> Latencies:
    """Open and close a gate by turns; every process has to decide anew each time."""
    document, gate = sample.catalogue_document(GATES), sample.granted_gates(GATES)[0]
    arguments = [server.url, gate]
    asked: list[float] = []
    answered: list[float] = []
    with listening("loadtests.sdk_listener", arguments, processes, {"LIFTGATE_API_KEY": server.keys.secret}) as all_:
        for number in range(publishes + 1):
            pause()
            document["gates"][gate]["mode"] = "enforce" if number % 2 else "closed"
            before = time.monotonic_ns()
            version = server.manage("POST", "/v1/catalogue/publish", document)["version"]
            after = time.monotonic_ns()
            instants = all_.wait_for(version)
            if number == 0:
                continue  # the first one also warms up what is loaded late
            progress(f"publication {number} of {publishes}")
            asked += [(at - before) / NS_PER_MS for at in instants]
            # A process may have the news before whoever published has the answer.
            answered += [max(0.0, (at - after) / NS_PER_MS) for at in instants]
    return asked, answered


def push_to_all(size: int, processes: int, pushes: int) -> list[float]:
    """Push as many bytes to as many processes over bare sockets; the floor."""
    taken: list[float] = []
    with socket.create_server((HOST, 0), backlog=processes) as listener, ExitStack() as lines:
        arguments = [str(listener.getsockname()[1]), str(size)]
        with listening("loadtests.bare_listener", arguments, processes, {}) as all_:
            connections = [lines.enter_context(listener.accept()[0]) for _ in range(processes)]
            content = b"x" * size
            for number in range(1, pushes + 1):
                pause()
                before = time.monotonic_ns()
                for connection in connections:
                    connection.sendall(content)
                taken += [(at - before) / NS_PER_MS for at in all_.wait_for(number)]
    return taken


def pause() -> None:
    """Let everything settle, for no whole number of anybody's intervals."""
    time.sleep(0.3 + 0.2 * random.random())  # noqa: S311 - no secret depends on it


def rows_of(stack: str, latencies: Latencies, floor: list[float]) -> list[Row]:
    asked, answered, bare = sorted(latencies[0]), sorted(latencies[1]), sorted(floor)

    def row(name: str, values: list[float], share: float, target: Target | None = None) -> Row:
        return Row(
            f"{stack}: {name}",
            percentile(values, share),
            "ms",
            floor=percentile(bare, share),
            target=target,
        )

    return [
        row("publish asked for → decided anew, p50", asked, 0.5),
        row("publish asked for → decided anew, p99", asked, 0.99, target=at_most(250)),
        row("publish asked for → decided anew, the last of all", asked, 1),
        row("publish answered → decided anew, p50", answered, 0.5),
        row("publish answered → decided anew, p99", answered, 0.99),
    ]
