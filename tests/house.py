"""The two commands that judge a checkout: `./dev test` and `./dev check`; and the one that bundles the widget."""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WIDGET = ROOT / "widget"
NO_TESTS_CHOSEN = 5
"""pytest's exit code when, say, `-k` leaves a group empty."""
ON_BOTH_STACKS = ("tests/server", "tests/scenarios", "tests/structure/test_migrations.py")
"""What starts servers runs a second time, on PostgreSQL and Redis."""
SIDE_BY_SIDE = ("-n", str(min(os.cpu_count() or 1, 4)), "--dist=worksteal")
"""Each process has servers and databases of its own."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the tests of one group ended."""

    group: str
    passed: int
    failed: int
    skipped: int


def say(message: str) -> None:
    print(f"==> {message}", flush=True)


def run(*command: str | Path, cwd: Path = ROOT) -> int:
    """Run a program to its end with our signals passed on to it; return its exit code as a shell would."""
    received: list[int] = []
    with subprocess.Popen(command, cwd=cwd) as child:

        def pass_on(number: int, _frame: object) -> None:
            received.append(number)
            # A terminal has already sent Ctrl-C to the whole group; a second one would cut the clean-up short.
            if not (number == signal.SIGINT and sys.stdin.isatty()):
                child.send_signal(number)

        handlers = {number: signal.signal(number, pass_on) for number in (signal.SIGINT, signal.SIGTERM)}
        code = child.wait()
    for number, handler in handlers.items():
        signal.signal(number, handler)
    if received:
        sys.exit(128 + received[0])
    return 128 - code if code < 0 else code


def run_pytest(group: str, arguments: Sequence[str]) -> Outcome:
    """Run pytest and count its outcomes; a run that broke without a failed test counts as one failure."""
    say(f"Tests: {group}")
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        code = run(sys.executable, "-m", "pytest", f"--junitxml={report}", *arguments)
        suites = list(ET.parse(report).iter("testsuite")) if report.exists() else []  # noqa: S314 - pytest wrote it
    tests, failures, errors, skipped = (
        sum(int(suite.get(name, 0)) for suite in suites) for name in ("tests", "failures", "errors", "skipped")
    )
    failed = failures + errors
    if code not in (0, NO_TESTS_CHOSEN):
        failed = max(failed, 1)
    return Outcome(group, max(tests - failed - skipped, 0), failed, skipped)


def run_node() -> Outcome:
    """Run the widget's tests that need no browser."""
    say("Tests: widget")
    files = sorted(str(file.relative_to(WIDGET)) for file in (WIDGET / "tests").rglob("*.test.js"))
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.tap"
        shown = ("--test-reporter=spec", "--test-reporter-destination=stdout")
        counted = ("--test-reporter=tap", f"--test-reporter-destination={report}")
        code = run("node", "--test", *shown, *counted, *files, cwd=WIDGET)
        text = report.read_text() if report.exists() else ""
    return node_outcome(text, ran=code == 0 and bool(files))


def node_outcome(report: str, *, ran: bool) -> Outcome:
    """Read the totals at the end of a TAP report; a run that broke without a failed test counts as one failure."""
    counts = {key: int(value) for key, value in re.findall(r"^# (pass|fail|skipped) (\d+)$", report, re.MULTILINE)}
    failed = counts.get("fail", 0)
    return Outcome("widget", counts.get("pass", 0), failed if ran else max(failed, 1), counts.get("skipped", 0))


def names_a_path(argument: str) -> bool:
    return not argument.startswith("-") and (ROOT / argument.partition("::")[0]).exists()


def test(arguments: list[str]) -> int:
    """Run the groups one after the other, or only pytest when files or folders are named."""
    started = time.monotonic()
    if any(map(names_a_path, arguments)):
        outcomes = [run_pytest("as named", arguments)]
    else:
        outcomes = [
            run_pytest("python", ["--ignore=tests/browser", *SIDE_BY_SIDE, *arguments]),
            run_pytest("postgresql", [*ON_BOTH_STACKS, "--stack=postgresql", *SIDE_BY_SIDE, *arguments]),
            run_node(),
            run_pytest("browser", ["tests/browser", *SIDE_BY_SIDE, *arguments]),
        ]
    say(f"{summary(outcomes)} in {time.monotonic() - started:.0f} s")
    return 0 if all(outcome.failed == 0 for outcome in outcomes) and any(one.passed for one in outcomes) else 1


def summary(outcomes: Sequence[Outcome]) -> str:
    """Say in one line how many tests passed and failed, and where."""
    passed = sum(outcome.passed for outcome in outcomes)
    failed = sum(outcome.failed for outcome in outcomes)
    skipped = sum(outcome.skipped for outcome in outcomes)
    where = ", ".join(outcome.group for outcome in outcomes if outcome.failed)
    words = [f"{passed} passed", f"{failed} failed" + (f" ({where})" if where else "")]
    return ", ".join([*words, f"{skipped} skipped"] if skipped else words)


def check(_arguments: list[str]) -> int:
    """Run every check, also after one has failed, and name those that did."""
    python, npm = (sys.executable, "-m"), ("npm", "run", "--silent", "--prefix", str(WIDGET))
    steps: dict[str, tuple[str, ...]] = {
        "lint": (*python, "ruff", "check", "."),
        "format": (*python, "ruff", "format", "--check", "."),
        "types": (*python, "mypy"),
        "import contracts": (str(Path(sys.executable).with_name("lint-imports")), "--no-logo"),
        "size budget": (*python, "tests.structure.size_budget"),
        "widget types": (*npm, "check"),
        "widget bundle": (*npm, "verify"),
    }
    broken = []
    for name, command in steps.items():
        say(f"Check: {name}")
        if run(*command) != 0:
            broken.append(name)
    say(f"Not clean: {', '.join(broken)}" if broken else "Everything is clean")
    return 1 if broken else 0


def build_widget(_arguments: list[str]) -> int:
    """Bundle the widget's modules into the file that is served and shipped."""
    return run("npm", "run", "--silent", "build", cwd=WIDGET)


COMMANDS: dict[str, Callable[[list[str]], int]] = {"test": test, "check": check, "build-widget": build_widget}


def main() -> int:
    """Choose the command; what `test` does not know goes to pytest."""
    parser = argparse.ArgumentParser(prog="./dev", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, command in COMMANDS.items():
        takes = "\n\nOther arguments go to pytest: ./dev test tests/engine -k caps" if name == "test" else ""
        sub = commands.add_parser(
            name,
            description=f"{command.__doc__}{takes}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if name == "test":
            sub.add_argument("--long", action="store_true", help="full volumes instead of the reduced ones")
    options, rest = parser.parse_known_args()
    if rest and options.command != "test":
        parser.error(f"unknown arguments: {' '.join(rest)}")
    return COMMANDS[options.command]([*rest, *(["--long"] if getattr(options, "long", False) else [])])


if __name__ == "__main__":
    sys.exit(main())
