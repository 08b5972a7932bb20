"""The command behind `./dev bench`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from loadtests.bench.measure import Progress
from loadtests.bench.registry import BENCHES, Bench
from loadtests.bench.report import Report, this_machine
from loadtests.processes import end_in_order


def parse(arguments: Sequence[str], benches: Mapping[str, Bench]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./dev bench",
        description="Measure ours against a floor in the same run; exit with 1 when a row misses its target.",
    )
    parser.add_argument("name", choices=[*sorted(benches), "list"], help="the benchmark, or `list`")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the rows there as JSON")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds: a look, not a figure to quote")
    users: dict[str, list[str]] = {}
    for name, bench in sorted(benches.items()):
        for option in bench.options:
            users.setdefault(option, []).append(name)
    for option, names in users.items():
        kind = benches[names[0]].options[option]
        parser.add_argument(f"--{option}", type=kind, metavar="VALUE", help=f"of {', '.join(names)}")
    options = parser.parse_args(arguments)
    for option, names in users.items():
        if getattr(options, option) is not None and options.name not in names:
            parser.error(f"--{option} is an option of {', '.join(names)}")
    return options


def main(arguments: Sequence[str], benches: Mapping[str, Bench] = BENCHES) -> int:
    options = parse(arguments, benches)
    if options.name == "list":
        print("\n".join(f"{name:12} {bench.description}" for name, bench in sorted(benches.items())))
        return 0
    bench = benches[options.name]
    given = {option: value for option in bench.options if (value := getattr(options, option)) is not None}
    report = run(options.name, bench, quick=options.quick, **given)
    print(report.table())
    if options.json:
        options.json.write_text(json.dumps(report.as_json(), indent=2, ensure_ascii=False) + "\n")
    return 0 if report.ok else 1


def run(name: str, bench: Bench, *, quick: bool, **given: int | str) -> Report:
    machine = this_machine()
    print(f"{name}: {bench.description}", file=sys.stderr)
    print(f"  on {machine['cpu']}, {machine['cores']} cores, Python {machine['python']}", file=sys.stderr)
    return Report(name, machine, tuple(bench.measure(quick, Progress(), **given)))


if __name__ == "__main__":
    end_in_order()
    sys.exit(main(sys.argv[1:]))
