"""Bare writes: rolled back when they fail, done again when their connection broke, gone with their thread."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from liftgate_server.plumbing.db import db, hot_writes, reading
from liftgate_server.plumbing.hot_writes import Execute
from liftgate_server.usage.models import UsageEventRow

INSTANT = datetime(2026, 11, 22, 9, 0, 0, 5, tzinfo=UTC)
BEGIN = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "BEGIN"}


@pytest.fixture
def table(in_app) -> None:
    with db.engine.begin() as connection:
        connection.execute(text("CREATE TABLE written (a BIGINT PRIMARY KEY, b TEXT)"))


@pytest.fixture
def lines(table) -> Any:
    """Give what the table holds."""
    yield lambda: hot_writes().run(lambda execute: execute("SELECT a, b FROM written ORDER BY a", ()))
    with db.engine.begin() as connection:
        connection.execute(text("DROP TABLE written"))


def insert(execute: Execute, number: int, word: str = "a 100% ' word?") -> None:
    execute("INSERT INTO written (a, b) VALUES (?, ?)", (number, word))


def test_what_is_committed_is_there(lines):
    def work(execute: Execute) -> str:
        execute(BEGIN[hot_writes().dialect], ())
        insert(execute, 1)
        insert(execute, 2**53)
        execute("COMMIT", ())
        return "done"

    assert hot_writes().run(work) == "done"
    assert lines() == [(1, "a 100% ' word?"), (2**53, "a 100% ' word?")]


@pytest.mark.parametrize("failure", [ValueError, None])
def test_what_is_left_open_is_rolled_back(lines, failure):
    def work(execute: Execute) -> None:
        execute(BEGIN[hot_writes().dialect], ())
        insert(execute, 1)
        if failure is not None:
            raise failure

    if failure is None:
        hot_writes().run(work)
    else:
        with pytest.raises(failure):
            hot_writes().run(work)

    assert lines() == []


def test_values_are_stored_as_the_session_stores_them(in_app):
    statement = """
        INSERT INTO usage_events (environment_id, customer, key, refused, digest, properties, at, received_at,
            operation, feature, "user", quantity, base_quantity, uses)
        VALUES (7, 'acme', 'k', ?, ?, ?, ?, ?, 'record', 'exports', '', 1, 1, 1)"""
    hot_writes().run(lambda execute: execute(statement, (True, b"x" * 32, {"a": [1]}, INSTANT, INSTANT)))

    row = reading().scalars(select(UsageEventRow)).one()
    assert (row.refused, row.digest, row.properties, row.at) == (True, b"x" * 32, {"a": [1]}, INSTANT)


def test_threads_have_connections_of_their_own_and_lose_nothing(in_app, lines):
    def work(number: int) -> None:
        with in_app.app_context():
            hot_writes().run(lambda execute: insert(execute, number))

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(work, range(60)))

    assert len(lines()) == 60


def test_after_closing_the_next_write_opens_anew(lines):
    hot_writes().run(lambda execute: insert(execute, 1))
    hot_writes().close()
    hot_writes().run(lambda execute: insert(execute, 2))

    assert len(lines()) == 2


@pytest.mark.only_on("sqlite")
def test_a_write_gives_up_when_another_process_does_not_end_its_own(in_app, lines):
    hot_writes().run(lambda execute: execute("PRAGMA busy_timeout = 50", ()))

    with closing(sqlite3.connect(str(db.engine.url.database), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError, match="locked"):
            hot_writes().run(lambda execute: insert(execute, 1))
    assert lines() == []


def backend(execute: Execute) -> int:
    return int(execute("SELECT pg_backend_pid()", ())[0][0])


def end(pid: int) -> None:
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})


@pytest.mark.only_on("postgresql")
def test_a_write_whose_connection_breaks_is_done_again_once(lines):
    """The first time it took effect and its answer was lost; a key makes the second time a repetition."""
    tried: list[int] = []

    def work(execute: Execute) -> str:
        pid = backend(execute)
        tried.append(pid)
        execute("INSERT INTO written (a, b) VALUES (1, '') ON CONFLICT DO NOTHING", ())
        if len(tried) == 1:
            end(pid)
        return str(execute("SELECT count(*) FROM written", ())[0][0])

    assert hot_writes().run(work) == "1"
    assert len(set(tried)) == 2


@pytest.mark.only_on("postgresql")
def test_a_write_whose_connection_breaks_again_is_given_up(lines):
    tried: list[int] = []

    def work(execute: Execute) -> None:
        tried.append(backend(execute))
        end(tried[-1])
        execute("SELECT 1", ())

    with pytest.raises(OperationalError):
        hot_writes().run(work)
    assert len(tried) == 2
    assert lines() == []


@pytest.mark.only_on("postgresql")
def test_a_refused_statement_is_not_tried_again(lines):
    tried: list[int] = []

    def work(execute: Execute) -> None:
        tried.append(1)
        execute("SELECT 1 / 0", ())

    with pytest.raises(Exception, match="division by zero"):
        hot_writes().run(work)
    assert len(tried) == 1


@pytest.mark.only_on("postgresql")
def test_a_deadlock_ends_with_both_writes_done(in_app, lines):
    together = threading.Barrier(2)
    tried: list[int] = []

    def work(first: int, second: int) -> None:
        def lock_both(execute: Execute) -> None:
            tried.append(first)
            execute("BEGIN", ())
            execute("SELECT pg_advisory_xact_lock(?)", (first,))
            if tried.count(first) == 1:
                together.wait(30)
            execute("SELECT pg_advisory_xact_lock(?)", (second,))
            insert(execute, first)
            execute("COMMIT", ())

        with in_app.app_context():
            hot_writes().run(lock_both)

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(work, (1, 2), (2, 1)))

    assert [line[0] for line in lines()] == [1, 2]
    assert len(tried) == 3


@pytest.mark.only_on("postgresql")
def test_each_statement_sees_what_was_committed_before_it(in_app):
    assert hot_writes().run(lambda execute: execute("SHOW transaction_isolation", ())) == [("read committed",)]
