"""Transactions are whole or nothing, and instants keep their zone."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import text

from liftgate_server.access.models import EnvironmentRow
from liftgate_server.access.queries import all_environments
from liftgate_server.access.service import NewEnvironment, create_environment
from liftgate_server.plumbing.db import db, normalise_url, reading, transaction


def keys_of_environments() -> set[str]:
    return {environment.key for environment in all_environments()}


def test_a_transaction_that_fails_leaves_nothing_behind(in_app):
    with pytest.raises(ZeroDivisionError), transaction():  # noqa: PT012 - it must fail after the write
        create_environment(NewEnvironment("one"))
        raise ZeroDivisionError

    assert keys_of_environments() == set()


def test_a_joined_transaction_ends_with_the_outer_one(in_app):
    with pytest.raises(ZeroDivisionError), transaction():  # noqa: PT012 - it must fail after the write
        with transaction():
            create_environment(NewEnvironment("one"))
        raise ZeroDivisionError

    assert keys_of_environments() == set()


def test_a_joined_transaction_that_fails_undoes_only_its_own_part(in_app):
    with transaction():
        create_environment(NewEnvironment("one"))
        with pytest.raises(ZeroDivisionError), transaction():  # noqa: PT012 - it must fail after the write
            create_environment(NewEnvironment("two"))
            raise ZeroDivisionError

    assert keys_of_environments() == {"one"}


def test_a_read_before_a_write_does_not_make_it_fail(in_app, make_app):
    assert keys_of_environments() == set()
    with make_app().app_context():
        create_environment(NewEnvironment("from-elsewhere"))

    create_environment(NewEnvironment("from-here"))

    assert keys_of_environments() == {"from-elsewhere", "from-here"}


def test_rows_changed_outside_of_a_transaction_are_refused(in_app):
    row = EnvironmentRow(
        key="one",
        name="One",
        allowed_origins=[],
        self_confirm=False,
        default_language="en",
        version=1,
        created_at=datetime.now(UTC),
    )
    db.session.add(row)

    with pytest.raises(RuntimeError), transaction():
        pass


def test_concurrent_writers_queue_instead_of_failing(make_app):
    app = make_app()
    failures = []

    def create(name: str) -> None:
        try:
            with app.app_context():
                create_environment(NewEnvironment(name))
        except Exception as failure:  # noqa: BLE001 - a thread's failure must reach the test
            failures.append(failure)

    threads = [threading.Thread(target=create, args=(f"e{number}",)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    with app.app_context():
        assert len(keys_of_environments()) == 12


def test_a_writer_gets_a_second_connection_however_many_are_in_use(in_app):
    with ExitStack() as held, transaction():
        for _ in range(40):
            held.enter_context(db.engine.connect())

        with db.engine.connect() as second:
            assert second.scalar(text("SELECT 1")) == 1


@pytest.mark.only_on("sqlite")
def test_sqlite_is_durable_and_lets_readers_pass(in_app):
    pragmas = {
        name: reading().execute(text(f"PRAGMA {name}")).scalar_one()
        for name in ("journal_mode", "synchronous", "foreign_keys")
    }

    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_an_instant_comes_back_in_utc(in_app, clock):
    clock.set(datetime(2026, 11, 22, 11, 0, tzinfo=timezone(timedelta(hours=2))))

    made = create_environment(NewEnvironment("one"))
    db.session.rollback()

    assert made.created_at == all_environments()[0].created_at == datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    assert all_environments()[0].created_at.tzinfo is UTC


def test_an_instant_without_zone_is_not_stored(in_app, clock):
    clock._at = datetime(2026, 11, 22, 9, 0)

    with pytest.raises(Exception, match="time zone"):
        create_environment(NewEnvironment("one"))


@pytest.mark.parametrize("url", ["postgres://h/d", "postgresql://h/d", "postgresql+psycopg2://h/d"])
def test_every_spelling_of_postgresql_means_the_one_driver(url):
    assert normalise_url(url).drivername == "postgresql+psycopg"


@pytest.mark.parametrize("url", ["mysql://h/d", "nonsense", ""])
def test_other_databases_are_refused(url):
    with pytest.raises(ValueError, match=r"database URL|SQLite or PostgreSQL"):
        normalise_url(url)
