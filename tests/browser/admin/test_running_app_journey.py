"""The pages and a host app that runs beside them, both of the demo: what is published there is so here."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.admin.admin_page import AdminPage
from tests.browser.admin.corkboard import Corkboard
from tests.browser.admin.keyboard import Keyboard
from tests.browser.admin.product_manager import ProductManager
from tests.demo import start_demo

PAGE = {"viewport": {"width": 1280, "height": 900}, "locale": "en"}


@pytest.fixture(scope="module")
def demo():
    running = start_demo()
    yield running
    assert running.end() == 0


@pytest.fixture
def manager(demo, new_context):
    admin = AdminPage(new_context(**PAGE).new_page(), demo.server)
    manager = ProductManager(admin.page)
    manager.sign_in(demo.server, demo.email, demo.password)
    yield manager
    assert admin.complaints() == []


@pytest.fixture
def visit(demo, new_context):
    """Open the host app for somebody of an account. Each account and each button is of one test only."""
    return lambda account, **where: Corkboard(new_context().new_page(), demo.host, account=account, **where)


def test_a_gate_that_observed_is_enforced(manager, visit):
    invitations = visit("tall-pines", path="/people", button="Invite")
    invitations.is_refused()

    manager.choose_mode("Invite somebody", "Observe")
    manager.publish("Look first")
    invitations.lets_pass()
    manager.await_activity("Invite somebody", "Tall Pines Co-op")
    expect(manager.main).to_contain_text("Enforced, the gate would have refused")

    manager.enforce()
    manager.publish("Now in earnest")
    invitations.is_refused()
    assert "2" in invitations.last_words


def test_without_a_mouse_a_limit_is_raised_and_published(manager, visit):
    boards = visit("tall-pines")
    boards.is_refused()
    keyboard = Keyboard(manager.page)

    keyboard.walk_to("Plans & features")
    keyboard.press("Enter")
    expect(manager.main.locator("matrix-grid")).to_be_visible()
    keyboard.walk_to("Boards")
    keyboard.press("ArrowRight", "Enter")
    expect(manager.page.locator("#cell-editor")).to_be_visible()
    keyboard.walk_to("Limit")
    keyboard.write("30")
    keyboard.press("Enter")
    expect(manager.cell("free", "boards")).to_contain_text("30")

    keyboard.walk_to("Review & publish")
    keyboard.press("Enter")
    expect(manager.page.get_by_role("heading", level=1)).to_contain_text("Review & publish")
    keyboard.walk_to("Message")
    keyboard.write("Without a mouse")
    keyboard.walk_to("Publish…")
    keyboard.press("Enter")
    expect(manager.page.get_by_role("dialog")).to_be_visible()
    keyboard.walk_to("Publish")
    keyboard.press("Enter")
    expect(manager.main).to_contain_text("Without a mouse")

    boards.lets_pass()
