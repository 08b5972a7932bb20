"""Every page of the catalogue, for readers of two languages, with and without anything in it."""

from __future__ import annotations

import gzip

import pytest

from liftgate_server.access.caller import Role
from liftgate_server.catalog.document import SourceDocument
from liftgate_server.publishing.service import publish

# Of the 40 kB a page may weigh, what its own text may take; the rest are styles and scripts.
LARGEST_PAGE_BYTES = 12_000

FULL = (
    "/matrix",
    "/matrix?q=exports&archived=yes&page=3",
    "/plans",
    "/plans/-/new",
    "/plans/-/new?source=pro",
    "/plans/pro",
    "/plans/free",
    "/plans/pro/holders",
    "/plans/pro/entitlements/exports",
    "/plans/pro/entitlements/sso",
    "/plans/pro/entitlements/image_quality",
    "/plans/pro/entitlements/boards",
    "/features",
    "/features/-/new",
    "/features/boards",
    "/features/boards/holders",
    "/addons",
    "/addons/-/new",
    "/addons/extra_seats",
    "/addons/extra_seats/holders",
    "/addons/extra_seats/entitlements/seats",
    "/gates",
    "/gates/-/new",
    "/gates/boards.create",
    "/texts",
    "/texts/limit_reached",
    "/texts/limit_reached?language=de",
    "/texts/grandfathering",
    "/texts/value_too_low",
    "/catalogue",
)
EMPTY = ("/matrix", "/plans", "/plans/-/new", "/features", "/addons", "/gates", "/gates/-/new", "/texts", "/catalogue")


@pytest.mark.parametrize("path", FULL)
def test_every_page_shows(published, sign_in, path):
    response = sign_in(language="de").get(path)
    assert response.status_code == 200
    assert 'lang="de"' in response.text


@pytest.mark.parametrize("path", EMPTY)
def test_every_page_shows_where_nothing_was_published(environment, reader, path):
    assert reader.get(path).status_code == 200


@pytest.mark.parametrize("path", [path for path in FULL if "/-/" not in path])
def test_a_viewer_sees_no_button_that_saves(published, sign_in, path):
    text = sign_in(Role.VIEWER).get(path).text
    assert "Save in the draft" not in text
    assert "in the draft</button>" not in text


@pytest.mark.parametrize(
    "path",
    [
        "/plans/none",
        "/plans/none/holders",
        "/features/none",
        "/features/none/holders",
        "/addons/none",
        "/addons/none/holders",
        "/gates/none",
        "/texts/none",
        "/plans/pro/entitlements/none",
    ],
)
def test_what_is_not_there_is_not_found(published, reader, path):
    assert reader.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/matrix", "/features", "/gates", "/plans/big", "/gates/gate.number_7"])
def test_the_largest_catalogue_is_paged(app, environment, reader, path):
    document = {
        "schema": 1,
        "languages": ["en"],
        "features": {f"f{number}": {"kind": "switch", "name": {"en": f"Feature {number}"}} for number in range(2_000)},
        "plans": {
            "big": {"name": {"en": "Big"}, "rank": 1, "entitlements": {f"f{number}": True for number in range(2_000)}}
        },
        "gates": {f"gate.number_{number}": {"requires": "f1"} for number in range(5_000)},
    }
    with app.app_context():
        publish(environment.id, SourceDocument(document))
    assert len(gzip.compress(reader.get(path).data)) < LARGEST_PAGE_BYTES
