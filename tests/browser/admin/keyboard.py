"""Somebody without a mouse: only keys, and only what they lead to."""

from __future__ import annotations

import re

from playwright.sync_api import Page

MOST_STEPS = 200
NAME_OF_FOCUSED = """() => {
  const node = document.activeElement;
  const labels = [...(node.labels ?? [])].map((label) => label.textContent).join(" ");
  return (node.getAttribute("aria-label") || labels || node.textContent).replace(/\\s+/g, " ").trim();
}"""


class Keyboard:
    def __init__(self, page: Page) -> None:
        self._page = page

    def press(self, *keys: str) -> None:
        for key in keys:
            self._page.keyboard.press(key)

    def write(self, text: str) -> None:
        """Write over what stands in the field."""
        self.press("Control+a")
        self._page.keyboard.type(text)

    def walk_to(self, name: str) -> None:
        """Press Tab until what has the focus is called so; a number may stand behind it."""
        passed: list[str] = []
        while not re.fullmatch(rf"{re.escape(name)} ?\d*", focused := self.focused()):
            passed.append(focused)
            assert len(passed) <= MOST_STEPS, f"Tab leads to no {name!r}, only to {list(dict.fromkeys(passed))}"
            self.press("Tab")

    def focused(self) -> str:
        return str(self._page.evaluate(NAME_OF_FOCUSED))
