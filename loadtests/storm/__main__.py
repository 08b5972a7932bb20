"""The command behind `./dev storm`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from loadtests.bench.report import this_machine
from loadtests.processes import end_in_order
from loadtests.storm.plants import PLANTS
from loadtests.storm.storm import Aftermath, Weather, blow

LEAST_SECONDS = 5
FAULTS_PER_SECOND, EVENTS_PER_SECOND = 5, 10_000 / 60
"""Below these a storm has shown nothing, however well it ended."""
MOST_SHOWN = 20


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    planted = "\n".join(f"  {name:16} {description}" for name, (description, _) in PLANTS.items())
    parser = argparse.ArgumentParser(
        prog="./dev storm",
        description="Kill, stop and cut off real servers, databases and hosts while they count; then hold what every "
        "host was told against the database. Exit with 1 when anything differs, or when too little happened.",
        epilog=f"mistakes that can be planted:\n{planted}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seconds", type=int, default=60, help="how long it blows (60)")
    parser.add_argument("--seed", type=int, default=1, help="of the schedule, and of what the hosts ask for (1)")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write what was found there as JSON")
    parser.add_argument("--keep", metavar="FOLDER", type=Path, help="keep journals and logs there")
    parser.add_argument("--plant", choices=sorted(PLANTS), help="put a mistake into the servers, to see it found")
    parser.add_argument("--least-faults", type=int, metavar="N", help="fewer are a failure (5 a second)")
    parser.add_argument(
        "--least-events", type=int, metavar="N", help="fewer in the ledger are a failure (167 a second)"
    )
    options = parser.parse_args(arguments)
    if options.seconds < LEAST_SECONDS:
        parser.error(f"--seconds: at least {LEAST_SECONDS}, or not every kind of blow finds its time")
    return options


def main(arguments: Sequence[str]) -> int:
    options = parse(arguments)
    weather = Weather(options.seconds, options.seed, options.plant, options.keep)
    print(f"storm: {weather.seconds} s, seed {weather.seed}, {weather.plant or 'as it is'}", file=sys.stderr)
    aftermath = blow(weather)
    floors = floors_of(options)
    found = report(weather, aftermath)
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n")
    print(json.dumps({**found, "violations": found["violations"][:MOST_SHOWN]}, indent=2))
    return verdict(aftermath, *floors)


def floors_of(options: argparse.Namespace) -> tuple[int, int]:
    """Return how many faults and events there must be at least."""
    faults = FAULTS_PER_SECOND * options.seconds if options.least_faults is None else options.least_faults
    events = round(EVENTS_PER_SECOND * options.seconds) if options.least_events is None else options.least_events
    return faults, events


def report(weather: Weather, aftermath: Aftermath) -> dict[str, Any]:
    acts: dict[str, int] = {}
    for attempt in aftermath.attempts:
        name = f"{attempt.act}, {attempt.outcome}"
        acts[name] = acts.get(name, 0) + 1
    return {
        "seconds": weather.seconds,
        "seed": weather.seed,
        "plant": weather.plant,
        "faults": aftermath.faults,
        "faults_by_kind": dict(sorted(aftermath.blows.items())),
        "events": aftermath.events,
        "attempts": len(aftermath.attempts),
        "attempts_by_outcome": dict(sorted(acts.items())),
        "plan_changes": aftermath.plan_changes,
        "violations": [violation.as_json() for violation in aftermath.violations],
        "machine": this_machine(),
    }


def verdict(aftermath: Aftermath, least_faults: int, least_events: int) -> int:
    """Return 1 when anything differs, or when too little happened to say that nothing does."""
    problems = []
    if aftermath.violations:
        problems.append(f"{len(aftermath.violations)} violations")
    if aftermath.faults < least_faults:
        problems.append(f"only {aftermath.faults} faults of at least {least_faults}")
    if aftermath.events < least_events:
        problems.append(f"only {aftermath.events} events of at least {least_events}")
    print(f"storm: {'; '.join(problems) or 'nothing differs'}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    end_in_order()
    sys.exit(main(sys.argv[1:]))
