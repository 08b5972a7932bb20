"""What the pages read: activity by gate, and who was refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event

from liftgate_server.plumbing.db import db
from liftgate_server.usage import queries
from liftgate_server.usage.facts import Outcome
from tests.server.conftest import START
from tests.server.usage.conftest import gate_row


@pytest.fixture
def refused(app, environment):
    """List the accounts that a gate refused, or would have."""

    def read(outcome: Outcome = Outcome.REFUSED, *, since=START, **page):
        with app.app_context():
            return queries.refused_accounts(environment.id, "boards.create", since=since, outcome=outcome, **page)

    return read


def test_activity_adds_up_by_outcome_and_reason(report, activity):
    report(
        "b1",
        gate_row(outcome="granted", reason="entitled", count=10),
        gate_row(count=3),
        gate_row(customer="zeta", outcome="observed", reason="not_included", count=2),
    )

    found = activity()

    assert (found.granted, found.refused, found.observed) == (10, 3, 2)
    assert (found.accounts, dict(found.reasons)) == (2, {"limit_reached": 3, "not_included": 2})
    assert found.last_at == START


def test_activity_before_the_hour_asked_for_is_left_out(report, activity):
    report("b1", gate_row(hour="2026-11-22T07:00:00Z", count=3), gate_row(hour="2026-11-22T08:00:00Z", count=2))

    assert activity(since=START - timedelta(minutes=30)).refused == 2
    assert activity(since=START - timedelta(hours=2)).refused == 5


def test_an_account_that_met_a_gate_in_both_modes_is_one_account(report, activity):
    report("b1", gate_row(), gate_row(outcome="observed"))

    assert activity().accounts == 1


def test_accounts_are_counted_only_so_far(report, activity, monkeypatch):
    monkeypatch.setattr(queries, "MOST_ACCOUNTS_COUNTED", 3)
    report("b1", *(gate_row(customer=f"c{number}") for number in range(5)))

    assert activity().accounts == 3


def test_who_was_refused_comes_with_count_and_reason_the_latest_first(report, refused, clock):
    report("b1", gate_row(customer="first", count=4), gate_row(customer="first", reason="not_included"))
    clock.advance(timedelta(minutes=5))
    report("b2", gate_row(customer="second"), gate_row(customer="granted", outcome="granted"))

    assert [(it.customer, it.count, it.reason) for it in refused().items] == [
        ("second", 1, "limit_reached"),
        ("first", 5, "limit_reached"),
    ]


def test_refused_and_observed_are_listed_apart(report, refused):
    report("b1", gate_row(customer="refused"), gate_row(customer="observed", outcome="observed"))

    assert [it.customer for it in refused().items] == ["refused"]
    assert [it.customer for it in refused(Outcome.OBSERVED).items] == ["observed"]


def test_a_long_list_of_accounts_is_paged(report, refused):
    report("b1", *(gate_row(customer=f"c{number}") for number in range(5)))

    first = refused(limit=3)
    second = refused(limit=3, cursor=first.next_cursor)

    assert sorted(it.customer for page in (first, second) for it in page.items) == ["c0", "c1", "c2", "c3", "c4"]
    assert second.next_cursor is None


def test_a_later_hour_that_comes_first_keeps_the_later_instant(report, activity, clock):
    clock.advance(timedelta(minutes=10))
    report("b1", gate_row())
    report("b2", gate_row(hour="2026-11-22T08:00:00Z"))

    assert activity(since=START - timedelta(hours=2)).last_at == clock.now()


def test_activity_takes_two_statements_however_many_customers_there_are(report, app, environment):
    report("b1", *(gate_row(customer=f"c{number}", gate=f"gate{number % 30}") for number in range(500)))
    statements = []

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
        assert len(queries.gate_activity(environment.id, since=START)) == 30

    asked = [statement.split()[0] for statement in statements if not statement.startswith("BEGIN")]
    assert asked == ["SELECT", "SELECT"]


def test_a_customer_is_told_with_the_gates_that_refused_it(app, environment, report):
    report(
        "b1",
        gate_row(count=2),
        gate_row(hour="2026-11-22T08:00:00Z", count=3),
        gate_row(outcome="granted", reason="entitled"),
        gate_row(gate="login.sso", outcome="observed", reason="not_included"),
        gate_row(hour="2026-11-14T09:00:00Z", gate="long.ago"),
        gate_row(customer="zeta", gate="of.another"),
    )

    with app.app_context():
        met = queries.gates_met(environment.id, "acme", since=START - timedelta(days=7))

    assert {(it.gate, it.outcome, it.reason, it.count) for it in met} == {
        ("boards.create", Outcome.REFUSED, "limit_reached", 5),
        ("login.sso", Outcome.OBSERVED, "not_included", 1),
    }
