"""The demo's host app as its own users see it: a button that a gate refuses, and lets pass once the plan has room."""

from __future__ import annotations

import time
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

PATIENCE_SECONDS = 30
# A view of the widget takes no click in its first 400 ms.
GUARD_MS = 450
REFUSED = 402


class Corkboard:
    """A page of the running host app with a button that stands behind a gate, seen by somebody of an account."""

    def __init__(self, page: Page, address: str, *, account: str, path: str = "/", button: str = "New board") -> None:
        self.page = page
        self.modal: Locator = page.locator("liftgate-modal dialog")
        self.last_words = ""
        self._button = button
        page.goto(address)
        page.locator("select[name=account]").select_option(account)
        page.locator(".switcher button").click()
        if path != "/":
            page.goto(address + path)

    def is_refused(self) -> None:
        """Press until the gate refuses; what passes meanwhile passed rightly, for the news was still on its way."""
        self._press_until(self._refuses)

    def lets_pass(self) -> None:
        """Press until the gate lets pass."""
        self._press_until(lambda: not self._refuses())

    def _refuses(self) -> bool:
        with self.page.expect_response(lambda answer: answer.request.method == "POST") as answer:
            self.page.get_by_role("button", name=self._button, exact=True).click()
        refused = answer.value.status == REFUSED
        if refused:
            expect(self.modal).to_be_visible()
            self.last_words = self.modal.inner_text()
            self._dismiss()
        return refused

    def _dismiss(self) -> None:
        self.page.wait_for_timeout(GUARD_MS)
        self.page.keyboard.press("Escape")
        expect(self.modal).to_be_hidden()

    def _press_until(self, look: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not look():
            assert time.monotonic() < deadline, "the news never reached the host app"
            self.page.wait_for_timeout(50)
