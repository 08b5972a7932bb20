"""No finding of axe (WCAG 2.2 AA and best practice) in any view: light, dark, right-to-left, on a phone."""

from __future__ import annotations

from collections import deque
from typing import Any

import pytest

from tests.browser.payloads import BUYER, GERMAN, READER, RIGHT_TO_LEFT, changed

SETTINGS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}},
    "forced": {"forced_colors": "active"},
}
VIEWS: dict[str, tuple[dict[str, Any], list[str], list[int | None]]] = {
    "offer": (BUYER, [], []),
    "german": (GERMAN, [], []),
    "rtl": (RIGHT_TO_LEFT, [], []),
    "error": (BUYER, ["Upgrade now"], [500]),
    "review": (BUYER, ["Upgrade now"], []),
    "review error": (BUYER, ["Upgrade now", "Confirm order"], [None, 500]),
    "success": (BUYER, ["Upgrade now", "Confirm order"], []),
    "requested": (READER, ["Request upgrade"], []),
    "rtl review": (RIGHT_TO_LEFT, ["Upgrade now"], []),
    "rtl success": (RIGHT_TO_LEFT, ["Upgrade now", "Confirm order"], []),
}


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing(open_host, scene, setting, view):
    payload, presses, faults = VIEWS[view]
    scene.faults = deque(faults)
    host = open_host(**SETTINGS[setting])
    host.open(changed(payload, presentation={"auto_close": False}))
    for label in presses:
        host.press(label)
        host.page.wait_for_function(
            "() => !document.querySelector('liftgate-modal').shadowRoot.querySelector('.working')"
        )

    assert host.axe_violations() == []


def test_axe_finds_nothing_while_an_order_is_pending(open_host, scene):
    scene.next, scene.polls_before_completion = {"kind": "wait"}, 1000
    host = open_host()
    host.open(BUYER)
    host.press("Upgrade now")
    host.wait_for_title("Order received")

    assert host.axe_violations() == []


def test_axe_finds_nothing_while_working(host, scene):
    host.open(BUYER)
    with scene.lock:
        host.press("Upgrade now")
        host.dialog.locator("button", has_text="One moment…").wait_for()

        assert host.axe_violations() == []


def test_work_and_failure_are_announced(host, scene):
    scene.faults.append(500)
    host.open(BUYER)
    status = host.dialog.get_by_role("status")
    with scene.lock:
        host.press("Upgrade now")
        host.dialog.locator("button", has_text="One moment…").wait_for()
        assert status.inner_text() == "One moment…"

    host.dialog.locator(".error").wait_for()

    assert status.inner_text() == "That did not work. Trying again orders nothing twice."


def test_usage_and_intervals_have_roles_and_names(host):
    host.open(BUYER)

    assert host.dialog.get_by_role("progressbar", name="Boards").count() == 1
    group = host.dialog.get_by_role("group", name="Billing interval")
    assert group.get_by_role("radio").count() == 2


@pytest.mark.parametrize("options", [{}, {"theme": "auto"}], ids=["default", "auto"])
@pytest.mark.parametrize("system", ["light", "dark"])
def test_without_a_theme_the_modal_follows_the_readers_system(open_host, system, options):
    host = open_host(color_scheme=system)

    dialog = host.open(BUYER, **options)

    ground = {"light": "rgb(255, 255, 255)", "dark": "rgb(23, 24, 30)"}[system]
    assert dialog.evaluate("(node) => getComputedStyle(node).backgroundColor") == ground


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_explicit_theme_wins_over_the_readers_system(open_host, theme):
    host = open_host(color_scheme={"light": "dark", "dark": "light"}[theme])

    dialog = host.open(BUYER, theme=theme)

    assert dialog.evaluate("(node) => getComputedStyle(node).colorScheme") == theme


def test_the_host_may_choose_accent_radius_and_font(host):
    host.page.evaluate(
        """() => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync(":root{--liftgate-accent:#006400;--liftgate-radius:3px;--liftgate-font:monospace}");
          document.adoptedStyleSheets.push(sheet);
        }"""
    )
    dialog = host.open(BUYER)

    style = dialog.evaluate(
        "(node) => { const { borderRadius, fontFamily } = getComputedStyle(node); return [borderRadius, fontFamily] }"
    )
    accent = host.button("Upgrade now").evaluate("(node) => getComputedStyle(node).backgroundColor")

    assert style == ["3px", "monospace"]
    assert accent == "rgb(0, 100, 0)"
