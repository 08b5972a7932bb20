"""The same request twice takes effect once and is answered twice."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from liftgate_server.access.caller import Role
from liftgate_server.access.queries import list_keys
from liftgate_server.plumbing import idempotency
from liftgate_server.plumbing.db import db, reading
from liftgate_server.plumbing.idempotency import RETENTION, Answer, Attempt, IdempotencyRow, forget_old_answers, once

NEW_KEY = {"kind": "secret", "name": "web"}


def post(caller, body=None, *, key="k1", path="/v1/keys"):
    return caller.post(path, json=body or NEW_KEY, headers={"Idempotency-Key": key})


def names(app, environment) -> list[str]:
    with app.app_context():
        return [key.name for key in list_keys(environment.id).items]


def test_a_repeated_request_gets_the_same_answer_and_no_second_effect(manager, app, environment):
    first, second = post(manager), post(manager)

    assert (first.status_code, first.data) == (second.status_code, second.data) == (201, first.data)
    assert second.headers["Idempotent-Replay"] == "true"
    assert "Idempotent-Replay" not in first.headers
    assert second.content_type == first.content_type == "application/json"
    assert names(app, environment).count("web") == 1


def test_the_same_key_with_another_body_is_a_conflict(manager):
    post(manager)

    answer = post(manager, {"kind": "secret", "name": "other"})

    assert (answer.status_code, answer.json["code"]) == (409, "idempotency_conflict")


def test_the_same_key_for_another_call_is_a_conflict(manager):
    made = post(manager)

    answer = post(manager, {}, path=f"/v1/keys/{made.json['id']}/revoke")

    assert (answer.status_code, answer.json["code"]) == (409, "idempotency_conflict")


def test_another_callers_key_of_the_same_text_is_another_key(manager, call_with, make_key):
    other = call_with(make_key(Role.OWNER))

    assert post(manager).json["id"] != post(other).json["id"]


def test_a_refusal_is_judged_anew(manager):
    refused = post(manager, {"kind": "management", "name": "no role"})
    accepted = post(manager, {"kind": "management", "name": "no role", "role": "viewer"})

    assert (refused.status_code, accepted.status_code) == (422, 201)


def test_without_the_header_each_request_counts(manager, app, environment):
    manager.post("/v1/keys", json=NEW_KEY)
    manager.post("/v1/keys", json=NEW_KEY)

    assert names(app, environment).count("web") == 2


@pytest.mark.parametrize("key", ["", "x" * 129, "tab\there", "ümlaut"])
def test_a_malformed_key_is_refused(manager, key):
    answer = post(manager, key=key)

    assert (answer.status_code, answer.json["code"]) == (400, "invalid_idempotency_key")


def test_simultaneous_duplicates_take_effect_once(app, manager, environment):
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(post(manager))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({answer.data for answer in answers}) == 1
    assert sorted("Idempotent-Replay" in answer.headers for answer in answers) == [False] + [True] * 5
    assert names(app, environment).count("web") == 1


def test_an_effect_that_fails_leaves_no_record(in_app, environment):
    attempt = Attempt(environment.id, "somebody", "k1", b"hash")

    with pytest.raises(ZeroDivisionError):
        once(attempt, lambda: Answer(1 // 0, (), b""))

    assert once(attempt, lambda: Answer(200, (), b"done")) == (Answer(200, (), b"done"), False)


def test_a_lost_race_gives_the_winners_answer(in_app, environment, monkeypatch):
    """On SQLite writers queue, so the race of other databases is played: the row appears after the look."""
    attempt = Attempt(environment.id, "somebody", "k1", b"hash")
    insert = idempotency._insert
    raced: list[bool] = []

    def insert_after_another(session, wanted):
        if not raced:
            raced.append(True)
            raise idempotency._LostRace
        return insert(session, wanted)

    monkeypatch.setattr(idempotency, "_insert", insert_after_another)

    assert once(attempt, lambda: Answer(200, (), b"done"))[0].body == b"done"


def test_an_answer_is_not_stored_in_the_clear(manager, app):
    shown = post(manager).json["key"]

    with app.app_context():
        stored = reading().scalars(select(IdempotencyRow.answer)).one()
        everything = [str(row) for row in reading().execute(text("SELECT * FROM api_keys")).all()]

    assert shown.encode() not in (stored or b"")
    assert shown.rpartition("_")[2] not in "".join(everything)


def test_old_answers_are_forgotten_after_the_retention(manager, app, clock):
    post(manager)
    clock.advance(RETENTION - timedelta(seconds=1))
    with app.app_context():
        assert forget_old_answers(clock.now()) == 0
    clock.advance(timedelta(seconds=2))
    with app.app_context():
        assert forget_old_answers(clock.now()) == 1


def test_a_record_sealed_with_another_secret_is_refused_not_repeated(manager, app, environment):
    post(manager)
    with app.app_context():
        db.session.execute(update(IdempotencyRow).values(answer=bytes(23)))
        db.session.commit()

    answer = post(manager)

    assert (answer.status_code, answer.json["code"]) == (409, "idempotency_conflict")
    assert names(app, environment).count("web") == 1
