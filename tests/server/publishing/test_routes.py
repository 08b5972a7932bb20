"""Publishing over HTTP: the roles, the shapes, the refusals."""

from __future__ import annotations

import json

import pytest

from liftgate_server.access.caller import Role
from liftgate_server.publishing import examples

CATALOGUE = "/v1/catalogue"
AT = "2027-01-01T00:00:00Z"


def as_json(document):
    return {"data": json.dumps(document), "content_type": "application/json"}


@pytest.fixture
def published(manager, document):
    """The document of these tests, published."""
    assert manager.post(f"{CATALOGUE}/publish?base=0", **as_json(document)).status_code == 200
    return document


@pytest.fixture
def edit(manager, published):
    """Edit the draft over HTTP."""

    def make(path, value, base=0):
        wanted = {"base_revision": base, "edits": [{"path": path, "value": value}]}
        return manager.patch(f"{CATALOGUE}/draft", json=wanted)

    return make


def test_an_edited_draft_is_reviewed_and_published(manager, edit):
    assert edit(["plans", "pro", "rank"], 20).json["revision"] == 1

    reviewed = manager.get(f"{CATALOGUE}/review").json
    done = manager.post(f"{CATALOGUE}/publish?base=1&message=Higher").json

    assert (reviewed["changes"], reviewed["revision"], reviewed["is_empty"]) == (["Plan pro: rank 10 → 20"], 1, False)
    assert (done["version"], done["message"]) == (2, "Higher")


def test_a_review_speaks_german_on_demand(manager, edit):
    edit(["plans", "pro", "rank"], 20)

    assert manager.get(f"{CATALOGUE}/review?language=de").json["changes"] == ["Tarif pro: Rang 10 → 20"]


def test_an_edit_conflict_names_the_field_with_all_sides(edit):
    edit(["plans", "pro", "rank"], 20)

    refused = edit(["plans", "pro", "rank"], 30, base=0)

    assert (refused.status_code, refused.json["code"]) == (409, "edit_conflict")
    assert refused.json["errors"] == [
        {
            "path": "plans.pro.rank",
            "code": "edit_conflict",
            "message": "It was 10 and is 20 now; you want 30.",
        }
    ]


def test_null_takes_a_field_out(edit):
    answer = edit(["plans", "pro", "entitlements", "exports"], None)

    assert "exports" not in answer.json["document"]["plans"]["pro"]["entitlements"]


def test_an_edit_that_makes_no_catalogue_is_refused_with_its_path(edit, manager):
    refused = edit(["plans", "pro", "rank"], -1)

    assert (refused.status_code, refused.json["errors"][0]["path"]) == (422, "plans.pro.rank")
    assert manager.get(f"{CATALOGUE}/draft").status_code == 404


def test_the_revisions_are_listed_and_the_draft_given_up(manager, edit):
    edit(["plans", "pro", "rank"], 20)

    assert manager("DELETE", f"{CATALOGUE}/draft?base=0").status_code == 409
    assert manager("DELETE", f"{CATALOGUE}/draft?base=1").status_code == 204
    items = manager.get(f"{CATALOGUE}/draft/revisions").json["items"]
    assert [(item["revision"], item["is_discarded"]) for item in items] == [(2, True), (1, False)]


def test_a_merged_push_keeps_what_others_saved(manager, edit, document):
    edit(["plans", "pro", "rank"], 20)
    document["time_zone"] = "Europe/Berlin"

    pushed = manager.put(f"{CATALOGUE}/draft?base=0&merge=true", **as_json(document)).json

    assert (pushed["document"]["plans"]["pro"]["rank"], pushed["document"]["time_zone"]) == (20, "Europe/Berlin")


def test_publishing_for_all_from_a_date_is_in_the_snapshot(manager, published):
    published["plans"]["pro"]["rank"] = 20
    incentive = json.dumps({"feature": "exports", "entitlement": {"limit": 5, "per": "month"}, "days": 30})
    query = {"audience": "all", "starts_at": AT, "notice_days": "10", "incentive": incentive}

    assert manager.post(f"{CATALOGUE}/publish", query_string=query, **as_json(published)).status_code == 200

    succession = manager.get("/v1/snapshot").json["plan_successions"]["pro@1"]
    assert (succession["to_version"], succession["at"], succession["notice_at"]) == (2, AT, "2026-12-22T00:00:00Z")
    assert succession["incentive"]["days"] == 30


@pytest.mark.parametrize(
    "query",
    [
        {"audience": "everybody"},
        {"audience": "all", "starts_at": "soon"},
        {"audience": "all", "notice_days": "9999"},
        {"audience": "all", "starts_at": AT, "incentive": "{"},
        {
            "audience": "all",
            "starts_at": AT,
            "incentive": '{"feature": "exports", "entitlement": 1, "days": 1, "x": 1}',
        },
        {"audience": "all", "starts_at": AT, "incentive": '{"feature": "exports", "entitlement": -1, "days": 1}'},
        {"unknown": "1"},
    ],
)
def test_terms_that_cannot_be_read_are_refused(manager, published, query):
    refused = manager.post(f"{CATALOGUE}/publish", query_string=query, **as_json(published))

    assert (refused.status_code, refused.json["code"]) == (422, "invalid_request")


def test_a_version_is_rolled_back_once_however_often_it_is_sent(manager, published):
    published["plans"]["pro"]["rank"] = 20
    manager.post(f"{CATALOGUE}/publish", **as_json(published))
    headers = {"Idempotency-Key": "back"}

    first = manager.post(f"{CATALOGUE}/rollback", json={"version": 1}, headers=headers)
    again = manager.post(f"{CATALOGUE}/rollback", json={"version": 1}, headers=headers)

    assert (first.json["version"], again.json) == (3, first.json)


def test_a_publication_is_scheduled_read_and_taken_back(manager, published):
    published["plans"]["pro"]["rank"] = 20
    made = manager.post(f"{CATALOGUE}/scheduled?at={AT}&message=Soon", **as_json(published))
    path = f"{CATALOGUE}/scheduled/{made.json['id']}"

    assert (made.status_code, manager.get(path).json) == (201, made.json)
    assert manager("DELETE", path).json["state"] == "canceled"
    assert manager("DELETE", path).json["code"] == "schedule_decided"
    assert manager.get(f"{CATALOGUE}/scheduled?state=waiting").json["items"] == []
    assert manager.get(f"{CATALOGUE}/scheduled/none").json["code"] == "unknown_schedule"


def test_uses_are_told_whole_or_of_one_part(manager, published):
    everything = manager.get(f"{CATALOGUE}/uses").json["items"]
    [one] = manager.get(f"{CATALOGUE}/uses?subject=feature:exports").json["items"]

    assert {"plan:pro", "addon:more_boards", "gate:reports.export"} <= {item["subject"] for item in everything}
    assert (one["removable"], [use["kind"] for use in one["by"]]) == (True, ["plan", "gate"])


def test_the_warnings_are_those_of_the_draft(manager, edit):
    edit(["plans", "pro", "entitlements", "boards"], 1)

    [warning] = manager.get(f"{CATALOGUE}/warnings").json["items"]

    assert (warning["code"], warning["plan"], warning["other"]) == ("gives_less", "pro", "free")


ROLES = [
    (Role.VIEWER, "GET", "/review", None),
    (Role.VIEWER, "GET", "/review/accounts?effect=gains", None),
    (Role.VIEWER, "GET", "/uses", None),
    (Role.VIEWER, "GET", "/warnings", None),
    (Role.VIEWER, "GET", "/scheduled", None),
    (Role.VIEWER, "GET", "/draft/revisions", None),
    (Role.EDITOR, "PATCH", "/draft", {"base_revision": 0, "edits": [{"path": ["time_zone"], "value": "Europe/Rome"}]}),
    (Role.EDITOR, "DELETE", "/draft?base=0", None),
    (Role.EDITOR, "POST", "/draft/rebase?base=0", None),
    (Role.PUBLISHER, "POST", "/rollback", {"version": 1}),
    (Role.PUBLISHER, "POST", f"/scheduled?at={AT}", {"schema": 1, "languages": ["en"]}),
]
BELOW = {Role.EDITOR: Role.VIEWER, Role.PUBLISHER: Role.EDITOR}


@pytest.mark.parametrize(("role", "method", "path", "body"), ROLES, ids=str)
def test_each_call_needs_its_role(call_with, make_key, published, role, method, path, body):
    assert call_with(make_key(role))(method, CATALOGUE + path, json=body).status_code < 300
    if role in BELOW:
        assert call_with(make_key(BELOW[role]))(method, CATALOGUE + path, json=body).status_code == 403


@pytest.mark.parametrize(
    ("path", "example"),
    [
        ("/review", examples.REVIEW),
        ("/review/accounts?effect=losses", examples.ACCOUNTS),
        ("/warnings", examples.WARNINGS),
        ("/uses", examples.USES),
        ("/scheduled", examples.SCHEDULED_PAGE),
    ],
)
def test_the_examples_look_like_the_answers(manager, published, path, example):
    manager.post(f"{CATALOGUE}/scheduled?at={AT}", **as_json(published))
    answer = manager.get(CATALOGUE + path).json

    assert answer.keys() == example.keys()
    for item in answer.get("items", [])[:1]:
        assert item.keys() == example["items"][0].keys()
