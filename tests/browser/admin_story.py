"""What has happened in the demo before its admin pages are photographed: calls, orders, versions, a draft, a date."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.browser.admin.corkboard import Corkboard
from tests.browser.admin.product_manager import PASSWORD, ProductManager
from tests.demo import RunningDemo

LOOK: dict[str, Any] = {
    "viewport": {"width": 1360, "height": 900},
    "reduced_motion": "reduce",
    "locale": "en",
    "timezone_id": "UTC",
}
OBSERVED = "Audit log"


class Story:
    """Two people look after the plans of Corkboard; ``owner`` and ``editor`` are their browsers."""

    def __init__(self, browser: Browser, demo: RunningDemo) -> None:
        self._browser = browser
        self._demo = demo
        self.owner = ProductManager(browser.new_page(**LOOK))
        self.owner.sign_in(demo.server, demo.email, demo.password)
        self.invitation = self.owner.invite("An editor", "editor@example.com", "editor")
        self.editor = ProductManager(browser.new_page(**LOOK))
        self.editor.accept(self.invitation)
        # A second link that nobody takes, for the picture of its page.
        self.invitation = self.owner.invite("A publisher", "publisher@example.com", "publisher")

    def tell(self) -> None:
        self._publish_a_version()
        self._use_the_host_app()
        self._give_an_override()
        self._schedule_a_price()
        self._draft_something()

    def _publish_a_version(self) -> None:
        self.owner.choose_mode(OBSERVED, "Observe")
        self.owner.set_limit("pro", "boards", 40)
        self.owner.publish("40 boards on Pro; watch the audit log before it is locked")

    def _use_the_host_app(self) -> None:
        for account, calls in (("tall-pines", 3), ("kranich", 2), ("lantern", 1)):
            host = Corkboard(self._browser.new_page(**LOOK), self._demo.host, account=account)
            for _ in range(calls):
                for path in ("/settings/audit-log", "/settings/single-sign-on"):
                    host.page.request.get(self._demo.host + path)
                host.page.request.post(f"{self._demo.host}/boards", form={"title": "One more"})
            host.page.close()
        self._request_an_upgrade(self._browser.new_page(**LOOK))
        self.owner.await_activity(OBSERVED, "Tall Pines Co-op")

    def _request_an_upgrade(self, page: Page) -> None:
        """A member who may not buy asks for more."""
        Corkboard(page, self._demo.host, account="blue-kite")
        page.locator("select[name=user]").select_option("member")
        page.locator(".switcher button").click()
        page.get_by_role("button", name="Export PDF: Spring campaign").click()
        page.locator("liftgate-modal dialog").wait_for()
        page.wait_for_timeout(700)
        page.get_by_role("button", name="Request upgrade").click()
        page.wait_for_timeout(700)
        page.close()

    def _give_an_override(self) -> None:
        page = self.owner.page
        page.goto(f"{self._demo.server}/admin/e/demo/customers/kranich/grants/new?kind=override&feature=boards")
        page.get_by_label("How much").fill("10")
        page.get_by_label("Until and including").fill("2099-12-31")
        page.get_by_label("Reason").fill("Agreed on in the yearly contract")
        page.get_by_role("button", name="Add the override").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Kranich")

    def _schedule_a_price(self) -> None:
        page = self.editor.page
        page.goto(f"{self._demo.server}/admin/e/demo/plans/business")
        page.get_by_label("Amount").first.fill("109")
        page.get_by_role("button", name="Save prices in the draft").click()
        expect(page.get_by_text("Saved in the draft")).to_be_visible()
        self.owner.open("Review & publish")
        page = self.owner.page
        page.get_by_label("Message").fill("The new price of Business")
        page.get_by_label("At a time").check()
        page.get_by_label("Day and time").fill("2099-01-01T06:00")
        page.locator("main .card.publish").get_by_role("button", name="Publish…").click()
        page.get_by_role("dialog").get_by_role("button", name="Publish", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile("History|Review"))

    def _draft_something(self) -> None:
        self.editor.set_limit("free", "boards", 2)
        self.editor.set_limit("pro", "exports", 60)
        self.editor.set_limit("business", "seats", 5)
        page = self.editor.page
        page.goto(f"{self._demo.server}/admin/e/demo/texts/limit_reached")
        page.get_by_label("Title", exact=True).fill("Room for more with {product}")
        page.keyboard.press("Enter")
        expect(page.get_by_text("own words", exact=True)).to_be_visible()


__all__ = ["LOOK", "PASSWORD", "Story"]
