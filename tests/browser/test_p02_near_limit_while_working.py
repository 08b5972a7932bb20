"""p02 in a browser: the warning stands in the flow, its button opens the offer, and one click buys more."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.demo_page import modal, press, press_primary


def test_the_warning_opens_the_offer_and_the_upgrade_ends_it(visit: Callable[..., Page]) -> None:
    page = visit("harbour")
    warning = page.locator("form.warning")
    expect(warning).to_contain_text("You have used 99% of your PDF exports this month.")
    expect(warning).to_contain_text("we recommend the add-on “100 more PDF exports”")

    warning.get_by_role("button", name="More exports").click()
    expect(modal(page)).to_contain_text("Nearly used up")
    expect(modal(page)).to_contain_text("99 / 100")
    press_primary(page)
    press(page, "Confirm order")

    expect(modal(page)).not_to_be_visible()
    expect(warning).to_have_count(0)
    expect(page.locator(".meter").last).to_contain_text("99 of 200")


def test_closing_the_offer_changes_nothing_and_work_goes_on(visit: Callable[..., Page]) -> None:
    page = visit("lantern")
    expect(page.locator("form.warning")).to_have_count(0)

    with page.expect_download():
        page.get_by_role("button", name="Export PDF: Press").click()

    expect(page.locator(".meter").last).to_contain_text("1 of 100")
