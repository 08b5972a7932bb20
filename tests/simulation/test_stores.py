"""The stores of the simulation keep transactions apart as the databases do."""

from __future__ import annotations

from typing import Any

from liftgate_server.usage.posting_statements import COMMIT, Statement, begin
from tests.simulation.sql_store import SqlStore
from tests.simulation.store import Begin, Change, Commit, Insert, Lock, Read, Store

RAISE = Statement("UPDATE customers SET version = version + 1")
VERSION = Statement("SELECT version FROM customers WHERE id = 'acme'")


def take(store: Any, session: Any, *steps: Any) -> Any:
    answer = None
    for step in steps:
        assert not store.is_blocked(session, step)
        answer = store.take(session, step)
    return answer


def test_a_statement_sees_what_was_committed_before_it_and_nothing_else():
    store = Store()
    one, other = store.connect("one"), store.connect("other")
    take(store, one, Begin(), Insert("rows", 1, {"n": 1}))

    assert take(store, other, Read("rows", 1)) is None
    take(store, one, Commit())
    assert take(store, other, Read("rows", 1)) == {"n": 1}


def test_a_row_that_another_writes_is_waited_for_and_read_anew():
    store = Store()
    one, other = store.connect("one"), store.connect("other")
    more = Change("rows", 1, lambda row: {"n": (row or {"n": 0})["n"] + 1})
    take(store, one, Begin(), more)

    assert store.is_blocked(other, more)
    take(store, one, Commit())
    assert take(store, other, more) == {"n": 2}


def test_an_insert_waits_for_one_of_the_same_key_and_then_changes_nothing():
    store = Store()
    one, other = store.connect("one"), store.connect("other")
    take(store, one, Begin(), Insert("rows", 1, {"n": 1}))

    assert store.is_blocked(other, Insert("rows", 1, {"n": 2}))
    take(store, one, Commit())
    assert take(store, other, Insert("rows", 1, {"n": 2})) is False
    assert store.rows("rows")[1] == {"n": 1}


def test_an_insert_of_a_known_key_waits_for_nobody():
    store = Store()
    one, other = store.connect("one"), store.connect("other")
    take(store, one, Insert("rows", 1, {"n": 1}), Begin(), Change("rows", 1, lambda row: row))

    assert take(store, other, Insert("rows", 1, {"n": 2})) is False


def test_what_dies_leaves_neither_rows_nor_locks():
    store = Store()
    one, other = store.connect("one"), store.connect("other")
    take(store, one, Begin(), Lock("acme", exclusive=True), Insert("rows", 1, {"n": 1}))
    assert store.is_blocked(other, Lock("acme"))

    store.abandon(one)

    assert not store.is_blocked(other, Lock("acme"))
    assert take(store, other, Read("rows", 1)) is None


def test_shared_locks_stand_beside_each_other():
    store = Store()
    one, other = store.connect("one"), store.connect("other")
    take(store, one, Begin(), Lock("acme"))

    take(store, other, Begin(), Lock("acme"))
    assert store.is_blocked(one, Lock("acme", exclusive=True))


def test_on_sqlite_one_writes_and_the_others_wait():
    store = SqlStore()
    one, other = store.connect("one"), store.connect("other")
    take(store, one, begin(1, "acme"), RAISE)

    assert store.is_blocked(other, begin(1, "acme"))
    take(store, one, COMMIT)
    assert take(store, other, begin(1, "acme"), VERSION) == [(2,)]
    assert store.commits == 1


def test_on_sqlite_what_was_not_committed_is_gone():
    store = SqlStore()
    one = store.connect("one")
    take(store, one, begin(1, "acme"), RAISE)

    store.abandon(one)

    assert take(store, store.connect("other"), VERSION) == [(1,)]
    assert store.commits == 0
