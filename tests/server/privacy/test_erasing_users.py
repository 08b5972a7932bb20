"""A person who is forgotten leaves the account as it is, and counts under a pseudonym."""

from __future__ import annotations

from typing import Any

import pytest

from liftgate_server.plumbing.audit import write_entry
from liftgate_server.plumbing.db import db
from tests.server.privacy.conftest import ACCOUNT, PERSON


def erase(manager, user: str = PERSON, **body: Any) -> Any:
    return manager.post(f"/v1/customers/{ACCOUNT}/users/{user}/erase", json={"confirm": user} | body)


def test_nothing_of_the_person_is_left(account, manager, everything):
    assert erase(manager).json["state"] == "done"

    rows = everything()
    # Keys of the host's choosing stay for as long as a repetition has to count once.
    for name in ("usage_events", "usage_reservations"):
        rows[name] = [row.replace(f"-{PERSON}", "") for row in rows[name]]
    assert {name: found for name in rows if (found := [row for row in rows[name] if PERSON in row])} == {}


def test_the_account_goes_on(account, manager, sums):
    before, known = sums(), manager.get(f"/v1/customers/{account}").json

    erase(manager)

    after = manager.get(f"/v1/customers/{account}").json
    assert sums() == before
    assert after == known | {"version": known["version"] + 1, "updated_at": after["updated_at"]}
    assert manager.get(f"/v1/customers/{account}/subscription").json["plan"]["plan"] == "pro"


def test_other_people_of_the_account_stay(account, manager):
    erase(manager)

    assert [user["id"] for user in manager.get(f"/v1/customers/{account}/users").json["items"]] == ["another"]


def test_uses_stay_together_under_one_pseudonym(account, manager, app):
    pseudonym = erase(manager).json["pseudonym"]

    with app.app_context():
        for name in ("usage_counters", "usage_days", "usage_reservations", "usage_crossings", "orders"):
            rows = db.session.execute(db.metadata.tables[name].select()).all()
            assert {row.user for row in rows} == {pseudonym}, name


def test_the_log_keeps_what_the_person_did_without_saying_who(account, manager):
    pseudonym = erase(manager).json["pseudonym"]

    done = [entry for entry in manager.get("/v1/audit").json["items"] if entry["actor_kind"] == "end_user"]
    assert [(entry["actor_id"], entry["actor_name"], entry["after"]) for entry in done] == [
        (f"{ACCOUNT}/{pseudonym}", pseudonym, None)
    ]


def test_answers_about_the_person_go_and_those_about_others_stay(account, manager, everything):
    order = {"customer": ACCOUNT, "addon": "more_boards", "interval": "month", "currency": "EUR"}
    for user in (PERSON, "another"):
        answer = manager.post("/v1/orders", json=order | {"user": user}, headers={"Idempotency-Key": f"order-{user}"})
        assert answer.status_code == 201

    erase(manager)

    (left,) = everything()["idempotency_keys"]
    assert "order-another" in left


def test_the_log_keeps_what_it_says_of_somebody_whose_id_differs_by_capitals(account, manager, app, environment):
    told = {"values": [{"user": PERSON.upper()}]}
    with app.app_context():
        write_entry(environment.id, "usage.repair", subject=f"customer:{ACCOUNT}", after=told)

    erase(manager)

    assert told in [entry["after"] for entry in manager.get("/v1/audit").json["items"]]


def test_asked_again_it_tells_of_the_same_erasure(account, manager, everything):
    first = erase(manager)
    rows = everything()

    assert erase(manager).json == first.json
    assert everything() == rows


def test_a_person_whom_nobody_knows_is_not_found(account, manager):
    answer = erase(manager, "nobody")

    assert (answer.status_code, answer.json["code"]) == (404, "unknown_user")


@pytest.mark.parametrize("confirm", [ACCOUNT, "another", PERSON.upper()])
def test_the_id_of_somebody_else_confirms_nothing(account, manager, confirm):
    answer = erase(manager, confirm=confirm)

    assert (answer.status_code, answer.json["code"]) == (422, "not_confirmed")
    assert len(manager.get(f"/v1/customers/{ACCOUNT}/users").json["items"]) == 2


def test_an_account_that_is_forgotten_later_takes_its_people_with_it(account, manager, everything):
    erase(manager)
    manager.post(f"/v1/customers/{ACCOUNT}/erase", json={"confirm": ACCOUNT})

    assert [row for row in everything()["erasures"] if ACCOUNT in row] == []
