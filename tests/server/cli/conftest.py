"""The command line in this process, on a data directory of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from liftgate_server.cli import main


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stack_settings: dict[str, str]) -> Path:
    """An empty data directory and database that the settings point at."""
    for name, value in stack_settings.items():
        monkeypatch.setenv(name, value)
    directory = tmp_path / "data"
    monkeypatch.setenv("LIFTGATE_DATA", str(directory))
    return directory


@pytest.fixture
def liftgate(data: Path) -> Callable[..., Result]:
    """Run a command: `liftgate("keys", "list", "--environment", "demo")`."""
    return lambda *arguments: CliRunner().invoke(main, arguments)
