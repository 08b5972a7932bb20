"""Two people edit the same plan: nobody's work is lost, and only what both changed has to be decided."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from liftgate_server.catalog.drafts import open_draft

PAGE = "/plans/pro"
MINE = {"name.en": "Mine", "name.de": "Pro", "rank": "11", "trial.days": "7"}
THEIRS = {"name.en": "Theirs", "name.de": "Pro", "rank": "10", "description.en": "By them"}


def document_of(environment) -> Any:
    return open_draft(environment.id).document


@pytest.fixture
def plan(app, published):
    def now():
        with app.app_context():
            return document_of(published)["plans"]["pro"]

    return now


@pytest.fixture
def met(reader, sign_in, published):
    """Open a page, let somebody else save first, then send one's own form; the answer shows the conflict."""
    base = reader.base_of(PAGE)
    sign_in(name="Second Editor").send(PAGE, PAGE, **THEIRS)
    return reader.post(PAGE, MINE, base=base)


def fields_of(text):
    """Read the hidden fields of the conflict's form."""
    form = text[text.index('class="conflict"') :]
    return [(name, unescape(value)) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form)]


def settle(reader, met, choice):
    fields = {name: value for name, value in fields_of(met.text) if name in {"back", "clear", "disputed"}}
    base = dict(fields_of(met.text))["base"]
    return reader.post("/conflict", fields | {"choice[0]": choice}, base=base)


def test_only_the_field_that_both_changed_is_asked_about(met, plan):
    assert met.status_code == 409
    assert met.text.count('class="dispute"') == 1
    for words in ("<strong>Plan pro</strong> · Name · en", "Pro</span>", "Theirs", "Mine", "Second Editor"):
        assert words in met.text
    assert plan()["name"]["en"] == "Theirs"


def test_using_mine_saves_it_and_everything_else_of_both(reader, met, plan):
    assert settle(reader, met, "mine").location == "/admin/e/demo/plans/pro"
    saved = plan()
    assert (saved["name"]["en"], saved["rank"], saved["trial"]) == ("Mine", 11, {"days": 7})
    assert saved["description"] == {"en": "By them"}


def test_keeping_theirs_saves_the_rest_of_mine(reader, met, plan):
    settle(reader, met, "theirs")
    saved = plan()
    assert (saved["name"]["en"], saved["rank"], saved["description"]) == ("Theirs", 11, {"en": "By them"})


def test_a_third_change_meanwhile_is_the_next_conflict(reader, sign_in, met, plan):
    sign_in(name="Third Editor").send(PAGE, PAGE, **THEIRS | {"name.en": "Third"})
    again = settle(reader, met, "mine")
    assert again.status_code == 409
    assert "Third Editor" in again.text
    assert plan()["name"]["en"] == "Third"
    settle(reader, again, "mine")
    assert plan()["name"]["en"] == "Mine"


def test_different_fields_of_one_plan_meet_nobody(reader, sign_in, published, plan):
    base = reader.base_of(PAGE)
    sign_in(name="Second Editor").send(PAGE, PAGE, **MINE | {"name.en": "Pro", "trial.days": ""})
    mine = MINE | {"name.en": "Pro", "rank": "10"}
    assert reader.post(PAGE, mine, base=base).status_code == 303
    assert (plan()["rank"], plan()["trial"]) == (11, {"days": 7})


def test_a_cell_edited_in_place_asks_in_place(reader, sign_in, published):
    cell = "/plans/pro/entitlements/boards"
    base = reader.base_of(cell)
    sign_in(name="Second Editor").send(cell, cell, **{"given": "limited", "[0].limit": "40"})
    answer = reader.post(cell, {"given": "limited", "[0].limit": "50"}, base=base, piece="cell-editor")
    assert answer.status_code == 409
    assert "<html" not in answer.text
    assert 'class="dispute"' in answer.text


def test_what_somebody_deleted_can_be_put_back_with_my_changes(app, reader, sign_in, published):
    page = "/addons/extra_seats"
    base = reader.base_of(page)
    sign_in(name="Second Editor").send(page, f"{page}/delete")
    met = reader.post(page, {"name.en": "Mine", "name.de": "5", "max_quantity": "9", "plans": "pro"}, base=base)
    assert met.status_code == 409
    assert "nothing</span>" in met.text
    assert settle(reader, met, "mine").location == "/admin/e/demo/addons"
    with app.app_context():
        assert document_of(published)["addons"]["extra_seats"]["max_quantity"] == 9


@pytest.mark.parametrize(
    "back", ["https://elsewhere.example/", "//elsewhere.example", "/admin/\\elsewhere", "javascript:1"]
)
def test_a_conflict_leads_back_to_our_own_pages_only(reader, published, back):
    answer = reader.send("/plans/pro", "/conflict", back=back, clear="[]")
    assert answer.location == "/admin/e/demo/matrix"
