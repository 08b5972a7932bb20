"""The command behind `./dev load`: starts what a journey needs, sends its users, and fails on any error answer."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from loadtests.bench.measure import percentile
from loadtests.journey import Journey, Stack
from loadtests.processes import end_in_order
from loadtests.stack import JOURNEYS

ROOT = Path(__file__).resolve().parent.parent
COLUMNS = ("request", "sent", "failed", "1/s", "p50 ms", "p99 ms", "max ms")
PROGRESS_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Line:
    """What came of one kind of request."""

    name: str
    sent: int
    failed: int
    per_second: float
    p50_ms: float
    p99_ms: float
    max_ms: float

    def cells(self) -> tuple[str, ...]:
        times = (f"{value:.0f}" for value in (self.p50_ms, self.p99_ms, self.max_ms))
        return (self.name, str(self.sent), str(self.failed), f"{self.per_second:.1f}", *times)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    described = "\n".join(f"  {name:10} {journey.description}" for name, journey in JOURNEYS.items())
    parser = argparse.ArgumentParser(
        prog="./dev load", description=__doc__, epilog=described, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("journey", choices=[*JOURNEYS, "list"])
    parser.add_argument("--users", type=int, default=20, help="how many at the same time (20)")
    parser.add_argument("--seconds", type=int, default=30, help="for how long (30)")
    counting = ", ".join(name for name, journey in JOURNEYS.items() if journey.counts)
    parser.add_argument("--customers", choices=["spread", "hot"], help=f"many accounts or one ({counting}; spread)")
    options = parser.parse_args(arguments)
    if options.customers and (options.journey == "list" or not JOURNEYS[options.journey].counts):
        parser.error(f"--customers is an option of {counting}")
    return options


def main(arguments: Sequence[str]) -> int:
    options = parse(arguments)
    if options.journey == "list":
        print("\n".join(f"{name:10} {journey.description}" for name, journey in JOURNEYS.items()))
        return 0
    journey = JOURNEYS[options.journey]
    print(f"{options.journey}: {journey.description}", file=sys.stderr)
    with journey.stack() as stack:
        chosen = {"LIFTGATE_LOAD_CUSTOMERS": options.customers or "spread"}
        lines = run(journey, replace(stack, environment=stack.environment | chosen), options.users, options.seconds)
        problems = journey.problems(stack, {line.name: line.sent - line.failed for line in lines})
    print(table(lines))
    return verdict(lines, problems)


def run(journey: Journey, stack: Stack, users: int, seconds: int) -> list[Line]:
    """Send the users in a process of its own, because locust replaces Python's sockets."""
    file = Path(__file__).parent / "journeys" / journey.locustfile
    command = [
        sys.executable,
        "-m",
        "locust",
        "-f",
        str(file),
        "--headless",
        "--only-summary",
        "--json",
        "--host",
        stack.url,
    ]
    command += ["--users", str(users), "--spawn-rate", str(users), "--run-time", f"{seconds}s", "--loglevel", "WARNING"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **stack.environment},
        stdout=subprocess.PIPE,
        text=True,
    ) as locust:
        try:
            shown = wait_with_progress(locust, seconds)
        finally:
            locust.terminate()
    return [line_of(entry) for entry in json.loads(shown or "[]")]


def wait_with_progress(locust: subprocess.Popen[str], seconds: int) -> str:
    waited = 0
    while True:
        try:
            return locust.communicate(timeout=PROGRESS_SECONDS)[0]
        except subprocess.TimeoutExpired:
            waited += PROGRESS_SECONDS
            print(f"  … {waited} of {seconds} s", file=sys.stderr, flush=True)


def line_of(entry: dict[str, Any]) -> Line:
    """Read one entry of locust's JSON: its times are counts by milliseconds."""
    times = sorted(float(time) for time, count in entry["response_times"].items() for _ in range(count)) or [0.0]
    lasted = max(entry["last_request_timestamp"] - entry["start_time"], 1)
    return Line(
        name=f"{entry['method']} {entry['name']}",
        sent=entry["num_requests"],
        failed=entry["num_failures"],
        per_second=entry["num_requests"] / lasted,
        p50_ms=percentile(times, 0.5),
        p99_ms=percentile(times, 0.99),
        max_ms=times[-1],
    )


def verdict(lines: Sequence[Line], problems: Sequence[str] = ()) -> int:
    """Return 1 when anything failed or turned out wrong in the end, or when nothing was sent at all."""
    failed, sent = sum(line.failed for line in lines), sum(line.sent for line in lines)
    for problem in problems:
        print(f"wrong: {problem}")
    print(f"{sent} requests, {failed} failed")
    return 1 if failed or problems or not sent else 0


def table(lines: Sequence[Line]) -> str:
    rows = [COLUMNS, *(line.cells() for line in lines)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        row[0].ljust(widths[0]) + "".join(f"  {cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True))
        for row in rows
    )


if __name__ == "__main__":
    end_in_order()
    sys.exit(main(sys.argv[1:]))
