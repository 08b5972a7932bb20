"""What the documents and the tracked files say is true of any machine."""

from __future__ import annotations

import doctest
import importlib
import re
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest

import liftgate
from liftgate_server.plumbing.config import Config
from tests.structure.test_public_names import modules_of

ROOT = Path(__file__).resolve().parents[2]
PYTHON_BLOCK = re.compile(r"^```(?:python|py)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+)")
# Written so that this file does not contain what it looks for.
MACHINE_PATHS = re.compile("|".join(("/" + "work/", "/" + "home/[a-z]", "/" + "root/", r"[.]" + "library/")))


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def documents() -> list[Path]:
    return [path for path in tracked_files() if path.suffix == ".md"]


def snippets() -> list[tuple[str, str]]:
    """Return every Python block of the documents with where it stands."""
    return [
        (f"{path.relative_to(ROOT)}:{text[: block.start()].count(chr(10)) + 2}", block.group(1))
        for path in documents()
        for text in [path.read_text()]
        for block in PYTHON_BLOCK.finditer(text)
    ]


def test_every_python_snippet_compiles():
    for place, code in snippets():
        compile(code, place, "exec")


def test_the_documented_defaults_are_those_of_the_settings():
    settings = (ROOT / "docs/server.md").read_text()
    defaults = {field.name: field.default for field in fields(Config)}

    row = re.search(r"`LIFTGATE_WORKERS`, `LIFTGATE_THREADS` \| (\d+), (\d+) \|", settings)

    assert row is not None
    assert [int(number) for number in row.groups()] == [defaults["workers"], defaults["threads"]]


@pytest.mark.parametrize("name", ["liftgate", *modules_of(liftgate)])
def test_the_examples_in_docstrings_are_true(name: str):
    results = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)

    assert results.failed == 0


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(path: Path):
    broken = [link for link in LINK.findall(path.read_text()) if not (path.parent / link).exists()]

    assert broken == []


def test_no_tracked_file_knows_a_machine():
    texts = {path: path.read_bytes().decode(errors="ignore") for path in tracked_files()}

    assert [str(path.relative_to(ROOT)) for path, text in texts.items() if MACHINE_PATHS.search(text)] == []


def test_a_machine_path_would_be_noticed():
    assert MACHINE_PATHS.search("see /" + "work/main/dev")
    assert not MACHINE_PATHS.search("https://example.org/workers and ./work")
