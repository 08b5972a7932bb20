"""Every page of the catalogue, for readers of two languages, with and without anything in it."""

from __future__ import annotations

import pytest

from liftgate_server.access.caller import Role

FULL = (
    "/matrix",
    "/matrix?q=exports&archived=yes&page=3",
    "/plans",
    "/plans/-/new",
    "/plans/-/new?source=pro",
    "/plans/pro",
    "/plans/free",
    "/plans/pro/entitlements/exports",
    "/plans/pro/entitlements/sso",
    "/plans/pro/entitlements/image_quality",
    "/plans/pro/entitlements/boards",
    "/features",
    "/features/-/new",
    "/features/boards",
    "/addons",
    "/addons/-/new",
    "/addons/extra_seats",
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
    ["/plans/none", "/features/none", "/addons/none", "/gates/none", "/texts/none", "/plans/pro/entitlements/none"],
)
def test_what_is_not_there_is_not_found(published, reader, path):
    assert reader.get(path).status_code == 404
