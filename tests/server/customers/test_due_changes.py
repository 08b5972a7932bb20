"""The books are kept for everyone whose time has come, whatever is wrong with one account."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from liftgate_server.access.queries import Environment
from liftgate_server.customers import due_changes, service
from liftgate_server.customers.due_changes import apply_due_changes
from liftgate_server.customers.models import MrrChangeRow, PlanPhaseRow
from liftgate_server.customers.timeline import When
from liftgate_server.plumbing.clock import FixedClock
from liftgate_server.plumbing.db import db, transaction
from tests.server.customers.account import Account

MONTHS = timedelta(days=40)


@pytest.fixture
def leaving(publish: Callable[..., None], environment: Environment, clock: FixedClock) -> list[str]:
    """Three customers whose cancellations take effect one after the other, and then it is later."""
    publish()
    customers = ["first", "second", "third"]
    for customer in customers:
        service.upsert_customer(environment.id, customer, service.UpsertCustomer())
        Account(environment.id, customer).start("pro")
        Account(environment.id, customer).cancel(When.PERIOD_END)
        clock.advance(timedelta(hours=1))
    clock.advance(MONTHS)
    return customers


def churned() -> set[str]:
    db.session.rollback()
    return set(db.session.scalars(select(MrrChangeRow.customer).where(MrrChangeRow.kind == "churn")))


def break_account(environment: Environment, customer: str) -> None:
    with transaction(environment.id) as session:
        session.execute(update(PlanPhaseRow).where(PlanPhaseRow.customer == customer).values(status="nonsense"))


@pytest.mark.parametrize("limit", [1, 2, 500])
def test_a_broken_account_holds_up_nobody_behind_it(leaving, environment, clock, limit):
    break_account(environment, "first")

    done = [apply_due_changes(clock.now(), limit=limit) for _ in range(3)]

    assert churned() == {"second", "third"}
    assert sum(done) == 2


def test_a_database_that_went_away_ends_the_run(leaving, clock, monkeypatch):
    asked = []

    def gone(_session: object, _environment_id: int, customer: str) -> None:
        asked.append(customer)
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr(due_changes, "lock_customer", gone)

    with pytest.raises(OperationalError):
        apply_due_changes(clock.now())
    assert asked == ["first"]


def test_servers_at_once_book_each_change_once(leaving, make_app: Callable[..., Flask], clock):
    together = Barrier(4)

    def run(app: Flask, at: datetime) -> None:
        with app.app_context():
            together.wait(timeout=30)
            apply_due_changes(at)

    apps = [make_app() for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(run, app, clock.now()) for app in apps]:
            done.result()

    db.session.rollback()
    booked = db.session.scalars(select(MrrChangeRow.customer).where(MrrChangeRow.kind == "churn")).all()
    assert sorted(booked) == leaving
