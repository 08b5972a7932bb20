"""Uses that hosts report: counted into the day of the feature, by user and exactly once; nothing is used up by them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from liftgate_server.usage.history import days_of_use, top_users
from liftgate_server.usage.readings import DayOfUse, DaysWanted
from liftgate_server.usage.service import forget_old_reports
from tests.server.conftest import START

TODAY = date(2026, 11, 22)


def use_row(**changes: Any) -> dict[str, Any]:
    return {"customer": "acme", "user": "u1", "feature": "sso", "hour": "2026-11-22T09:00:00Z", "count": 1} | changes


@pytest.fixture
def tell(runtime_caller) -> Callable[..., Any]:
    """Send a batch of uses: `tell("b1", use_row())`."""
    return lambda batch, *rows: runtime_caller.post("/v1/reports", json={"batch": batch, "uses": list(rows)})


@pytest.fixture
def days(app, environment) -> Callable[..., list[DayOfUse]]:
    """Read the days of a feature, of everybody or of one user."""

    def read(user: str | None = None, feature: str = "sso") -> list[DayOfUse]:
        with app.app_context():
            wanted = DaysWanted(feature, date(2026, 10, 1), date(2026, 12, 1), user)
            return list(days_of_use(environment.id, "acme", wanted).items)

    return read


def test_a_use_is_counted_into_its_day(tell, days):
    assert tell("b1", use_row(count=3)).json == {"batch": "b1", "replayed": False}

    (day,) = days()
    assert (day.day, day.uses, day.units, day.users) == (TODAY, 3, 0, 1)


def test_hours_of_a_day_add_up_and_those_of_another_day_do_not(tell, days):
    tell("b1", use_row(hour="2026-11-22T00:00:00Z", count=2), use_row(hour="2026-11-22T09:00:00Z", count=3))
    tell("b2", use_row(hour="2026-11-21T23:00:00Z", count=4), use_row(hour="2026-11-22T01:00:00Z", count=6))

    assert [(day.day, day.uses) for day in days()] == [(TODAY - timedelta(days=1), 4), (TODAY, 11)]


def test_a_batch_that_is_sent_again_counts_once(tell, days):
    tell("b1", use_row(count=3))

    assert tell("b1", use_row(count=3)).json["replayed"]
    assert days()[0].uses == 3


def test_each_user_has_own_days(tell, days, app, environment):
    tell("b1", use_row(user="u1", count=2), use_row(user="u2", count=5), use_row(user=None, count=7))

    assert [days(user)[0].uses for user in ("u1", "u2", "")] == [2, 5, 7]
    with app.app_context():
        users = top_users(environment.id, "acme", DaysWanted("sso", TODAY, TODAY))
    assert [(user.user, user.uses) for user in users] == [("u2", 5), ("u1", 2)]


def test_the_user_may_be_left_out(tell, days):
    row = use_row()
    del row["user"]

    assert tell("b1", row).status_code == 200
    assert days("")[0].uses == 1


def test_the_last_use_is_within_its_hour_and_not_to_come(tell, days):
    tell("b1", use_row(hour="2026-11-22T08:00:00Z"))
    earlier = days()[0].last_at
    tell("b2", use_row(hour="2026-11-22T09:00:00Z"))
    tell("b3", use_row(hour="2026-11-22T07:00:00Z"))

    assert earlier == datetime(2026, 11, 22, 8, 59, 59, 999999, tzinfo=UTC)
    assert days()[0].last_at == START


def test_what_is_older_than_the_retention_is_passed_over(tell, days):
    old = (START - timedelta(days=36)).strftime("%Y-%m-%dT%H:00:00Z")

    assert tell("b1", use_row(hour=old)).status_code == 200
    assert days() == []


def test_uses_outlive_the_reports_that_brought_them(tell, days, app):
    tell("b1", use_row())
    with app.app_context():
        forget_old_reports(START + timedelta(days=400))

    assert days()[0].uses == 1


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({"count": 0}, "uses[0].count", "out_of_range"),
        ({"count": True}, "uses[0].count", "wrong_type"),
        ({"count": 1.0}, "uses[0].count", "wrong_type"),
        ({"count": -1}, "uses[0].count", "out_of_range"),
        ({"count": 2**53}, "uses[0].count", "out_of_range"),
        ({"feature": "SSO"}, "uses[0].feature", "bad_value"),
        ({"customer": ""}, "uses[0].customer", "bad_value"),
        ({"user": 7}, "uses[0].user", "wrong_type"),
        ({"hour": "2026-11-22T09:30:00Z"}, "uses[0].hour", "bad_value"),
        ({"hour": "2026-11-22T11:00:00Z"}, "uses[0].hour", "out_of_range"),
        ({"gate": "sso"}, "uses[0].gate", "unknown_field"),
    ],
)
def test_what_cannot_be_counted_is_refused_by_field(tell, days, change, path, code):
    answer = tell("b1", use_row(**change))

    assert answer.status_code == 422
    assert [(error["path"], error["code"]) for error in answer.json["errors"]] == [(path, code)]
    assert days() == []


def test_more_than_a_thousand_rows_are_refused(tell, days):
    answer = tell("b1", *[use_row()] * 1_001)

    assert (answer.status_code, answer.json["errors"][0]["path"]) == (422, "uses")
    assert days() == []
