"""Who uses a part, as it arrives after its page: in its place, without taking the focus, and again after a form."""

from __future__ import annotations

import pytest

PLAN = "/admin/e/demo/plans/pro"


@pytest.mark.parametrize("path", [PLAN, "/admin/e/demo/features/boards"])
def test_who_uses_a_part_arrives_by_itself_in_one_request(open_admin, path):
    admin = open_admin(path)
    admin.page.locator("#holders:not([aria-busy])").get_by_role("button", name="Archive").wait_for()

    assert [each.url for each in admin.responses if each.url.endswith("/holders")] == [f"{admin.address}{path}/holders"]
    assert not [each.url for each in admin.responses if each.request.method == "POST"]


def test_what_arrives_leaves_the_reader_where_they_are(open_admin):
    admin = open_admin()
    page, held = admin.page, []
    page.route("**/holders", lambda route: held.append(route))  # noqa: PLW0108 - the browser asks for a function
    page.goto(admin.address + PLAN)
    page.locator("#f-rank").focus()
    page.locator("#holders[aria-busy=true]").get_by_text("Being counted").wait_for()

    page.evaluate("document.querySelector('#f-name-en').setAttribute('aria-invalid', 'true')")
    for route in held:
        route.continue_()
    page.locator("#holders:not([aria-busy])").wait_for()

    assert page.evaluate("document.activeElement.id") == "f-rank"


def test_a_form_that_shows_the_page_anew_has_it_counted_again(open_admin):
    page = open_admin(PLAN).page
    page.get_by_role("button", name="Add a price").click()
    page.locator("legend", has_text="Price 3").wait_for(state="attached")

    page.locator("#holders:not([aria-busy])").get_by_role("button", name="Archive").wait_for()


def test_without_scripts_a_link_leads_to_who_uses_a_part(open_admin):
    page = open_admin(PLAN, java_script_enabled=False).page
    page.get_by_role("link", name="Show who uses it").click()

    page.get_by_role("button", name="Archive").wait_for()
    page.get_by_role("link", name="Back to Pro").click()
    assert page.url.endswith(PLAN)
