"""`import liftgate` costs a host little: the standard library, and not much of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SDK = Path(__file__).resolve().parents[2] / "sdk_python"
MOST_MODULES = 80
PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
before, threads = set(sys.modules), []
events = []
sys.addaudithook(lambda event, _: events.append(event) if event.startswith(("socket.", "_thread.start")) else None)
import liftgate
added = sorted(set(sys.modules) - before)
import json
print(json.dumps({"added": added, "events": events}))
"""


@pytest.fixture(scope="module")
def bare_import() -> dict[str, list[str]]:
    """What importing liftgate adds to an interpreter without site-packages, and what it did meanwhile."""
    shown = subprocess.run([sys.executable, "-S", "-E", "-c", PROGRAM, SDK], capture_output=True, text=True, check=True)
    return json.loads(shown.stdout)


def test_it_loads_only_the_standard_library(bare_import: dict[str, list[str]]):
    tops = {name.partition(".")[0] for name in bare_import["added"]}

    assert "liftgate" in tops
    assert tops - sys.stdlib_module_names == {"liftgate"}


def test_it_loads_few_modules(bare_import: dict[str, list[str]]):
    assert len(bare_import["added"]) <= MOST_MODULES


def test_it_opens_no_socket_and_starts_no_thread(bare_import: dict[str, list[str]]):
    assert bare_import["events"] == []
