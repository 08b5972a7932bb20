"""Looking after one account in the browser: find it, give it something else, see why it has that."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect


@pytest.fixture
def open_environment(open_admin, running_site):
    return lambda path, **options: open_admin(f"/admin/e/{running_site.site.environment}{path}", **options)


def test_an_override_with_an_expiry_shows_in_the_why(open_environment):
    page = open_environment("/customers", role="editor").page
    page.keyboard.press("/")
    page.keyboard.type("harb")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Harbour Lights").click()

    boards = page.locator("#feature-boards")
    boards.locator("summary").click()
    expect(boards).to_contain_text("The plan Pro (version 1) gives: 25.")
    boards.get_by_role("link", name="Override…").click()
    page.get_by_label("How much").fill("40")
    page.get_by_label("Until and including").fill("2099-12-31")
    page.get_by_label("Reason").fill("Asked at a fair")
    page.get_by_role("button", name="Add the override").click()

    expect(page.locator("#toasts")).to_contain_text("Override added")
    boards.locator("summary").click()
    expect(boards).to_contain_text("Override (“Asked at a fair”), until")
    expect(boards).to_contain_text("gives: 40.")


def test_the_form_follows_the_feature_and_keeps_what_was_typed(open_environment):
    page = open_environment("/customers/harbour/grants/new", role="editor").page
    page.get_by_label("Reason").fill("Kept words")

    page.get_by_label("Feature").focus()
    page.get_by_label("Feature").select_option("sso")

    expect(page.get_by_label("Value")).to_be_visible()
    expect(page.get_by_label("Reason")).to_have_value("Kept words")
    expect(page.get_by_label("Feature")).to_be_focused()


def test_a_change_of_plan_is_told_before_it_is_made_and_after(open_environment):
    page = open_environment("/customers/redwood/subscription", role="editor").page
    page.get_by_role("combobox", name="Plan").select_option("pro")
    expect(page.locator("#preview")).to_contain_text("It takes effect at once.")
    page.get_by_role("button", name="Start it").click()
    expect(page.locator("#toasts")).to_contain_text("The subscription has begun.")

    page.get_by_role("link", name="Change subscription").click()
    page.get_by_role("combobox", name="Plan").select_option("free")
    expect(page.locator("#preview")).to_contain_text("at the end of the period that is paid for")
    page.get_by_role("button", name="Change it").click()

    expect(page.locator("#toasts")).to_contain_text("The change is scheduled.")
    expect(page.locator(".phases .next")).to_contain_text("Free")


def test_ending_a_subscription_asks_first(open_environment):
    page = open_environment("/customers/lantern/subscription", role="editor").page

    page.get_by_role("button", name="Now").click()
    question = page.get_by_role("dialog", name="End it now?")
    expect(question).to_contain_text("Lantern Press has what the default plan gives, at once.")
    question.get_by_role("button", name="End now").click()

    expect(page.locator("#toasts")).to_contain_text("The subscription has ended.")
