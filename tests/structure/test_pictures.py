"""Pictures and pages stay together: every admin page has its pictures, and documents show only pictures that exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from liftgate_server.app import create_app
from liftgate_server.plumbing.db import detach_database
from tests.admin_samples import DOWNLOADS, admin_rules
from tests.browser.admin_shots import DOOR, ON_A_PHONE, PAGES, PICTURES, SCENES
from tests.databases import make_config

ROOT = PICTURES.parents[2]
SHOWN = re.compile(r'(?:\]\(|src=")([\w./-]+\.png)')
# The page of one person has no address that is known beforehand: its picture is a scene.
BY_A_SCENE = {"admin_shell.person": "person"}


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = create_app(make_config(tmp_path))
    yield app
    detach_database(app)


def test_every_admin_page_is_photographed(app):
    addresses = app.url_map.bind("127.0.0.1")
    pictured = {addresses.match(f"/admin/e/demo{path.partition('?')[0]}")[0] for _, path in PAGES}
    pages = {rule.endpoint for rule in admin_rules(app, "GET")} - DOWNLOADS
    assert set(BY_A_SCENE.values()) <= set(SCENES)
    assert pages - pictured == set(BY_A_SCENE)


def test_the_pictures_in_the_folder_are_those_that_the_script_takes():
    names = [*dict(PAGES), *SCENES, *DOOR, *(f"{name}-phone" for name in ON_A_PHONE)]
    taken = {f"{name}-{theme}.png" for name in names for theme in ("light", "dark")}
    assert {path.name for path in PICTURES.iterdir()} == taken


@pytest.mark.parametrize("document", ["README.md", *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))])
def test_a_document_shows_only_pictures_that_exist(document):
    path = ROOT / document
    assert [name for name in SHOWN.findall(path.read_text()) if not (path.parent / name).exists()] == []


@pytest.mark.parametrize("picture", sorted(PICTURES.glob("*.png")), ids=lambda path: path.stem)
def test_a_picture_is_small(picture):
    assert picture.stat().st_size <= 120_000
