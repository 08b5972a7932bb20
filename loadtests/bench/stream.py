"""The bench `stream`: connections held, what each costs in memory, and the time of one change to all of them."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO, cast

from loadtests.bench import sample
from loadtests.bench.measure import Progress, percentile
from loadtests.bench.report import Row, at_least, at_most
from loadtests.bench.stream_driver import Task
from loadtests.processes import HOST, free_port, started
from loadtests.server_process import running_server

MOST_READERS, QUICK_READERS = 10_000, 1_000
LEAST_READERS = 5_000
# What a process has open beside its readers, with room to spare.
OTHER_FILES = 300
FULL_ROUNDS, QUICK_ROUNDS, WARM_UP_ROUNDS = 20, 5, 2
KIB = 1024


@dataclass(frozen=True, slots=True)
class Contender:
    """A server of streams: its process, where its readers go, and the request that changes something."""

    pid: int
    port: int
    request: str
    trigger_port: int
    trigger: str


@dataclass(frozen=True, slots=True)
class Found:
    """What was measured of one contender; the times are of single readers, the last ones of whole rounds."""

    connected: int
    kilobytes_each: float
    milliseconds: list[float]
    last_milliseconds: list[float]


def measure(quick: bool, progress: Progress) -> list[Row]:  # noqa: FBT001 - the shape every benchmark has
    """Measure ours and bare sockets one after the other, since both together would not find the open files."""
    readers = QUICK_READERS if quick else readers_possible()
    rounds = QUICK_ROUNDS if quick else FULL_ROUNDS
    progress(f"bare sockets: {readers} readers")
    with floor_server() as contender:
        floor = drive(contender, readers, rounds)
    progress(f"stream: {readers} readers")
    with our_server() as contender:
        ours = drive(contender, readers, rounds)
    return rows(ours, floor, quick=quick)


def rows(ours: Found, floor: Found, *, quick: bool) -> list[Row]:
    held = None if quick else at_least(LEAST_READERS)
    return [
        Row("connections held", ours.connected, "connections", floor=floor.connected, target=held),
        Row("memory of each", ours.kilobytes_each, "kB", floor=floor.kilobytes_each, target=at_most(25)),
        Row("one change to all, p50", share(ours, 0.5), "ms", floor=share(floor, 0.5)),
        Row("one change to all, p99", share(ours, 0.99), "ms", floor=share(floor, 0.99), target=at_most(250)),
        Row("one change to the last reader, median", middle(ours), "ms", floor=middle(floor)),
        Row("one change to the last reader, worst", worst(ours), "ms", floor=worst(floor)),
    ]


def share(found: Found, part: float) -> float:
    return percentile(sorted(found.milliseconds), part)


def middle(found: Found) -> float:
    return percentile(sorted(found.last_milliseconds), 0.5)


def worst(found: Found) -> float:
    return max(found.last_milliseconds)


def drive(contender: Contender, readers: int, rounds: int) -> Found:
    """Connect readers from a process of their own and change something round by round."""
    task = Task(
        host=HOST,
        port=contender.port,
        readers=readers,
        request=contender.request,
        trigger_port=contender.trigger_port,
        trigger=contender.trigger,
        rounds=rounds,
        warm_up_rounds=WARM_UP_ROUNDS,
    )
    before = resident_bytes(contender.pid)
    with driver(task) as (told, heard):
        connected = int(answer(heard)["connected"])
        each = (resident_bytes(contender.pid) - before) / connected
        told.write("\n")
        told.flush()
        found: list[list[float]] = answer(heard)["milliseconds"]
    every = [milliseconds for one in found for milliseconds in one]
    return Found(connected, each / KIB, every, [max(one) for one in found])


@contextmanager
def driver(task: Task) -> Iterator[tuple[TextIO, TextIO]]:
    command = [sys.executable, "-m", "loadtests.bench.stream_driver"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        told, heard = cast("TextIO", process.stdin), cast("TextIO", process.stdout)
        try:
            told.write(json.dumps(asdict(task)) + "\n")
            told.flush()
            yield told, heard
        finally:
            process.kill()


def answer(heard: TextIO) -> Mapping[str, Any]:
    line = heard.readline()
    assert line, "the readers ended; what they said is above"
    return cast("Mapping[str, Any]", json.loads(line))


@contextmanager
def floor_server() -> Iterator[Contender]:
    port = free_port()
    command = [sys.executable, "-m", "loadtests.bench.stream_floor", str(port)]
    with started(command, {}, port=port, path="/healthz"):
        request = "GET / HTTP/1.1\r\n\r\n"
        yield Contender(process_with(f"stream_floor {port}"), port, request, port, "PUT / HTTP/1.1\r\n\r\n%d")


@contextmanager
def our_server() -> Iterator[Contender]:
    port = free_port()
    with running_server(options=["--stream-port", str(port)]) as server:
        server.manage("PUT", f"/v1/customers/{sample.CUSTOMER}", {"name": "Acme"})
        host = f"Host: {HOST}\r\nAuthorization: Bearer {server.keys.secret}\r\n"
        trigger = f"PUT /v1/customers/{sample.CUSTOMER} HTTP/1.1\r\n{host}Content-Type: application/json"
        yield Contender(
            pid=stream_of(server.port),
            port=port,
            request=f"GET /v1/stream HTTP/1.1\r\n{host}\r\n",
            trigger_port=server.port,
            trigger=f'{trigger}\r\n\r\n{{"attributes": {{"round": %d}}}}',
        )


def readers_possible() -> int:
    """As many as this machine lets a process hold open, and no more than are of interest."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_READERS if hard == resource.RLIM_INFINITY else min(MOST_READERS, hard - OTHER_FILES)


def stream_of(port: int) -> int:
    """Find the process of the stream: the sibling of the one that answers requests on this port."""
    return process_with(
        "liftgate_server.serving.streaming", parent=parent_of(process_with(f"serving.requests * {port} "))
    )


def process_with(words: str, *, parent: int | None = None) -> int:
    """Find a process by words of its command; `*` stands for anything."""
    parts = words.split("*")
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            if all(part.strip() in command for part in parts) and parent in {None, parent_of(int(entry.name))}:
                return int(entry.name)
        except OSError:
            continue  # it ended meanwhile
    message = f"no process runs {words}"
    raise ProcessLookupError(message)


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def resident_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
