"""A host app's page as a test sees it: opening payloads, waiting for outcomes, hearing the browser complain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Locator, Page, Request

AXE = Path(__file__).resolve().parents[2] / "widget" / "node_modules" / "axe-core" / "axe.min.js"
GUARD_MS = 400
PATIENCE_MS = 8_000
WATCH = """
window.violations = []; window.facts = [];
addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
  violations.push(`${violatedDirective} ${blockedURI}`));
addEventListener("unhandledrejection", (event) => violations.push(`unhandled ${event.reason}`));
for (const name of ["shown", "action", "dismissed", "completed"])
  addEventListener("liftgate:" + name, ({ detail: { payload, ...rest } }) =>
    facts.push({ name, gate: payload.gate, ...rest }));
"""
OPEN = """([payload, options]) => {
  const instance = configure({ token: async () => "end-user", ...options });
  window.opened = instance.open(payload);
}"""


class WidgetPage:
    """The page, its modal and what happened on it."""

    def __init__(self, page: Page, address: str, path: str) -> None:
        self.page = page
        self.address = address
        self.foreign: list[str] = []
        self._errors: list[str] = []
        page.on("pageerror", lambda error: self._errors.append(str(error)))
        page.on("console", self._heard)
        page.on("request", self._requested)
        page.add_init_script(WATCH)
        page.goto(address + path)
        page.wait_for_function("() => Boolean(window.configure || window.liftgate?.watch)")

    def _heard(self, message: ConsoleMessage) -> None:
        # The browser logs every answer of 400 and more by itself; those are the tests' own doing.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self._errors.append(message.text)

    def _requested(self, request: Request) -> None:
        if not request.url.startswith(self.address):
            self.foreign.append(request.url)

    def complaints(self) -> list[str]:
        broken: list[str] = self.page.evaluate("window.violations")
        return [*self._errors, *self.foreign, *broken]

    def open(self, payload: dict[str, Any], *, past_guard: bool = True, **options: Any) -> Locator:
        self.page.evaluate(OPEN, [payload, options])
        self.dialog.wait_for()
        if past_guard:
            self.pass_guard()
        return self.dialog

    def pass_guard(self) -> None:
        """Let the time go by in which a view ignores clicks."""
        self.page.wait_for_timeout(GUARD_MS + 50)

    def press(self, label: str) -> None:
        """Press a button of the view that is shown, as a reader who has looked at it."""
        self.button(label).wait_for()
        self.pass_guard()
        self.button(label).click()

    def settled(self, promise: str) -> Any:
        """Wait for a promise of the page, but not for ever."""
        late = f"new Promise((_, reject) => setTimeout(reject, {PATIENCE_MS}, 'still open'))"
        return self.page.evaluate(f"Promise.race([{promise}, {late}])")

    def outcome(self) -> Any:
        return self.settled("window.opened")

    def facts(self, name: str) -> list[dict[str, Any]]:
        return [fact for fact in self.page.evaluate("window.facts") if fact["name"] == name]

    @property
    def dialog(self) -> Locator:
        return self.page.locator("liftgate-modal dialog")

    def button(self, label: str) -> Locator:
        return self.dialog.locator("button", has_text=label)

    def title(self) -> str:
        return self.dialog.locator("h2").inner_text()

    def wait_for_title(self, title: str) -> None:
        self.dialog.locator("h2", has_text=title).wait_for()

    def focused(self) -> str:
        """Say what has the focus, looking into the modal's shadow root."""
        script = "(document.activeElement.shadowRoot?.activeElement ?? document.activeElement)"
        return str(self.page.evaluate(f"{script}.outerHTML")).partition(">")[0] + ">"

    def axe_violations(self) -> list[str]:
        self.page.evaluate(AXE.read_text() + ";0")
        rules = "axe.run(document, {runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']})"
        found = self.page.evaluate(f"{rules}.then((result) => result.violations)")
        return [f"{each['id']}: {[node['html'] for node in each['nodes']]}" for each in found]
