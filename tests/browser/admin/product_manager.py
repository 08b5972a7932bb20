"""What a product manager does in the pages, in the words that stand there."""

from __future__ import annotations

import re
import time

from playwright.sync_api import Locator, Page, expect

PASSWORD = "a sentence that is long enough"
# Host apps report every few seconds.
PATIENCE_SECONDS = 40


class ProductManager:
    def __init__(self, page: Page) -> None:
        self.page = page
        self.main = page.locator("main")

    def become_the_first_owner(self, link: str) -> None:
        self.page.goto(link)
        for label, text in (
            ("Your name", "First Owner"),
            ("E-mail", "owner@example.com"),
            ("Password", PASSWORD),
            ("First environment", "Production"),
        ):
            self.page.get_by_label(label, exact=True).fill(text)
        self._press("Create owner and begin")
        expect(self.page.get_by_role("heading", name="Getting started")).to_be_visible()

    def sign_in(self, address: str, email: str, password: str) -> None:
        self.page.goto(f"{address}/admin")
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_label("Password").fill(password)
        self._press("Sign in")
        expect(self.page.get_by_role("heading", name="Overview")).to_be_visible()

    def invite(self, name: str, email: str, role: str) -> str:
        """Invite somebody, and read the link that is to be sent to them."""
        self.open("People")
        self._press("Invite")
        question = self.page.get_by_role("dialog", name="Invite somebody")
        question.get_by_label("Name").fill(name)
        question.get_by_label("E-mail").fill(email)
        question.get_by_label("Role").select_option(role)
        question.get_by_role("button", name="Make invitation link").click()
        return self.page.locator(".copy code").inner_text()

    def accept(self, invitation: str) -> None:
        self.page.goto(invitation)
        self.page.get_by_label("Password").fill(PASSWORD)
        self._press("Keep this password and sign in")
        expect(self.page.get_by_role("heading", name="Overview")).to_be_visible()

    def open(self, entry: str) -> None:
        """Open a page by its entry in the sidebar; a number may stand behind it."""
        pages = self.page.get_by_role("navigation", name="Pages", exact=True)
        pages.get_by_role("link", name=re.compile(rf"^{re.escape(entry)}\s*\d*$")).click()
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(entry)

    def add_feature(self, key: str, name: str, *, one: str, other: str) -> None:
        self.open("Features")
        self._link(re.compile("Add (the first )?feature")).first.click()
        self.page.get_by_label("Capacity").check()
        self._fill(key, name)
        self.page.get_by_label("Word for one").fill(one)
        self.page.get_by_label("Word for several").fill(other)
        self._press("Add to the draft")
        self._saved(name)

    def add_plan(self, key: str, name: str, *, rank: int, euros: str = "") -> None:
        self.open("Plans")
        self._link(re.compile("Add (the first )?plan")).first.click()
        self._fill(key, name)
        self.page.get_by_label("Rank").fill(str(rank))
        self._press("Add to the draft")
        self._saved(name)
        if euros:
            self._press("Add a price")
            self.page.get_by_label("Amount").fill(euros)
            self._press("Save prices in the draft")
            expect(self.page.get_by_text("Saved in the draft")).to_be_visible()

    def choose_default_plan(self, name: str) -> None:
        self.open("Plans & features")
        self._link("Catalogue settings").click()
        self.page.get_by_label("Default plan").select_option(label=name)
        self._press("Save in the draft")
        expect(self.page.get_by_text("Saved in the draft")).to_be_visible()

    def add_gate(self, key: str, name: str, *, requires: str) -> None:
        self.open("Gates")
        self._link(re.compile("Add (the first )?gate")).first.click()
        self._fill(key, name)
        self.page.get_by_label("Feature", exact=True).fill(requires)
        self._press("Add to the draft")
        self._saved(name)

    def choose_mode(self, gate: str, mode: str) -> None:
        self.open_gate(gate)
        self.page.get_by_role("radio", name=mode).check()
        self._press("Save in the draft")
        expect(self.page.get_by_text("Saved in the draft")).to_be_visible()

    def open_gate(self, gate: str) -> None:
        self.open("Gates")
        self._link(gate).click()
        self._saved(gate)

    def await_activity(self, gate: str, account: str) -> None:
        """Look at a gate again until the host app has reported what an account did there."""
        self.open_gate(gate)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.main.get_by_role("row").filter(has_text=account).count():
            assert time.monotonic() < deadline, f"nothing was reported of {account}"
            self.page.wait_for_timeout(250)
            self.page.reload()

    def enforce(self) -> None:
        self._press("Enforce this gate")
        expect(self.main).to_contain_text("The draft enforces this gate")

    def set_limit(self, plan: str, feature: str, limit: int) -> None:
        self.open("Plans & features")
        self.cell(plan, feature).click()
        editor = self.page.locator("#cell-editor")
        editor.get_by_label("Limited", exact=True).check()
        editor.get_by_label("Limit", exact=True).fill(str(limit))
        editor.get_by_role("button", name="Save", exact=True).last.click()
        expect(self.cell(plan, feature)).to_contain_text(str(limit))

    def publish(self, message: str) -> None:
        self.open("Review & publish")
        self.page.get_by_label("Message").fill(message)
        self._confirm("Publish…", "Publish")
        expect(self.main).to_contain_text(message)

    def roll_back_to(self, version: int) -> None:
        self.open("History")
        row = self.page.locator("li", has=self.page.get_by_role("link", name=f"Version {version}", exact=True))
        row.get_by_role("link", name="Roll back…").click()
        self._confirm("Roll back…", "Roll back")

    def allow_origin(self, origin: str) -> None:
        self.open("Environment")
        self.page.get_by_label("Origins that may use the client face").fill(origin)
        self._press("Save settings")
        expect(self.page.get_by_text("Saved")).to_be_visible()

    def make_key(self, name: str) -> str:
        """Make a secret key and read it where it is shown, the only time that it is."""
        self.open("API keys")
        self._press("New key", first=True)
        question = self.page.get_by_role("dialog", name="New key")
        question.get_by_label("Name").fill(name)
        question.get_by_role("button", name="Make key").click()
        return self.page.locator(".copy code").inner_text()

    def cell(self, plan: str, feature: str) -> Locator:
        return self.page.locator(f"[id='cell--plans--{plan}--{feature}'] a")

    def _fill(self, key: str, name: str) -> None:
        self.page.get_by_label("Key", exact=True).fill(key)
        self.page.get_by_label("Name (en)").fill(name)

    def _saved(self, name: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(name)

    def _confirm(self, ask: str, answer: str) -> None:
        self.main.locator(".card.publish").get_by_role("button", name=ask).click()
        self.page.get_by_role("dialog").get_by_role("button", name=answer, exact=True).click()
        expect(self.page.get_by_role("heading", level=1)).to_contain_text("live")

    def _link(self, name: str | re.Pattern[str], *, exact: bool = False) -> Locator:
        return self.main.get_by_role("link", name=name, exact=exact)

    def _press(self, name: str, *, first: bool = False) -> None:
        found = self.page.get_by_role("button", name=name, exact=True)
        (found.first if first else found).click()
