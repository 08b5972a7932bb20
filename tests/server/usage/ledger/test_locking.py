"""Who waits for whom on PostgreSQL. (On SQLite every writer waits for every other.)"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from flask import Flask
from sqlalchemy import text

from liftgate_server.customers.service import UpsertCustomer, mark_changed, upsert_customer
from liftgate_server.plumbing.changes import ChangeKind, append_change
from liftgate_server.plumbing.db import db, transaction
from liftgate_server.usage import ledger_postgresql
from liftgate_server.usage.facts import Proof, StaleTerms
from tests.server.usage.ledger.accounts import Account, allowance, window

pytestmark = pytest.mark.only_on("postgresql")

WAITING = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
ALLOWED = allowance(window(9))
Work = Callable[[], object]


@pytest.fixture
def counting(account: Account) -> Callable[..., AbstractContextManager[None]]:
    """Stand in the middle of a count: the locks are taken as the functions take them, and nothing is committed."""

    @contextmanager
    def hold(customer: str = "acme", *, alone: bool = False) -> Iterator[None]:
        with db.engine.connect() as connection:
            values = {"environment": account.environment_id, "customer": customer, "alone": alone}
            connection.execute(text("SELECT usage_lock_terms(:environment, :customer, :alone)"), values)
            yield

    return hold


@pytest.fixture
def has_to_wait(in_app: Flask, account: Account) -> Callable[[Work, AbstractContextManager[None]], bool]:
    """Say whether a work has to wait while something is held; it is done when this returns."""

    def tell(work: Work, held: AbstractContextManager[None]) -> bool:
        failures: list[BaseException] = []

        def run() -> None:
            try:
                with in_app.app_context():
                    work()
            except BaseException as failure:  # noqa: BLE001 - told to the test
                failures.append(failure)

        worker = threading.Thread(target=run)
        with held:
            worker.start()
            was_waiting = is_waiting(worker)
        worker.join(30)
        assert not worker.is_alive()
        if failures:
            raise failures[0]
        return was_waiting

    def is_waiting(worker: threading.Thread) -> bool:
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            while worker.is_alive():
                if connection.scalar(WAITING):
                    return True
                worker.join(0.01)
        return False

    return tell


def test_a_customer_does_not_change_while_it_is_counted_for(account, counting, has_to_wait):
    upsert_customer(account.environment_id, "acme", UpsertCustomer(name="Acme"))

    assert has_to_wait(lambda: mark_changed(account.environment_id, "acme"), counting())
    assert not has_to_wait(lambda: mark_changed(account.environment_id, "acme"), counting("other"))


def test_no_catalogue_is_published_while_somebody_counts(account, counting, has_to_wait):
    def publish() -> None:
        append_change(account.environment_id, ChangeKind.CATALOGUE, key="catalogue", version=2)

    assert has_to_wait(publish, counting())


def test_who_counts_waits_for_a_change_and_finds_that_it_was_made(account, has_to_wait):
    """The change is written and not yet committed: nobody can see it, and nobody counts by what was before."""
    upsert_customer(account.environment_id, "acme", UpsertCustomer(name="Acme"))
    version = account.version()

    @contextmanager
    def changing() -> Iterator[None]:
        with transaction(account.environment_id):
            mark_changed(account.environment_id, "acme")
            yield

    def consume() -> None:
        account.consume(1, ALLOWED, proof=Proof(0, None, version))

    with pytest.raises(StaleTerms):
        has_to_wait(consume, changing())
    assert account.used() == 0


def test_what_is_done_alone_waits_for_who_counts(account, counting, has_to_wait):
    account.consume(2, ALLOWED, key="k")

    assert has_to_wait(lambda: account.refund("k"), counting())


def test_those_who_count_do_not_wait_for_each_other(account, counting, has_to_wait):
    account.consume(2, ALLOWED)

    assert not has_to_wait(lambda: account.consume(1, ALLOWED), counting())


class Everything(set[int]):
    """Of a process that thinks it knows every counter."""

    def __contains__(self, _counters: object) -> bool:
        return True


@pytest.mark.parametrize("seen", [set(), Everything()])
def test_a_counter_is_made_alone(account, counting, has_to_wait, monkeypatch, seen):
    """Whoever shares the lock could be counting what the sum does not see."""
    monkeypatch.setattr(ledger_postgresql, "_seen", seen)
    account.consume(2, ALLOWED)

    assert has_to_wait(lambda: account.consume(1, allowance(window(9, (None, None)))), counting())
