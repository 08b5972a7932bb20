"""Who uses a plan, add-on or feature: fetched after its page, and a page of its own without scripts."""

from __future__ import annotations

import pytest

from liftgate.engine.catalogue_model import Recurrence
from liftgate_server.access.caller import Role
from liftgate_server.customers.service import UpsertCustomer, upsert_customer
from liftgate_server.customers.subscription_service import StartSubscription, start_subscription

PIECE = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#holders"}
PARTS = ["/plans/pro", "/addons/extra_seats", "/features/boards"]


@pytest.fixture
def subscribed(app, published):
    """Three accounts that hold the plan Pro."""
    with app.app_context():
        for customer in ("acme", "bolt", "cord"):
            upsert_customer(published.id, customer, UpsertCustomer())
            command = StartSubscription(plan="pro", interval=Recurrence.MONTH, currency="EUR")
            start_subscription(published.id, customer, command)


@pytest.mark.parametrize("path", PARTS)
def test_a_page_counts_nobody_and_says_where_the_counts_are(published, reader, path):
    page = reader.get(path).text
    assert f'<a href="/admin/e/demo{path}/holders">' in page
    assert f'hx-get="/admin/e/demo{path}/holders" hx-trigger="load"' in page
    assert "/archive" not in page


def test_a_gate_says_at_once_who_uses_it(published, reader):
    page = reader.get("/gates/boards.create").text
    assert "In use by" in page
    assert "/gates/boards.create/archive" in page


def test_the_versions_stand_on_the_page_and_their_accounts_in_the_piece(subscribed, reader):
    assert '<td class="number">…</td>' in reader.get("/plans/pro").text
    piece = reader.get("/plans/pro/holders", **PIECE).text
    assert '<td class="number">3</td>' in piece
    assert '<td class="number">0</td>' in reader.get("/plans/business/holders", **PIECE).text


def test_the_piece_tells_what_uses_the_part(subscribed, reader):
    piece = reader.get("/plans/pro/holders", **PIECE).text
    assert piece.lstrip().startswith('<div id="holders"')
    assert "Subscriptions" in piece
    assert "<strong>3</strong>" in piece
    assert "It can be deleted once nobody uses it." in piece


@pytest.mark.parametrize("path", PARTS)
def test_without_scripts_the_piece_is_a_page_with_a_way_back(published, reader, path):
    page = reader.get(f"{path}/holders").text
    assert page.startswith("<!doctype html>")
    assert f'<a href="/admin/e/demo{path}">Back to' in page
    assert '<div id="holders"' in page
    assert 'name="base"' in page


@pytest.mark.parametrize("path", PARTS)
def test_a_viewer_sees_who_uses_a_part_and_no_way_to_put_it_away(published, sign_in, path):
    editor, viewer = (
        sign_in(role, name=role.value).get(f"{path}/holders", **PIECE).text for role in (Role.EDITOR, Role.VIEWER)
    )
    assert "In use by" in viewer
    assert "<form" in editor
    assert "<form" not in viewer
    assert 'id="delete"' not in viewer


def test_what_nobody_uses_can_be_deleted_from_the_piece(published, reader):
    assert 'id="delete"' in reader.get("/addons/extra_seats/holders", **PIECE).text


def test_from_the_piece_a_part_is_archived(published, reader):
    answer = reader.send("/plans/pro/holders", "/plans/pro/archive", archived="yes")
    assert answer.location.endswith("/plans/pro")
    assert "Take back from the archive" in reader.get("/plans/pro/holders", **PIECE).text
