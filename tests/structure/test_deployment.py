"""The files for a deployment are sound by their own linters, and name what this program really has."""

from __future__ import annotations

import configparser
import json
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from liftgate_server.cli import main
from liftgate_server.plumbing.config import Config
from liftgate_server.stream import figures

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
BIN = Path(sys.executable).parent
SETTING = re.compile(r"\bLIFTGATE_([A-Z_]+)\b")
SERVICES = sorted((DEPLOY / "systemd").glob("*.service"))


def lint(*command: str | Path) -> str:
    """Run a linter; its complaints, or nothing."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def read_unit(path: Path) -> configparser.RawConfigParser:
    unit = configparser.RawConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(path.read_text())
    return unit


def test_the_dockerfile_is_clean():
    assert lint(BIN / "hadolint", DEPLOY / "Dockerfile") == ""


def test_a_dockerfile_with_a_fault_would_be_noticed(tmp_path: Path):
    planted = tmp_path / "Dockerfile"
    planted.write_text("FROM python\nRUN cd /tmp\n")
    assert "DL3006" in lint(BIN / "hadolint", planted)


def test_the_compose_file_obeys_its_specification():
    assert lint(BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml") == ""


def test_a_compose_file_with_a_fault_would_be_noticed(tmp_path: Path):
    planted = tmp_path / "compose.yaml"
    planted.write_text("services: {liftgate: {imagine: liftgate}}\n")
    assert "imagine" in lint(BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", planted)


def test_the_image_is_built_from_files_that_are_there():
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    names = [name for line in copied for name in line.split()]

    assert names
    assert [name for name in names if not (ROOT / name).exists()] == []


@pytest.mark.parametrize(
    "path", sorted(path for path in DEPLOY.rglob("*") if path.is_file()), ids=lambda path: path.name
)
def test_every_setting_named_there_exists(path: Path):
    known = {field.name.upper() for field in fields(Config)} | {"DATA", "CONFIG"}
    assert set(SETTING.findall(path.read_text())) <= known


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_a_unit_runs_a_command_that_exists_without_privileges(path: Path):
    service = read_unit(path)["Service"]
    program, command, *options = service["ExecStart"].split()

    assert program == "/opt/liftgate/bin/liftgate"
    assert set(options) <= {option for parameter in main.commands[command].params for option in parameter.opts}
    assert service["User"] == "liftgate"
    assert service["NoNewPrivileges"] == "yes"


METRIC = re.compile(r"\bliftgate_[a-z_]+")


def counted() -> set[str]:
    """Return the name of every series that a server shows on /metrics."""
    assert figures  # they are counted in a process of their own, so nothing else here imports them
    suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}
    return {
        family.name + suffix
        for family in REGISTRY.collect()
        if family.name.startswith("liftgate_")
        for suffix in suffixes[family.type]
    }


def test_the_dashboard_shows_what_is_counted():
    board = json.loads((DEPLOY / "grafana" / "liftgate.json").read_text())
    asked = [target["expr"] for panel in board["panels"] for target in panel.get("targets", ())]

    assert len(asked) > 10
    assert {name for text in asked for name in METRIC.findall(text)} <= counted()


def test_everything_that_is_counted_is_on_the_dashboard():
    board = (DEPLOY / "grafana" / "liftgate.json").read_text()
    shown = set(METRIC.findall(board))

    assert {name for name in counted() if not name.endswith(("_sum", "_count"))} <= shown


def test_every_setting_is_documented():
    table = (ROOT / "docs/server.md").read_text()

    # `data_directory` is set as LIFTGATE_DATA.
    assert {field.name.upper() for field in fields(Config)} - {"DATA_DIRECTORY"} - set(SETTING.findall(table)) == set()


def test_every_room_of_the_server_stands_in_the_readme():
    server = ROOT / "server/liftgate_server"
    rooms = {folder.parent.name for folder in server.glob("*/__init__.py")}
    readme = (ROOT / "README.md").read_text()

    assert {room for room in rooms if f"`{room}`" not in readme} == set()
