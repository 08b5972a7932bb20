"""p05 in a browser: each text says what is left today, and the one too many opens the modal."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.demo_page import modal


def test_three_texts_a_day_and_then_the_modal(visit: Callable[..., Page]) -> None:
    page = visit("kranich", path="/texts")

    for left in (2, 1, 0):
        page.get_by_role("button", name="Text schreiben").click()
        expect(page.get_by_text(f"{left} heute übrig")).to_be_visible()
    page.get_by_role("button", name="Text schreiben").click()

    expect(modal(page)).to_contain_text("3 / 3")
    expect(modal(page)).to_contain_text("Pro")


def test_another_person_of_the_account_has_an_own_taste(visit: Callable[..., Page]) -> None:
    page = visit("tall-pines", path="/texts")
    page.get_by_role("button", name="Write a text").click()
    expect(page.get_by_text("2 left today")).to_be_visible()

    other = visit("tall-pines", user="member", path="/texts")

    expect(other.get_by_text("3 left today")).to_be_visible()
