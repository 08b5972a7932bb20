"""The frame in a browser: first run, keyboard alone, dialogs, menus, secrets shown once, no scripts."""

from __future__ import annotations

import threading

import pytest
from werkzeug.serving import make_server

from liftgate_server.access.first_run import setup_link
from liftgate_server.app import create_app
from liftgate_server.plumbing.db import detach_database
from tests.admin_samples import PASSWORD
from tests.browser.admin.admin_page import AdminPage
from tests.databases import SqliteDatabases, make_config


@pytest.fixture
def empty_site(tmp_path):
    """A server that nobody has set up; gives the link that it prints."""
    SqliteDatabases(tmp_path)
    config = make_config(tmp_path)
    app = create_app(config)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    with app.app_context():
        path = (setup_link(config) or "").partition("8787")[2]
    yield f"http://127.0.0.1:{server.server_port}", path
    server.shutdown()
    thread.join()
    server.server_close()
    detach_database(app)


def focused(page) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))


def test_from_the_first_run_to_the_first_key_with_the_keyboard_alone(empty_site, new_context):
    address, path = empty_site
    admin = AdminPage(new_context(viewport={"width": 1280, "height": 900}, locale="en").new_page(), address)
    admin.go(path)
    page, keys = admin.page, admin.page.keyboard
    assert admin.axe_violations() == []

    page.locator("#f-name").focus()
    for text in ("Ada", "ada@example.com", PASSWORD):
        keys.type(text)
        keys.press("Tab")
    keys.press("Enter")
    page.get_by_role("heading", name="Getting started").wait_for()
    assert page.locator(".steps .done").count() == 0

    admin.go("/admin/e/production/keys")
    page.get_by_role("button", name="New key").first.press("Space")
    page.locator("#f-name").focus()
    keys.type("web servers")
    keys.press("Enter")
    page.get_by_text("It is not shown again").wait_for()
    shown = page.locator(".copy code").inner_text()
    page.reload()

    assert shown.startswith("lgsk_production_")
    assert shown not in page.content()
    assert admin.complaints() == []


def test_a_dialog_keeps_the_focus_and_gives_it_back(open_admin):
    admin = open_admin("/admin/e/demo/keys")
    page = admin.page
    opener = page.get_by_role("button", name="Revoke Corkboard")
    opener.press("Enter")
    dialog = page.get_by_role("dialog", name="Revoke “Corkboard”?")
    dialog.wait_for()
    assert admin.axe_violations() == []

    for _ in range(6):
        page.keyboard.press("Tab")
        inside = "[null, document.body].includes(document.activeElement) || document.activeElement.closest('dialog')"
        assert page.evaluate(f"Boolean({inside})")
    page.keyboard.press("Escape")

    dialog.wait_for(state="hidden")
    assert opener.evaluate("(node) => node === document.activeElement")


def test_what_was_refused_in_a_dialog_is_open_again_with_its_words(open_admin):
    admin = open_admin("/admin/e/demo/people")
    page = admin.page
    page.get_by_role("button", name="Invite").first.click()
    page.get_by_label("Name").fill(" ")
    page.get_by_label("E-mail").fill("vera@example.com")
    page.get_by_role("button", name="Make invitation link").click()

    page.get_by_text("A name has 1 to 200 characters.").wait_for()
    assert page.get_by_label("E-mail").input_value() == "vera@example.com"
    assert focused(page) == "f-name"
    assert admin.axe_violations() == []


def test_the_menu_of_a_phone_opens_and_closes_without_scripts_of_ours(open_admin):
    admin = open_admin("/admin/e/demo/", viewport={"width": 390, "height": 844})
    page = admin.page
    menu = page.get_by_role("navigation", name="Pages")
    assert not menu.is_visible()

    page.get_by_role("button", name="Menu").click()
    menu.wait_for()
    assert admin.axe_violations() == []
    page.keyboard.press("Escape")

    menu.wait_for(state="hidden")


def test_escape_closes_ones_own_menu_and_the_theme_is_there_from_the_first_frame(open_admin):
    admin = open_admin("/admin/e/demo/", role="editor")
    page = admin.page
    menu = page.locator("details.me > summary")
    menu.press("Enter")
    page.get_by_role("button", name="Dark").press("Escape")
    assert menu.evaluate("(node) => node === document.activeElement && !node.parentElement.open")

    menu.press("Enter")
    page.get_by_role("button", name="Dark").click()
    page.wait_for_load_state("networkidle")

    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(15, 16, 20)"
    assert admin.axe_violations() == []


def test_the_first_tab_skips_to_the_content(open_admin):
    page = open_admin("/admin/e/demo/").page
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to content"

    page.keyboard.press("Enter")

    assert focused(page) == "main"


def test_without_scripts_a_dialog_is_reached_by_its_link_and_a_form_is_sent(open_admin):
    admin = open_admin("/admin/e/demo/keys", java_script_enabled=False)
    page = admin.page
    page.locator("a[href='#new-key']").first.click()
    page.locator("#f-name").fill("made without scripts")
    page.locator("#new-key button.primary").click()

    page.locator(".copy code").wait_for()


def test_the_pages_tell_the_server_the_readers_zone(open_admin):
    page = open_admin("/admin/e/demo/audit", timezone_id="Asia/Tokyo").page
    page.reload()

    assert " UTC" not in page.locator("main time").first.inner_text()
