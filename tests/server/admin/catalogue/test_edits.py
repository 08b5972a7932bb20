"""What a form changed, and what of it somebody else changed as well."""

from __future__ import annotations

from typing import Any

import pytest

from liftgate_server.admin.catalogue.edits import Resolution, edits_between, pack_edits, unpack_edits, value_at
from liftgate_server.catalog.drafts import REMOVED, Edit, FieldConflict
from liftgate_server.plumbing.errors import BadRequest

PLAN: dict[str, Any] = {"name": {"en": "Pro", "de": "Profi"}, "rank": 10, "prices": [{"amount": 1}]}
PATH = ("plans", "pro")


def conflict(*path: str, yours: object) -> FieldConflict:
    return FieldConflict(path, base=1, theirs=2, yours=yours, theirs_by=None, theirs_at=None)


def test_what_is_left_alone_makes_no_edit():
    assert edits_between(PATH, PLAN, {**PLAN, "name": dict(PLAN["name"])}) == ()


def test_one_language_of_a_name_is_one_edit():
    after = {**PLAN, "name": {"en": "Pro", "de": "Pro"}}
    assert edits_between(PATH, PLAN, after) == (Edit((*PATH, "name", "de"), "Pro"),)


def test_a_list_is_one_value():
    after = {**PLAN, "prices": [{"amount": 1}, {"amount": 2}]}
    assert edits_between(PATH, PLAN, after) == (Edit((*PATH, "prices"), after["prices"]),)


def test_what_is_gone_is_removed_and_what_is_new_is_set_whole():
    assert edits_between(PATH, PLAN, {"name": PLAN["name"], "rank": 10}) == (Edit((*PATH, "prices"), REMOVED),)
    assert edits_between(PATH, REMOVED, PLAN) == (Edit(PATH, PLAN),)


def test_one_is_not_true():
    assert edits_between(("x",), {"a": 1}, {"a": True}) == (Edit(("x", "a"), True),)


def test_the_value_at_a_path_that_leads_nowhere_is_removed():
    assert value_at(PLAN, ("name", "en")) == "Pro"
    assert value_at(PLAN, ("rank", "en")) is REMOVED


def test_edits_survive_a_form():
    edits = (Edit((*PATH, "rank"), 20), Edit((*PATH, "prices"), REMOVED))
    assert unpack_edits(pack_edits(edits)) == edits


@pytest.mark.parametrize(
    "text",
    ["", "{", "{}", "[1]", '[{"path": [], "value": 1}]', '[{"path": [1], "value": 1}]', '[{"path": ["a"]}]'],
)
def test_a_form_that_carries_something_else_is_refused(text):
    with pytest.raises(BadRequest):
        unpack_edits(text)


def test_only_disputed_edits_wait_for_a_choice():
    rank, name = Edit((*PATH, "rank"), 20), Edit((*PATH, "name", "en"), "Plus")
    found = Resolution.of((rank, name), [conflict(*PATH, "rank", yours=20)])
    assert found == Resolution(clear=(name,), disputed=(rank,))


def test_a_dispute_about_the_whole_plan_takes_in_the_edits_within():
    edits = (Edit((*PATH, "rank"), 20), Edit(("plans", "free", "rank"), 1))
    found = Resolution.of(edits, [conflict(*PATH, yours={"rank": 20})])
    assert found == Resolution(clear=edits[1:], disputed=(Edit(PATH, {"rank": 20}),))
