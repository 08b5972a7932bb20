"""From a changed limit to a published version and back, as a product manager does it in the browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from liftgate_server.access.queries import environment_by_key
from liftgate_server.catalog import queries as catalog
from liftgate_server.catalog.drafts import Edit, edit_draft, open_draft

BOARDS = ("plans", "pro", "entitlements", "boards")


@pytest.fixture
def edit(running_site):
    """Save another number of boards in the draft."""

    def save(boards: int) -> None:
        with running_site.site.app.app_context():
            environment_id = environment_by_key(running_site.site.environment).id
            revision = open_draft(environment_id).revision
            edit_draft(environment_id, [Edit(BOARDS, boards)], base_revision=revision, by="Somebody Else")

    return save


@pytest.fixture
def boards(running_site):
    """Read the number of boards that is published."""

    def read() -> int:
        with running_site.site.app.app_context():
            environment_id = environment_by_key(running_site.site.environment).id
            return (
                catalog.current_snapshot(environment_id).catalogue.plans["pro"].entitlements["boards"].caps[0].limit
                or 0
            )

    return read


@pytest.fixture
def open_environment(open_admin, running_site):
    return lambda path, **options: open_admin(f"/admin/e/{running_site.site.environment}{path}", **options)


def test_a_change_is_reviewed_published_and_rolled_back(open_environment, edit, boards):
    before = boards()
    edit(before - 5)
    admin = open_environment("/review", role="publisher")
    page = admin.page

    # Whom it touches follows the choice, and what was typed stays.
    page.get_by_label("Message").fill("Fewer boards")
    expect(page.locator("#affected")).not_to_contain_text("version 1 →")
    page.get_by_label("Everybody, from a date").check()
    expect(page.locator("#affected")).to_contain_text(re.compile(r"version \d+ → \d+"))
    expect(page.get_by_label("Message")).to_have_value("Fewer boards")
    page.get_by_label("New customers only").check()
    expect(page.locator("#affected")).not_to_contain_text(re.compile(r"version \d+ → \d+"))

    page.locator(".card.publish").get_by_role("button", name="Publish…").click()
    question = page.get_by_role("dialog", name=re.compile("Publish version"))
    expect(question).to_contain_text("keep")
    question.get_by_role("button", name="Publish").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("live")
    expect(page.locator("main")).to_contain_text("Fewer boards")
    assert boards() == before - 5

    page.get_by_role("navigation", name="Pages", exact=True).get_by_role("link", name="History").click()
    page.get_by_role("link", name="Roll back…").first.click()
    expect(page.locator(".changes")).to_contain_text(str(before))
    page.get_by_role("button", name="Roll back…").click()
    page.get_by_role("dialog").get_by_role("button", name="Roll back").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("live")
    assert boards() == before


def test_it_can_be_published_by_keyboard_alone(open_environment, edit, boards):
    edit(boards() + 7)
    wanted = boards() + 7
    page = open_environment("/review", role="publisher").page

    page.get_by_label("Message").focus()
    page.keyboard.type("By keyboard")
    page.locator(".card.publish").get_by_role("button", name="Publish…").focus()
    page.keyboard.press("Enter")
    question = page.get_by_role("dialog", name=re.compile("Publish version"))
    expect(question).to_be_visible()
    page.keyboard.press("Escape")
    expect(question).to_be_hidden()
    page.locator(".card.publish").get_by_role("button", name="Publish…").press("Enter")
    question.get_by_role("button", name="Publish").press("Enter")

    expect(page.locator("main")).to_contain_text("By keyboard")
    assert boards() == wanted


def test_without_scripts_it_is_published_all_the_same(open_environment, edit, boards):
    wanted = boards() + 3
    edit(wanted)
    page = open_environment("/review?audience=all&notice_days=30", role="publisher", java_script_enabled=False).page

    page.locator(".card.publish").get_by_role("button", name="Publish…").click()
    page.locator("#confirm").get_by_role("button", name="Publish").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("live")
    assert boards() == wanted
