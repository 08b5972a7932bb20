"""The demo in a browser: gate, modal, upgrade, open gate; each account is used by one test only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.demo_page import modal, press, press_primary
from tests.browser.widget_page import AXE, GUARD_MS
from tests.demo import RunningDemo

RULES = "{runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}"
LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}},
}


def test_a_locked_export_is_a_file_after_the_upgrade_without_a_reload(visit: Callable[..., Page]) -> None:
    page = visit("blue-kite")
    page.evaluate("window.neverReloaded = true")

    with page.expect_download() as download:
        page.get_by_role("button", name="Export PDF: Spring campaign").click()
        expect(modal(page).get_by_role("heading", name="Unlock PDF exports with Pro")).to_be_visible()
        expect(modal(page)).to_contain_text("€29")
        press(page, "Upgrade now")
        expect(modal(page)).to_contain_text("Total today")
        press(page, "Confirm order")
        expect(modal(page)).to_contain_text("You are on Pro")

    assert download.value.suggested_filename == "board-1.pdf"
    expect(modal(page)).not_to_be_visible()
    assert page.evaluate("window.neverReloaded")
    expect(page.locator(".meter").first).to_contain_text("2 of 25")
    # Liftgate has counted the export that was let through.
    expect(page.locator(".meter").last).to_contain_text("1 of 100")


def test_one_board_too_many_is_made_once_the_plan_allows_it(visit: Callable[..., Page]) -> None:
    page = visit("tall-pines")
    page.evaluate("window.neverReloaded = true")

    page.get_by_label("Title of the new board").fill("Cider press")
    page.get_by_role("button", name="New board").click()
    expect(modal(page)).to_contain_text("3 / 3")
    expect(modal(page)).to_contain_text("stay")
    press(page, "Upgrade now")
    press(page, "Confirm order")

    expect(page.get_by_role("heading", name="Cider press")).to_be_visible()
    expect(page.locator(".meter").first).to_contain_text("4 of 25")
    assert page.evaluate("window.neverReloaded")


def test_a_locked_entry_tells_its_plan_in_the_reader_s_language(visit: Callable[..., Page]) -> None:
    page = visit("kranich")
    entry = page.get_by_role("link", name="Single Sign-on gesperrt")

    entry.click()

    expect(modal(page).get_by_role("heading", name="Business")).to_be_visible()
    expect(modal(page)).to_have_attribute("lang", "de")
    expect(modal(page)).to_contain_text("99")


def test_escape_closes_and_gives_the_focus_back(visit: Callable[..., Page]) -> None:
    page = visit("kranich")
    button = page.get_by_role("button", name="Als PDF exportieren: Onboarding")

    button.click()
    expect(modal(page)).to_be_visible()
    page.keyboard.press("Escape")

    expect(modal(page)).not_to_be_visible()
    expect(button).to_be_focused()
    expect(page.locator("#message")).to_have_text("")


def test_one_who_may_not_buy_can_ask(visit: Callable[..., Page]) -> None:
    page = visit("kranich", user="member")

    page.get_by_role("button", name="Neues Board").click()
    expect(modal(page).get_by_role("button", name="Jetzt upgraden")).to_have_count(0)
    page.wait_for_timeout(GUARD_MS + 50)
    modal(page).locator("button[type=submit], .primary").first.click()

    expect(modal(page)).to_contain_text("Anfrage")


def test_an_add_on_lifts_a_limit_that_is_nearly_used_up(visit: Callable[..., Page]) -> None:
    page = visit("harbour")
    export = page.get_by_role("button", name="Export PDF: Suppliers")
    with page.expect_download():
        export.click()

    with page.expect_download():
        export.click()
        expect(modal(page)).to_contain_text("100 / 100")
        expect(modal(page)).to_contain_text("€9")
        press_primary(page)
        expect(modal(page)).to_contain_text("100 more PDF exports")
        press(page, "Confirm order")

    expect(modal(page)).not_to_be_visible()


def test_a_trial_opens_what_the_plan_does_not(visit: Callable[..., Page]) -> None:
    page = visit("redwood", path="/settings/single-sign-on")

    expect(page.get_by_role("heading", name="Single sign-on")).to_be_visible()
    expect(page.locator("nav .lock")).to_have_count(0)


def test_a_page_behind_a_closed_gate_explains_itself_without_a_script(visit: Callable[..., Page]) -> None:
    page = visit("lantern", path="/settings/single-sign-on")

    expect(page.get_by_role("heading", name="Business")).to_be_visible()


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("path", ["/", "/people", "/texts", "/code", "/settings/audit-log"])
def test_axe_finds_nothing_on_a_page(visit: Callable[..., Page], path: str, look: str) -> None:
    page = visit("redwood", path=path, **LOOKS[look])

    assert _axe(page) == []


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_with_the_modal_open(visit: Callable[..., Page], look: str) -> None:
    page = visit("kranich", **LOOKS[look])
    page.get_by_role("button", name="Als PDF exportieren: Onboarding").click()
    expect(modal(page)).to_be_visible()

    assert _axe(page) == []


@pytest.mark.parametrize("path", ["/", "/people", "/texts", "/code", "/settings/audit-log"])
def test_no_page_is_wider_than_a_phone(visit: Callable[..., Page], path: str) -> None:
    page = visit("kranich", path=path, **LOOKS["phone"])

    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_the_page_asks_nobody_but_the_host_and_the_server(demo: RunningDemo, visit: Callable[..., Page]) -> None:
    page = visit("kranich")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.reload()
    page.get_by_role("button", name="Als PDF exportieren: Onboarding").click()
    expect(modal(page)).to_be_visible()

    assert asked
    assert [url for url in asked if not url.startswith((demo.host, demo.server))] == []


def _axe(page: Page) -> list[str]:
    page.evaluate(AXE.read_text() + ";0")
    found: list[str] = page.evaluate(
        f"axe.run(document, {RULES}).then((r) => r.violations.map((v) => v.id + ' ' + v.nodes.map((n) => n.target)))"
    )
    return found
