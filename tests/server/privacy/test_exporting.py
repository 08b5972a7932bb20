"""An export holds every row about a customer, of that customer only, and says whether it is complete."""

from __future__ import annotations

import json
from typing import Any

import pytest

from liftgate_server.access.caller import Role
from liftgate_server.privacy import exporting
from liftgate_server.privacy.tables import PERSONAL_TABLES
from tests.server.privacy.conftest import ACCOUNT, MARK, PERSON, fill, use


def export(caller, customer: str = ACCOUNT) -> list[dict[str, Any]]:
    answer = caller.get(f"/v1/customers/{customer}/export")
    assert (answer.status_code, answer.content_type) == (200, "application/x-ndjson")
    return [json.loads(line) for line in answer.data.splitlines()]


def test_every_room_hands_out_what_it_knows(account, manager):
    lines = export(manager)

    assert {line["kind"] for line in lines} == {
        *(table.kind for table in PERSONAL_TABLES),
        *("export", "audit_entry", "end"),
    }


def test_the_first_line_names_the_form_and_the_last_counts_the_others(account, manager):
    first, *rows, last = export(manager)

    assert first == {
        "kind": "export",
        "schema": 1,
        "environment": "demo",
        "customer": ACCOUNT,
        "at": "2026-11-22T09:00:00Z",
    }
    kinds = [row["kind"] for row in rows]
    assert last == {"kind": "end", "rows": {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}}


def test_rows_are_whole(account, manager):
    lines = export(manager)

    customer = next(line["row"] for line in lines if line["kind"] == "customer")
    assert (customer["id"], customer["name"], customer["attributes"]) == (ACCOUNT, MARK, {"about": MARK})
    event = next(line["row"] for line in lines if line["kind"] == "usage_event" and line["row"]["user"] == PERSON)
    assert (event["quantity"], event["properties"], event["at"]) == (1, {"text": MARK}, "2026-11-22T09:00:00Z")


def test_what_was_done_to_the_account_is_in_it(account, manager):
    entries = [line["row"] for line in export(manager) if line["kind"] == "audit_entry"]

    assert {entry["action"] for entry in entries} >= {"subscription.changed", "grant.made", "order.approved"}


def test_another_account_is_not_in_it(account, manager, app, environment):
    fill(app, environment.id, manager, "neighbour", "u9")

    lines = export(manager)

    assert "neighbour" not in json.dumps(lines)
    assert len(lines) > 20


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_pages_of_rows_leave_nothing_out(account, manager, app, environment, monkeypatch, rows):
    with app.app_context():
        use(environment.id, ACCOUNT, "another", events=7)
    whole = export(manager)
    monkeypatch.setattr(exporting, "_ROWS_AT_ONCE", rows)

    # The first export is itself an entry of the log.
    assert len(export(manager)) == len(whole) + 1
    assert [line for line in export(manager) if line["kind"] == "usage_event"] == [
        line for line in whole if line["kind"] == "usage_event"
    ]


def test_that_it_was_handed_out_is_noted(account, manager):
    export(manager)

    newest = manager.get("/v1/audit").json["items"][0]
    assert (newest["action"], newest["subject"]) == ("customer.exported", f"customer:{ACCOUNT}")


def test_an_account_that_nobody_knows_is_not_found(manager, environment):
    answer = manager.get("/v1/customers/nobody/export")

    assert (answer.status_code, answer.json["code"]) == (404, "unknown_customer")


def test_reading_the_catalogue_is_not_enough_for_an_export(account, make_key, call_with):
    answers = {
        role: call_with(make_key(role)).get(f"/v1/customers/{account}/export").status_code
        for role in (None, Role.VIEWER, Role.EDITOR)
    }

    assert answers == {None: 403, Role.VIEWER: 403, Role.EDITOR: 200}
