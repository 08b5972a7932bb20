"""PostgreSQL stops, goes and comes back: requests wait no longer than they should and nobody has to help."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from liftgate_server.access.service import NewEnvironment, create_environment
from liftgate_server.app import create_app
from liftgate_server.customers.service import UpsertCustomer, upsert_customer
from liftgate_server.plumbing import postgresql
from liftgate_server.plumbing.changes import latest_marks
from liftgate_server.plumbing.config import Config
from liftgate_server.plumbing.db import chosen_among_servers, db, detach_database, hot_row, reading, transaction
from liftgate_server.plumbing.devstack import Devstack
from liftgate_server.plumbing.migrating import current_revision, upgrade_database, wanted_revision
from tests.databases import PostgresqlDatabases, make_config

pytestmark = pytest.mark.only_on("postgresql")


@pytest.fixture(scope="module")
def own_stack() -> Iterator[Devstack]:
    """Servers that only these tests disturb."""
    with Devstack() as stack:
        yield stack


@pytest.fixture(scope="module")
def own_databases(own_stack: Devstack) -> PostgresqlDatabases:
    return PostgresqlDatabases(own_stack)


@pytest.fixture
def config(tmp_path: Path, own_databases: PostgresqlDatabases) -> Config:
    return make_config(tmp_path, database_url=own_databases.lend_upgraded(tmp_path))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "ANSWER_SECONDS", 0.3)


@contextmanager
def away(stack: Devstack) -> Iterator[None]:
    stack.postgresql.stop()
    try:
        yield
    finally:
        stack.postgresql.start()


@contextmanager
def stopped(*backends: int) -> Iterator[None]:
    for backend in backends:
        os.kill(backend, signal.SIGSTOP)
    try:
        yield
    finally:
        for backend in backends:
            os.kill(backend, signal.SIGCONT)


def test_a_server_that_is_away_is_503_until_it_is_back(runtime_caller, own_stack):
    paths = ("/v1/customers/acme/state", "/v1/changes?after=0", "/v1/snapshot")
    before = [runtime_caller.get(path).status_code for path in paths]

    with away(own_stack):
        answers = [runtime_caller.get(path) for path in paths]
    after = [runtime_caller.get(path).status_code for path in paths]

    assert {(answer.status_code, answer.json["code"]) for answer in answers} == {(503, "database_unavailable")}
    assert after == before


def test_a_write_works_again_after_a_restart(runtime_caller, own_stack):
    runtime_caller.put("/v1/customers/acme", json={})
    with away(own_stack):
        refused = runtime_caller.put("/v1/customers/acme", json={"name": "Acme"})

    accepted = runtime_caller.put("/v1/customers/acme", json={"name": "Acme"})

    assert (refused.status_code, accepted.status_code) == (503, 200)
    assert accepted.json["version"] == 2


def test_a_backend_that_stopped_holds_no_read_up_for_ever(in_app, impatient):
    backend = reading().scalar(text("SELECT pg_backend_pid()"))

    with stopped(backend), pytest.raises(OperationalError, match="did not answer within"):
        reading().execute(text("SELECT 1"))

    db.session.rollback()
    assert reading().scalar(text("SELECT 1")) == 1


def test_a_backend_that_stopped_holds_no_hot_read_up_for_ever(in_app, impatient):
    row = hot_row("SELECT pg_backend_pid()")
    assert row is not None

    with stopped(row[0]):
        again = hot_row("SELECT pg_backend_pid()")

    assert again is not None
    assert again != row


def test_a_writer_that_stopped_does_not_stop_the_others_for_ever(make_app, environment, monkeypatch):
    monkeypatch.setattr(postgresql, "_SESSION", {**postgresql._SESSION, "lock_timeout": "200ms"})
    holder, waiter = make_app(), make_app()
    with holder.app_context(), transaction(environment.id), ThreadPoolExecutor(1) as threads:
        failure = threads.submit(_upsert, waiter, environment.id).exception(30)

    assert isinstance(failure, OperationalError)
    assert _upsert(waiter, environment.id) == 1


def _upsert(app: Flask, environment_id: int) -> int:
    with app.app_context():
        return upsert_customer(environment_id, "acme", UpsertCustomer()).version


def test_a_reader_sees_one_moment(make_app, environment):
    reader, writer = make_app(), make_app()
    with reader.app_context():
        before = reading().scalar(text("SELECT count(*) FROM customers"))
        _upsert(writer, environment.id)

        assert reading().scalar(text("SELECT count(*) FROM customers")) == before
        assert latest_marks(environment.id).number > 1


def test_a_hot_read_cannot_write(in_app):
    with pytest.raises(Exception, match="read-only transaction"):
        hot_row("DELETE FROM environments RETURNING id")


def test_every_text_is_compared_by_bytes(in_app):
    assert list(db.session.execute(postgresql._SORTED_BY_LANGUAGE)) == []


def test_the_databases_of_tests_sort_by_language_where_the_build_can(in_app):
    """Else the orders that other tests look at would be those of bytes by accident."""
    can = reading().scalar(text("SELECT count(*) FROM pg_collation WHERE collname = 'en-US-x-icu'"))
    words = reading().scalars(text("SELECT word FROM (VALUES ('a'), ('B')) AS made (word) ORDER BY word")).all()

    assert words == (["a", "B"] if can else ["B", "a"])


def test_servers_that_start_together_migrate_once(own_databases, tmp_path):
    url = own_databases.lend_empty(tmp_path)
    together = threading.Barrier(3)

    def start(name: str) -> str | None:
        # Folders of their own, as on machines of their own: the lock of the file system does not help here.
        folder = tmp_path / name
        folder.mkdir()
        app = create_app(make_config(folder, database_url=url))
        with app.app_context():
            together.wait(30)
            upgrade_database(lock_directory=folder)
            revision = current_revision()
        detach_database(app)
        return revision

    with ThreadPoolExecutor(3) as threads:
        revisions = list(threads.map(start, ("one", "two", "three")))

    assert revisions == [wanted_revision()] * 3


def test_one_server_of_several_is_chosen_for_the_periodic_work(make_app: Callable[..., Flask]):
    first, second = make_app(), make_app()
    with first.app_context(), chosen_among_servers() as is_first:
        is_second = _is_chosen(second)

    assert (is_first, is_second) == (True, False)
    # The lock goes with its connection, and the database takes a moment to notice that one has gone.
    deadline = time.monotonic() + 20
    while not _is_chosen(second):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _is_chosen(app: Flask) -> bool:
    with app.app_context(), chosen_among_servers() as is_chosen:
        return is_chosen


def test_environments_are_numbered_by_the_database(in_app):
    made = [create_environment(NewEnvironment(key)).id for key in ("one", "two")]

    assert made == [1, 2]
