"""A batch is counted exactly once, whatever happens on its way; what cannot be counted is refused by field."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy.exc import OperationalError

from liftgate_server.access.service import NewEnvironment, create_environment
from liftgate_server.plumbing.db import db
from liftgate_server.usage import service
from liftgate_server.usage.queries import levels
from tests.server.conftest import START, Caller
from tests.server.usage.conftest import gate_row, level_row


def test_a_batch_is_counted(report, activity):
    assert report("b1", gate_row(count=3)).json == {"batch": "b1", "replayed": False}

    assert activity().refused == 3


def test_a_batch_that_is_sent_again_counts_once(report, activity):
    report("b1", gate_row(count=3))

    assert report("b1", gate_row(count=3)).json == {"batch": "b1", "replayed": True}
    assert activity().refused == 3


def test_the_metrics_count_a_batch_once_too(report):
    def counted() -> float:
        return REGISTRY.get_sample_value("liftgate_gate_calls_total", {"outcome": "refused"}) or 0.0

    before = counted()
    report("b1", gate_row(count=3))
    report("b1", gate_row(count=3))

    assert counted() == before + 3


def test_another_batch_of_the_same_content_counts_too(report, activity):
    report("b1", gate_row(count=3))
    report("b2", gate_row(count=3))

    assert activity().refused == 6


def test_a_batch_of_the_same_name_with_other_content_is_a_conflict(report, activity):
    report("b1", gate_row(count=3))

    answer = report("b1", gate_row(count=4))

    assert (answer.status_code, answer.json["code"]) == (409, "idempotency_conflict")
    assert activity().refused == 3


def test_a_batch_that_fails_half_way_leaves_nothing_and_counts_when_it_is_sent_again(report, activity, monkeypatch):
    def fail(*_args, **_kwargs):
        raise OperationalError("INSERT", {}, Exception("disk I/O error"))

    with monkeypatch.context() as patch:
        patch.setattr(service, "add_levels", fail)
        assert report("b1", gate_row(count=3), levels=[level_row()]).status_code == 503
    assert activity().refused == 0

    assert report("b1", gate_row(count=3), levels=[level_row()]).json["replayed"] is False
    assert activity().refused == 3


def test_two_sends_at_once_count_once(app, secret_key, activity):
    barrier = threading.Barrier(4)
    answers = []

    def send() -> None:
        barrier.wait()
        caller = Caller(app.test_client(), secret_key)
        answer: Any = caller.post("/v1/reports", json={"batch": "b1", "gates": [gate_row(count=3)]})
        answers.append(answer.json["replayed"])

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [False, True, True, True]
    assert activity().refused == 3


def test_rows_that_say_the_same_add_up_within_a_batch(report, activity):
    report("b1", gate_row(count=3), gate_row(count=2))

    assert activity().refused == 5


def test_a_batch_name_is_the_environments_own(report, app, call_with, make_key):
    report("b1", gate_row())
    with app.app_context():
        other = create_environment(NewEnvironment("other", name="Other"))

    answer = call_with(make_key(environment_id=other.id)).post("/v1/reports", json={"batch": "b1"})

    assert answer.json["replayed"] is False


def test_gates_and_customers_nobody_has_told_of_are_counted(report, activity):
    report("b1", gate_row(gate="never.published", customer="nobody-yet"))

    assert activity("never.published").refused == 1


def test_what_is_older_than_the_retention_is_passed_over(report, activity):
    report("b1", gate_row(hour="2026-10-01T09:00:00Z", count=3), gate_row())

    assert activity(since=START - timedelta(days=100)).refused == 1


def test_the_newest_level_is_kept_in_whatever_order_they_come(report, app, environment):
    report("b1", levels=[level_row(used=5), level_row(used=4, at="2026-11-22T08:00:00Z")])
    report("b2", levels=[level_row(used=2, at="2026-11-22T08:30:00Z")])

    with app.app_context():
        assert levels(environment.id, "acme") == {"boards": 5}


@pytest.mark.parametrize(
    ("row", "path", "code"),
    [
        (gate_row(gate="Not A Key"), "gates[0].gate", "bad_value"),
        (gate_row(customer=""), "gates[0].customer", "bad_value"),
        (gate_row(customer=7), "gates[0].customer", "wrong_type"),
        (gate_row(hour="2026-11-22T09:30:00Z"), "gates[0].hour", "bad_value"),
        (gate_row(hour="2026-11-22T11:00:00Z"), "gates[0].hour", "out_of_range"),
        (gate_row(hour="tomorrow"), "gates[0].hour", "bad_value"),
        (gate_row(outcome="tolerated"), "gates[0].outcome", "bad_value"),
        (gate_row(outcome=["refused"]), "gates[0].outcome", "wrong_type"),
        (gate_row(reason="Because"), "gates[0].reason", "bad_value"),
        (gate_row(count=0), "gates[0].count", "out_of_range"),
        (gate_row(count=True), "gates[0].count", "wrong_type"),
        (gate_row(count=2.0), "gates[0].count", "wrong_type"),
        (gate_row(extra=1), "gates[0].extra", "unknown_field"),
        ({"gate": "boards.create"}, "gates[0].count", "missing"),
        ("boards.create", "gates[0]", "wrong_type"),
    ],
)
def test_a_row_that_cannot_be_counted_is_named(report, activity, row, path, code):
    answer = report("b1", row, gate_row())

    assert answer.status_code == 422
    assert [(error["path"], error["code"]) for error in answer.json["errors"]] == [(path, code)]
    assert activity().refused == 0


@pytest.mark.parametrize(
    ("body", "path", "code"),
    [
        ([], "", "wrong_type"),
        ({}, "batch", "missing"),
        ({"batch": "a b"}, "batch", "bad_value"),
        ({"batch": "b1", "more": 1}, "more", "unknown_field"),
        ({"batch": "b1", "gates": {}}, "gates", "wrong_type"),
        ({"batch": "b1", "gates": [gate_row()] * 1_001}, "gates", "out_of_range"),
        ({"batch": "b1", "levels": [level_row(used=-1)]}, "levels[0].used", "out_of_range"),
        ({"batch": "b1", "levels": [level_row(at="2027-01-01T00:00:00Z")]}, "levels[0].at", "out_of_range"),
    ],
)
def test_a_batch_that_is_none_is_refused(runtime_caller, body, path, code):
    answer = runtime_caller.post("/v1/reports", json=body)

    assert (answer.status_code, answer.json["code"]) == (422, "invalid_request")
    assert [(error["path"], error["code"]) for error in answer.json["errors"]] == [(path, code)]


def test_a_page_cannot_report(call_with, make_token):
    answer = call_with(make_token()).post("/v1/reports", json={"batch": "b1"})

    assert (answer.status_code, answer.json["code"]) == (403, "wrong_credentials")


def test_what_is_old_is_forgotten_in_bounded_steps(report, activity, app, clock, monkeypatch):
    monkeypatch.setattr(service, "_ROWS_AT_ONCE", 2)
    report("b1", *(gate_row(customer=f"c{number}") for number in range(5)), levels=[level_row()])
    clock.advance(timedelta(days=34))
    with app.app_context():
        assert service.forget_old_reports(clock.now()) == 0
    clock.advance(timedelta(days=3))

    with app.app_context():
        service.forget_old_reports(clock.now())
        left = [db.session.execute(db.select(db.func.count()).select_from(table)).scalar() for table in _tables()]

    assert left == [0, 0, 0, 0, 0]


def _tables():
    names = ("gate_hours", "gate_totals", "refused_accounts", "reported_levels", "report_batches")
    return [db.metadata.tables[name] for name in names]
