"""The matrix by keyboard alone: move, open, save, leave; and what stands there afterwards."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect


@pytest.fixture
def matrix(running_site, open_admin):
    return open_admin(f"/admin/e/{running_site.site.environment}/matrix").page


def cell(page, plan, feature):
    return page.locator(f"[id='cell--plans--{plan}--{feature}'] a")


def focused(page):
    return page.evaluate("document.activeElement.closest('td, th')?.id || document.activeElement.textContent")


def test_arrow_keys_move_between_cells_and_tab_leaves_the_table(matrix):
    cell(matrix, "free", "boards").focus()
    for key, wanted in (
        ("ArrowRight", "cell--plans--pro--boards"),
        ("ArrowDown", "cell--plans--pro--exports"),
        ("End", "cell--plans--business--exports"),
        ("ArrowRight", "cell--plans--business--exports"),
        ("Control+Home", "Free"),
        ("ArrowDown", "Boards"),
    ):
        matrix.keyboard.press(key)
        assert focused(matrix) == wanted, key
    assert matrix.locator("matrix-grid a[tabindex='0']").count() == 1


def test_enter_opens_a_cell_and_escape_leaves_it_as_it_was(matrix):
    link = cell(matrix, "pro", "seats")
    before = link.inner_text()
    link.focus()
    matrix.keyboard.press("Enter")
    editor = matrix.locator("#cell-editor")
    expect(editor).to_be_visible()
    expect(editor.locator("nav, h1")).to_have_count(0)
    editor.get_by_label("Limit", exact=True).fill("77")
    matrix.keyboard.press("Escape")
    expect(editor).to_be_hidden()
    expect(link).to_be_focused()
    assert link.inner_text() == before


def test_a_cell_is_saved_in_place_and_keeps_the_focus(matrix):
    link = cell(matrix, "pro", "exports")
    link.focus()
    matrix.keyboard.press("Enter")
    limit = matrix.locator("#cell-editor").get_by_label("Limit", exact=True)
    limit.fill("12345")
    matrix.keyboard.press("Enter")
    expect(link).to_contain_text("12,345")
    expect(link).to_be_focused()
    expect(matrix.locator("#cell-editor")).to_be_hidden()
    expect(matrix.locator("[id='cell--plans--pro--exports']")).to_have_class("changed")
    matrix.keyboard.press("ArrowLeft")
    assert focused(matrix) == "cell--plans--free--exports"
    matrix.reload()
    expect(cell(matrix, "pro", "exports")).to_contain_text("12,345")


def test_a_refused_value_stays_in_the_editor_with_the_reason(matrix):
    cell(matrix, "free", "seats").click()
    editor = matrix.locator("#cell-editor")
    editor.get_by_label("Limit", exact=True).fill("a few")
    editor.get_by_role("button", name="Save").click()
    expect(editor.get_by_text("Write a whole number")).to_be_visible()
    expect(editor.get_by_label("Limit", exact=True)).to_have_value("a few")


def test_a_switch_is_turned_on_with_the_keyboard(matrix):
    link = cell(matrix, "pro", "sso")
    link.focus()
    matrix.keyboard.press("Enter")
    expect(matrix.locator("#cell-editor")).to_be_visible()
    matrix.keyboard.press("ArrowUp")
    matrix.keyboard.press("Enter")
    expect(link).to_contain_text("on")
    expect(matrix.locator("#cell-editor")).to_be_hidden()


def test_without_scripts_a_cell_is_a_page(running_site, open_admin):
    admin = open_admin(f"/admin/e/{running_site.site.environment}/matrix", java_script_enabled=False)
    cell(admin.page, "business", "seats").click()
    admin.page.get_by_label("Limited", exact=True).check()
    admin.page.get_by_label("Limit", exact=True).fill("99")
    admin.page.get_by_role("button", name="Save").click()
    expect(admin.page.locator("[id='cell--plans--business--seats']")).to_contain_text("99")
