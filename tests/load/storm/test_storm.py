"""A storm over real processes finds nothing where nothing is wrong, and finds each mistake that is planted."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
SEED = "7"
# A storm that finds little to do shows nothing. The floors are low, because other tests may run beside this one.
FLOORS = ("--least-faults", "20", "--least-events", "300")


def blow(folder: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Blow a storm in a process of its own; give its exit code and what it wrote."""
    file = folder / "found.json"
    command = [sys.executable, "-m", "loadtests.storm", "--seed", SEED, "--json", str(file), *FLOORS, *arguments]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert file.exists(), answer.stderr
    found: dict[str, Any] = json.loads(file.read_text())
    return answer.returncode, found


def test_nothing_is_lost_or_sold_twice_while_everything_around_fails(tmp_path: Path, full_volume: bool):
    code, found = blow(tmp_path, "--seconds", "120" if full_volume else "15")

    assert found["violations"] == []
    assert code == 0


def test_a_check_before_the_count_is_found_to_oversell(tmp_path: Path):
    code, found = blow(tmp_path, "--seconds", "8", "--plant", "check-then-act")

    assert code == 1
    assert "oversold" in {violation["wrong"] for violation in found["violations"]}


@pytest.mark.long
@pytest.mark.parametrize(
    ("plant", "wrong"),
    [
        ("count-twice", "counter_differs_from_ledger"),
        ("forget-key", "counted_without_being_asked"),
        ("hasty-commit", "acknowledged_not_counted"),
    ],
)
def test_each_other_mistake_is_found(plant: str, wrong: str, tmp_path: Path):
    code, found = blow(tmp_path, "--seconds", "20", "--plant", plant)

    assert code == 1
    assert wrong in {violation["wrong"] for violation in found["violations"]}
