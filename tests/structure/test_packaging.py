"""The wheel holds everything that runs without a checkout, and not much more."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LARGEST_WHEEL_BYTES = 1_500_000
FIND_SHIPPED_FILES = (
    "from liftgate_server.plumbing import resources as r; print(r.migrations_directory()); print(r.widget_file())"
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    return set(zipfile.ZipFile(wheel).namelist())


def test_the_wheel_is_small(wheel: Path):
    assert wheel.stat().st_size <= LARGEST_WHEEL_BYTES


@pytest.mark.parametrize(
    "name",
    [
        "liftgate/__init__.py",
        "liftgate/py.typed",
        "liftgate/schemas/payload-1.schema.json",
        "liftgate_server/__init__.py",
        "liftgate_server/py.typed",
        "liftgate_server/_shipped/migrations/env.py",
        "liftgate_server/_shipped/widget/liftgate.js",
        "liftgate_server/demo/catalogue.yaml",
        "liftgate_server/access/common_passwords.txt",
        "liftgate_server/admin/static/htmx-4.0.1.min.js",
    ],
)
def test_the_wheel_holds(name: str, names: set[str]):
    assert name in names


def test_the_wheel_holds_every_migration(names: set[str]):
    versions = [file.name for file in (ROOT / "migrations" / "versions").glob("*.py")]

    assert versions
    assert {f"liftgate_server/_shipped/migrations/versions/{name}" for name in versions} <= names


def test_the_wheel_holds_every_file_of_the_widget(names: set[str]):
    built = [file.name for file in (ROOT / "widget" / "dist").iterdir()]

    assert {f"liftgate_server/_shipped/widget/{name}" for name in built} <= names


def test_the_wheel_holds_every_template_and_static_file_of_the_pages(names: set[str]):
    admin = ROOT / "server" / "liftgate_server" / "admin"
    files = [file for folder in ("templates", "static") for file in (admin / folder).rglob("*.*")]

    assert files
    assert {f"liftgate_server/admin/{file.relative_to(admin).as_posix()}" for file in files} <= names


def test_the_wheel_holds_nothing_but_the_two_packages(names: set[str]):
    assert {name.partition("/")[0] for name in names if ".dist-info/" not in name} == {"liftgate", "liftgate_server"}
    assert not [name for name in names if "__pycache__" in name or name.endswith((".db", ".map"))]


def test_shipped_files_are_found_in_an_unpacked_wheel(wheel: Path, tmp_path: Path):
    zipfile.ZipFile(wheel).extractall(tmp_path)

    shown = subprocess.run(
        [sys.executable, "-c", FIND_SHIPPED_FILES],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    shipped = tmp_path / "liftgate_server" / "_shipped"
    assert shown.stdout.split() == [str(shipped / "migrations"), str(shipped / "widget" / "liftgate.js")]
