"""A page of the admin area as a test sees it: what it weighs, what axe finds, what the browser complains of."""

from __future__ import annotations

import gzip

from playwright.sync_api import ConsoleMessage, Page, Response

from tests.browser.widget_page import AXE

WATCH = """
window.violations = [];
addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sample }) =>
  violations.push(`${violatedDirective} ${blockedURI} ${sample}`));
addEventListener("unhandledrejection", (event) => violations.push(`unhandled ${event.reason}`));
"""
RULES = "['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']"


class AdminPage:
    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.responses: list[Response] = []
        self._errors: list[str] = []
        self._violations: list[str] = []
        page.on("pageerror", lambda error: self._errors.append(str(error)))
        page.on("console", self._heard)
        page.on("response", self._answered)
        page.add_init_script(WATCH)

    def go(self, path: str) -> None:
        self.note_violations()
        self.responses.clear()
        self.page.goto(self.address + path, wait_until="networkidle")

    def note_violations(self) -> None:
        """Keep what the page has heard so far; it forgets with every load."""
        self._violations.extend(self.page.evaluate("window.violations ?? []"))

    def complaints(self) -> list[str]:
        self.note_violations()
        foreign = [each.url for each in self.responses if not each.url.startswith((self.address, "data:"))]
        return [*self._errors, *foreign, *dict.fromkeys(self._violations)]

    def axe_violations(self) -> list[str]:
        self.page.evaluate(AXE.read_text() + ";0")
        found = self.page.evaluate(f"axe.run(document, {{runOnly: {RULES}}}).then((result) => result.violations)")
        return [f"{each['id']}: {[node['html'][:160] for node in each['nodes']][:3]}" for each in found]

    def weight_bytes(self) -> int:
        """Weigh everything the page loaded, compressed as it travels."""
        return sum(len(gzip.compress(each.body(), 6)) for each in self.responses if each.status < 300)

    def overflow_pixels(self) -> int:
        """Tell by how much the page is wider than the window."""
        root = "document.documentElement"
        return int(self.page.evaluate(f"{root}.scrollWidth - {root}.clientWidth"))

    def _answered(self, response: Response) -> None:
        self.responses.append(response)

    def _heard(self, message: ConsoleMessage) -> None:
        # The browser logs every answer of 400 and more by itself; those are the tests' own doing.
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            self._errors.append(message.text)
