"""Two browsers edit the same plan; the second sees field by field what happened, and loses nothing."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect


@pytest.fixture
def two_editors(running_site, open_admin):
    path = f"/admin/e/{running_site.site.environment}/plans/pro"
    return open_admin(path).page, open_admin(path, role="editor").page


def save_details(page, **fields):
    for name, text in fields.items():
        page.locator(f"input[name='{name}'], textarea[name='{name}']").fill(text)
    page.get_by_role("button", name="Save in the draft", exact=True).click()


def test_the_second_one_chooses_and_keeps_the_rest(two_editors):
    first, second = two_editors
    save_details(first, **{"name.en": "Pro by the first", "description.en": "Described by the first"})
    expect(first.get_by_text("Saved in the draft")).to_be_visible()

    save_details(second, **{"name.en": "Pro by the second", "name.de": "Pro vom Zweiten"})

    dispute = second.locator(".dispute")
    expect(dispute).to_have_count(1)
    expect(dispute).to_contain_text("Pro by the first")
    expect(dispute).to_contain_text("Owner Doe")
    dispute.get_by_text("Use mine").click()
    second.get_by_role("button", name="Save what I chose").click()

    expect(second.locator("input[name='name.en']")).to_have_value("Pro by the second")
    expect(second.locator("input[name='name.de']")).to_have_value("Pro vom Zweiten")
    expect(second.locator("textarea[name='description.en']")).to_have_value("Described by the first")


def test_a_cell_asks_in_place(running_site, open_admin):
    path = f"/admin/e/{running_site.site.environment}/matrix"
    first, second = open_admin(path).page, open_admin(path, role="editor").page
    for page in (first, second):
        page.locator("[id='cell--plans--free--boards'] a").click()
        expect(page.locator("#cell-editor")).to_be_visible()
    for page, limit in ((first, "4"), (second, "6")):
        page.locator("#cell-editor").get_by_label("Limit", exact=True).fill(limit)
        page.locator("#cell-editor").get_by_role("button", name="Save").click()
    editor = second.locator("#cell-editor")
    expect(editor.locator(".dispute")).to_contain_text("4")
    editor.get_by_text("Use mine").click()
    editor.get_by_role("button", name="Save what I chose").click()
    second.goto(running_site.address + path)
    expect(second.locator("[id='cell--plans--free--boards']")).to_contain_text("6")
