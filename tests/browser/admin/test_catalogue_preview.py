"""The live preview: the real widget, as one types, without taking the focus."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect


@pytest.fixture
def editor(running_site, open_admin):
    return open_admin(f"/admin/e/{running_site.site.environment}/texts/limit_reached").page


def test_typing_changes_what_the_widget_shows_and_the_focus_stays(editor):
    preview = editor.locator("offer-preview liftgate-modal")
    expect(preview.locator("h2")).to_contain_text("with")
    title = editor.get_by_label("Title", exact=True)
    title.click()
    editor.keyboard.type("Time for {product}", delay=10)
    expect(preview.locator("h2")).to_have_text("Time for Pro")
    expect(title).to_be_focused()
    expect(title).to_have_value("Time for {product}")


def test_an_unknown_variable_is_said_at_the_field_while_typing(editor):
    title = editor.get_by_label("Title", exact=True)
    title.fill("Hello {nobody}")
    expect(editor.locator("#t-title-error")).to_have_text("There is no variable nobody here.")
    title.fill("Hello {feature}")
    expect(editor.locator("#t-title-error")).to_have_text("")


def test_another_case_and_another_look_are_drawn_anew(editor):
    preview = editor.locator("offer-preview liftgate-modal")
    expect(preview.locator("h2")).to_be_visible()
    editor.locator("offer-preview").get_by_role("radio", name="Dark").check()
    expect(preview).to_have_attribute("theme", "dark")
    editor.get_by_text("The case that is shown").click()
    editor.locator("#try-buyer").select_option("no")
    expect(preview.get_by_text("Request upgrade")).to_be_visible()
    editor.locator("#try-plan").select_option("business")
    expect(editor.get_by_text("With these numbers the gate lets pass")).to_be_visible()


def test_enter_saves_the_own_words_and_a_button_goes_back(editor):
    editor.get_by_label("Line above the title").fill("Enough for now")
    editor.keyboard.press("Enter")
    expect(editor.get_by_text("own words", exact=True)).to_be_visible()
    editor.get_by_label("Line above the title").fill("Enough for today")
    editor.keyboard.press("Enter")
    expect(editor.get_by_text("own words", exact=True)).to_be_visible()
    expect(editor.locator("offer-preview liftgate-modal").get_by_text("Enough for today")).to_be_visible()
    editor.get_by_role("button", name="Back to the shipped text").click()
    expect(editor.get_by_label("Line above the title")).to_have_value("")
    expect(editor.locator("offer-preview liftgate-modal").get_by_text("Limit reached")).to_be_visible()


def test_the_preview_of_a_gate_follows_the_case(running_site, open_admin):
    page = open_admin(f"/admin/e/{running_site.site.environment}/gates/boards.create").page
    expect(page.locator("offer-preview liftgate-modal h2")).to_contain_text("Boards", ignore_case=True)
    page.get_by_text("The case that is shown").click()
    page.locator("#try-used").fill("0")
    expect(page.get_by_text("With these numbers the gate lets pass")).to_be_visible()
