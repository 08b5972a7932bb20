"""An account that is forgotten leaves counts and money behind, and nothing that says whose they were."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from liftgate_server.access.caller import Role
from liftgate_server.jobs import DUE, do
from liftgate_server.plumbing.audit import entries
from liftgate_server.plumbing.changes import latest_marks
from liftgate_server.plumbing.db import db
from liftgate_server.privacy import batches, service
from liftgate_server.privacy.facts import ErasureState
from liftgate_server.privacy.queries import erasures
from tests.server.privacy.conftest import ACCOUNT, MARK, PERSON, use

# The change that tells readers to throw the account away has to name it, and is dropped after seven days.
NAMED_FOR_A_WEEK = {"changes"}


def erase(manager, customer: str = ACCOUNT, **body: Any) -> Any:
    return manager.post(f"/v1/customers/{customer}/erase", json={"confirm": customer} | body)


def left(everything) -> dict[str, list[str]]:
    rows = {name: [row for row in found if MARK in row] for name, found in everything().items()}
    return {name: found for name, found in rows.items() if found and name not in NAMED_FOR_A_WEEK}


def test_before_it_every_table_of_an_account_carries_the_mark(account, everything):
    """Otherwise the tests below would look for nothing."""
    assert left(everything).keys() >= {
        *("customers", "customer_users", "plan_phases", "addon_phases", "grants", "mrr_changes", "orders"),
        *("gate_hours", "refused_accounts", "reported_levels", "audit_entries"),
        *("usage_events", "usage_counters", "usage_reservations", "usage_crossings", "usage_days"),
    }


def test_nothing_of_the_account_is_left(account, manager, everything):
    assert erase(manager).json["state"] == "done"

    assert left(everything) == {}


def test_counts_and_money_stay(account, manager, sums):
    before = sums()

    erase(manager)

    # The subscription ends with the account, so its revenue does: one more row, down to nothing.
    assert sums() == before
    assert min(before.values()) > 0


def test_the_account_is_unknown_at_once(account, manager, runtime_caller):
    erase(manager)

    assert manager.get(f"/v1/customers/{account}").json["code"] == "unknown_customer"
    state = runtime_caller.get(f"/v1/customers/{account}/state").json
    assert (state["version"], state["attributes"], state["phases"], state["usage"]) == (0, {}, [], [])


def test_readers_are_told_with_the_version_of_an_account_that_nobody_knows(account, manager, runtime_caller):
    latest = runtime_caller.get("/v1/changes").json["latest"]

    erase(manager)

    changes = runtime_caller.get(f"/v1/changes?after={latest}").json["changes"]
    assert changes[-1] | {"number": 0} == {"number": 0, "kind": "customer", "key": account, "version": 0}


def test_the_subscription_ends_and_open_orders_are_canceled(account, manager):
    pseudonym = erase(manager).json["pseudonym"]

    changes = manager.get(f"/v1/mrr-changes?customer={pseudonym}").json["items"]
    assert (changes[-1]["kind"], changes[-1]["mrr_after"]) == ("churn", 0)
    assert {order["status"] for order in manager.get("/v1/orders").json["items"]} == {"completed", "canceled"}


def test_people_of_the_account_stay_apart_without_a_name(account, manager, app, environment):
    with app.app_context():
        use(environment.id, ACCOUNT, "another")
    erase(manager)

    with app.app_context():
        table = db.metadata.tables["usage_days"]
        users = [row.user for row in db.session.execute(table.select())]
    assert len(set(users)) == 2
    assert all(user.startswith("erased_") for user in users)


def test_the_log_keeps_what_was_done_and_when(account, manager, app, environment):
    before = logged(app, environment.id)

    erase(manager)

    after = logged(app, environment.id)
    assert [line[:3] for line in after[-len(before) :]] == [line[:3] for line in before]
    assert {line[3] for line in after if line[3]} == {"customer.erased"}


def logged(app, environment_id: int) -> list[tuple[int, Any, str, str | None]]:
    """List the entries about accounts and orders: number, instant, action, and the action again where it says more."""
    with app.app_context():
        found = entries(environment_id, limit=200).items
    return [
        (entry.number, entry.at, entry.action, entry.action if entry.after else None)
        for entry in found
        if entry.subject.startswith(("customer:", "order:"))
    ]


def test_the_log_refuses_any_other_change_while_an_erasure_is_running(account, manager, app, environment, monkeypatch):
    monkeypatch.setattr(service, "_BATCHES_OF_A_REQUEST", 0)
    pseudonym, emptied = erase(manager).json["pseudonym"], '"before" = NULL, "after" = NULL'

    for change in (
        "\"before\" = '1'",
        f"action = 'another', {emptied}",
        f"at = '2020-01-01 00:00:00+00:00', {emptied}",
        f"number = number + 1000, {emptied}",
        f"environment_id = 77, {emptied}",
        f"actor_kind = 'end_user', {emptied}",
        f"actor_name = 'somebody', {emptied}",
        f"subject = 'customer:another', {emptied}",
        f"actor_id = '{pseudonym}', {emptied}",
    ):
        assert is_refused(app, change), change


def is_refused(app, change: str) -> bool:
    statement = text(f"UPDATE audit_entries SET {change} WHERE actor_kind = 'key'")  # noqa: S608 - the test's own words
    with app.app_context(), pytest.raises(DatabaseError, match="cannot be changed"), db.engine.begin() as connection:
        connection.execute(statement)
    return True


def test_the_log_refuses_the_change_of_an_erasure_once_it_is_done(account, manager, app):
    erase(manager)

    assert is_refused(app, '"before" = NULL, "after" = NULL')


def test_what_was_answered_about_the_account_is_answered_no_more(account, manager, everything):
    """Answers are sealed, so no search over the rows would find them; asking again does."""
    body = {"kind": "override", "feature": "boards", "entitlement": 9, "reason": MARK}
    requests = [(f"/v1/customers/{name}/grants", {"Idempotency-Key": f"grant-{name}"}) for name in (account, "other")]
    manager.put("/v1/customers/other", json={})
    for path, key in requests:
        assert manager.post(path, json=body, headers=key).status_code == 201

    erase(manager)

    again = [manager.post(path, json=body, headers=key) for path, key in requests]
    assert [answer.status_code for answer in again] == [404, 201]
    assert again[1].headers["Idempotent-Replay"] == "true"
    assert len(everything()["idempotency_keys"]) == 1


def test_without_the_id_again_nothing_happens(account, manager, everything):
    before = everything()

    answer = manager.post(f"/v1/customers/{account}/erase", json={"confirm": account + "x"})

    assert (answer.status_code, answer.json["code"]) == (422, "not_confirmed")
    assert everything() == before | {"api_keys": everything()["api_keys"]}


def test_asked_again_it_tells_of_the_same_erasure(account, manager, everything):
    first = erase(manager)
    rows = everything()

    assert erase(manager).json == first.json
    assert everything() == rows


def test_an_account_that_nobody_knows_is_not_found(manager, environment):
    answer = erase(manager, "nobody")

    assert (answer.status_code, answer.json["code"]) == (404, "unknown_customer")


def test_an_account_that_comes_back_is_a_new_one_and_can_be_forgotten_too(account, manager, everything):
    first = erase(manager).json
    manager.put(f"/v1/customers/{account}", json={"name": MARK})

    second = erase(manager).json

    assert second["id"] != first["id"]
    assert left(everything) == {}


def test_an_account_that_was_only_reported_about_is_forgotten(manager, environment, everything, report_of):
    report_of("ghost-" + MARK)

    assert erase(manager, "ghost-" + MARK).json["rows"]["gate_hours"] == 1
    assert left(everything).keys() <= {"report_batches"}


@pytest.fixture
def report_of(runtime_caller):
    def report(customer: str) -> None:
        row = {"customer": customer, "gate": "boards.create", "hour": "2026-11-22T09:00:00Z", "count": 1}
        gates = [row | {"outcome": "granted", "reason": "entitled"}]
        assert runtime_caller.post("/v1/reports", json={"batch": "b1", "gates": gates}).status_code == 200

    return report


def test_a_neighbour_whose_id_begins_alike_keeps_everything(account, manager, everything):
    neighbour = ACCOUNT + "0"
    manager.put(f"/v1/customers/{neighbour}", json={"name": "Neighbour", "attributes": {"seats": 3}})
    kept = [row for row in everything()["customers"] if neighbour in row]

    erase(manager)

    assert [row for row in everything()["customers"] if neighbour in row] == kept


def test_long_work_goes_on_from_batch_to_batch_and_its_progress_can_be_read(
    account, manager, app, environment, monkeypatch, everything, sums
):
    monkeypatch.setattr(batches, "ROWS_AT_ONCE", 2)
    monkeypatch.setattr(service, "_BATCHES_OF_A_REQUEST", 1)
    before = sums()

    begun = erase(manager).json
    assert (begun["state"], begun["rows"]["usage_events"]) == ("running", 2)
    again = manager.get(f"/v1/erasures/{begun['id']}").json
    assert again == begun
    assert erase(manager).json["rows"]["usage_events"] == 3

    do(app, DUE)
    assert manager.get(f"/v1/erasures/{begun['id']}").json["state"] == "done"
    assert (left(everything), sums()) == ({}, before)


def test_what_a_host_reports_while_rows_are_moved_joins_what_is_moved(
    account, manager, app, environment, monkeypatch, runtime_caller
):
    monkeypatch.setattr(batches, "ROWS_AT_ONCE", 1)
    monkeypatch.setattr(service, "_BATCHES_OF_A_REQUEST", 1)
    uses = [{"customer": ACCOUNT, "feature": "exports", "user": PERSON, "hour": "2026-11-22T09:00:00Z", "count": 5}]
    while "usage_days" not in erase(manager).json["rows"]:
        pass
    runtime_caller.post("/v1/reports", json={"batch": "late", "uses": uses})

    do(app, DUE)

    with app.app_context():
        (day,) = db.session.execute(db.metadata.tables["usage_days"].select())
    assert (day.units, day.uses) == (3, 3 + 5)


def test_erasures_are_listed_without_saying_who_it_was(account, manager, app, environment):
    erase(manager)

    listed = manager.get("/v1/erasures")

    assert MARK not in listed.text
    with app.app_context():
        assert [found.state for found in erasures(environment.id).items] == [ErasureState.DONE]


def test_an_sdk_without_the_role_of_an_owner_cannot_erase(account, make_key, call_with):
    answers = {
        role: call_with(make_key(role)).post(f"/v1/customers/{account}/erase", json={"confirm": account}).status_code
        for role in (None, Role.VIEWER, Role.EDITOR, Role.PUBLISHER)
    }

    assert set(answers.values()) == {403}


def test_what_another_process_remembers_of_a_forgotten_account_is_proven_wrong(account, manager, environment, app):
    """One that comes back may reach the version that the forgotten one had; the number of access tells them apart."""
    with app.app_context():
        before = latest_marks(environment.id)
        erase(manager)
        after = latest_marks(environment.id)

    assert after.access > before.access
