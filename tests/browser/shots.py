"""`./dev shots`: the pictures of README and docs, taken of the running demo; those of its admin pages come last."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.admin_shots import take_admin_pictures
from tests.browser.conftest import FLAGS, find_chromium
from tests.demo import RunningDemo, start_demo

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"
DESKTOP: dict[str, Any] = {"viewport": {"width": 1100, "height": 760}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2}
# Name, how to look, whose account, the button to press (none: the page itself) and the modal's buttons to press then.
SHOTS: tuple[tuple[str, dict[str, Any], str, str | None, tuple[str, ...]], ...] = (
    ("host", DESKTOP, "tall-pines", None, ()),
    ("modal", DESKTOP, "tall-pines", "New board", ()),
    ("modal-dark", {**DESKTOP, "color_scheme": "dark"}, "kranich", "Neues Board", ()),
    ("modal-phone", PHONE, "blue-kite", "Export PDF: Spring campaign", ()),
    ("review", DESKTOP, "tall-pines", "New board", ("Upgrade now",)),
    ("success", DESKTOP, "tall-pines", "New board", ("Upgrade now", "Confirm order")),
)


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    demo = start_demo()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_chromium(playwright), args=list(FLAGS))
            for name, look, account, button, presses in SHOTS:
                _take(browser, demo, name, look, account, button, presses)
                sys.stdout.write(f"docs/pictures/{name}.png\n")
            take_admin_pictures(browser, demo)
            browser.close()
    finally:
        demo.end()


def _take(
    browser: Browser,
    demo: RunningDemo,
    name: str,
    look: dict[str, Any],
    account: str,
    button: str | None,
    presses: tuple[str, ...],
) -> None:
    page = browser.new_page(**look, reduced_motion="reduce")
    page.goto(demo.host)
    page.locator("select[name=account]").select_option(account)
    page.locator(".switcher button").click()
    page.wait_for_load_state("networkidle")
    if button is not None:
        page.get_by_role("button", name=button).click()
        _settle(page)
    for press in presses:
        page.get_by_role("button", name=press).click()
        _settle(page)
    page.screenshot(path=PICTURES / f"{name}.png")
    page.close()


def _settle(page: Page) -> None:
    page.locator("liftgate-modal dialog").wait_for()
    # A view ignores clicks for 400 ms, and its answers have to arrive.
    page.wait_for_timeout(700)


if __name__ == "__main__":
    main()
