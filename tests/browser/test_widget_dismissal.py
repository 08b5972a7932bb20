"""Every way out of the modal is named, and leaves the page as it was."""

from __future__ import annotations

import pytest

from tests.browser.payloads import BUYER, changed
from tests.browser.widget_page import WidgetPage


def leave_by_escape(host: WidgetPage) -> None:
    host.page.keyboard.press("Escape")


def leave_by_backdrop(host: WidgetPage) -> None:
    host.page.mouse.click(10, 10)


def leave_by_close(host: WidgetPage) -> None:
    host.dialog.get_by_label("Close").click()


def leave_by_action(host: WidgetPage) -> None:
    host.button("Not now").click()


LEAVING = {
    "escape": leave_by_escape,
    "backdrop": leave_by_backdrop,
    "close": leave_by_close,
    "dismiss": leave_by_action,
}


@pytest.mark.parametrize("reason", LEAVING)
def test_each_way_out_reports_its_own_reason(host, reason):
    host.open(BUYER)

    LEAVING[reason](host)

    assert host.outcome() == {"outcome": "dismissed", "reason": reason}
    assert host.facts("dismissed") == [
        {"name": "dismissed", "gate": "boards.create", "reason": reason, "view": "offer"}
    ]


@pytest.mark.parametrize("reason", LEAVING)
def test_focus_returns_to_what_had_it(host, reason):
    host.page.focus("#export")
    host.open(BUYER)

    LEAVING[reason](host)
    host.outcome()

    assert host.focused() == '<button id="export">'


def test_nothing_stays_behind(host):
    host.open(BUYER)
    assert host.page.evaluate("document.adoptedStyleSheets.length") == 1

    leave_by_escape(host)
    host.outcome()

    assert host.page.locator("liftgate-modal").count() == 0
    assert host.page.evaluate("document.adoptedStyleSheets.length") == 0


def test_taking_the_element_away_settles_the_promise(host):
    host.open(BUYER)

    host.page.evaluate("document.querySelector('liftgate-modal').remove()")

    assert host.outcome() == {"outcome": "dismissed", "reason": "removed"}
    assert host.page.evaluate("document.adoptedStyleSheets.length") == 0


def test_a_selection_dragged_out_of_the_card_is_no_click_on_the_backdrop(host):
    host.open(BUYER)
    box = host.dialog.locator("#body").bounding_box()

    host.page.mouse.move(box["x"] + 5, box["y"] + 5)
    host.page.mouse.down()
    host.page.mouse.move(10, 10)
    host.page.mouse.up()

    assert host.dialog.is_visible()
    assert host.facts("dismissed") == []


@pytest.mark.parametrize("leave", [leave_by_escape, leave_by_backdrop])
def test_an_offer_that_is_not_dismissible_is_left_by_its_actions_only(host, leave):
    host.open(changed(BUYER, presentation={"dismissible": False}))

    leave(host)

    assert host.dialog.is_visible()
    assert host.dialog.locator(".close").count() == 0
    leave_by_action(host)
    assert host.outcome()["reason"] == "dismiss"


@pytest.mark.parametrize(
    "payload",
    [
        None,
        "text",
        {},
        {"schema": 2},
        changed(BUYER, schema=2),
        changed(BUYER, content={"title": {"en": "Not yet chosen"}}),
        changed(BUYER, content={"body": None}),
        changed(BUYER, actions=None),
        changed(BUYER, actions=[None]),
    ],
)
def test_a_payload_that_cannot_be_shown_settles_as_unsupported(host, payload):
    host.page.evaluate("(payload) => { window.opened = configure({}).open(payload) }", payload)

    assert host.outcome() == {"outcome": "dismissed", "reason": "unsupported"}
    assert host.page.locator("liftgate-modal").count() == 0
    assert host.page.evaluate("document.adoptedStyleSheets.length") == 0
