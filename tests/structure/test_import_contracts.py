"""The import contracts of pyproject.toml hold, and each of them notices a violation."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from importlinter.api import read_configuration
from importlinter.application import use_cases

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = ROOT / "pyproject.toml"
LINT = "from importlinter.cli import lint_imports; import sys; sys.exit(lint_imports(no_cache=True))"

SDK = ROOT / "sdk_python" / "liftgate"
# What each glue module is the glue to.
FRAMEWORKS = {"flask.py": {"flask"}}
PLANTS = [
    ("1", "liftgate/engine/planted.py", "import liftgate.errors"),
    ("1", "liftgate/engine/planted.py", "import time"),
    ("2", "liftgate/planted.py", "import liftgate_server"),
    ("2", "liftgate/planted.py", "import flask"),
    ("3", "liftgate_server/customers/planted.py", "import liftgate_server.billing"),
    ("3", "liftgate_server/undeclared/__init__.py", "import json"),
    ("4", "liftgate_server/catalog/service.py", "import flask"),
    ("4", "liftgate_server/catalog/queries.py", "import liftgate_server.catalog.schemas"),
    ("5c", "liftgate_server/billing/planted.py", "import liftgate_server.customers.models"),
    ("6", "liftgate_server/catalog/models.py", "import liftgate_server.catalog.service"),
]


def lint(folder: Path) -> str:
    """Run the contracts over the copies of the packages in a folder and return what they say."""
    return subprocess.run(
        [sys.executable, "-c", LINT],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    ).stdout


def foreign_imports(text: str) -> set[str]:
    """Return the packages a module imports that are neither ours nor the standard library's, also late ones."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found - sys.stdlib_module_names - {"liftgate"}


@pytest.fixture
def copied_packages(tmp_path: Path) -> Path:
    """Both packages, Python files only, with the contracts beside them."""
    only_python = shutil.ignore_patterns("__pycache__", "*.yaml", "*.json", "static", "templates")
    shutil.copytree(ROOT / "sdk_python" / "liftgate", tmp_path / "liftgate", ignore=only_python)
    shutil.copytree(ROOT / "server" / "liftgate_server", tmp_path / "liftgate_server", ignore=only_python)
    shutil.copy(CONFIGURATION, tmp_path)
    return tmp_path


def test_every_contract_is_kept(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.chdir(ROOT)

    kept = use_cases.lint_imports(str(CONFIGURATION), cache_dir=None, no_logo=True)

    assert kept, capsys.readouterr().out


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: f"{plant[0]}: {plant[2]}")
def test_a_planted_import_breaks_its_contract(plant: tuple[str, str, str], copied_packages: Path):
    contract, path, statement = plant
    file = copied_packages / path
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"{file.read_text() if file.exists() else ''}\n{statement}\n")

    shown = lint(copied_packages)

    assert re.search(rf"^{contract}\. .* BROKEN\b", shown, re.MULTILINE), shown
    culprit = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    cycle = f"No cycles are allowed in {culprit.rpartition('.')[0]}."
    broken = shown.partition("Broken contracts")[2]
    assert culprit in broken or cycle in broken, shown


def test_every_room_has_a_contract_for_its_tables():
    protected = {
        module
        for contract in read_configuration(str(CONFIGURATION))["contracts_options"]
        for module in contract.get("protected_modules", ())
    }
    models = (ROOT / "server" / "liftgate_server").glob("*/models.py")

    assert {f"liftgate_server.{file.parent.name}.models" for file in models} <= protected


@pytest.mark.parametrize("file", sorted(SDK.rglob("*.py")), ids=lambda file: str(file.relative_to(SDK)))
def test_a_module_of_the_sdk_imports_nothing_foreign(file: Path):
    assert foreign_imports(file.read_text()) <= FRAMEWORKS.get(str(file.relative_to(SDK)), set())


def test_a_late_foreign_import_would_be_noticed():
    assert foreign_imports("def load():\n    from requests.adapters import Retry\n    import os\n") == {"requests"}
