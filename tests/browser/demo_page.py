"""What the tests of the demo's pages share: the modal, and pressing its buttons."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.widget_page import GUARD_MS

__all__ = ["modal", "press", "press_primary"]


def modal(page: Page) -> Locator:
    return page.locator("liftgate-modal dialog")


def press(page: Page, label: str) -> None:
    """Press a button of the modal as a reader who has looked at it: a view ignores clicks for a moment."""
    button = modal(page).get_by_role("button", name=label)
    expect(button).to_be_visible()
    page.wait_for_timeout(GUARD_MS + 50)
    button.click()


def press_primary(page: Page) -> None:
    """Press the button that stands out, whatever it says."""
    page.wait_for_timeout(GUARD_MS + 50)
    modal(page).locator(".primary").click()
