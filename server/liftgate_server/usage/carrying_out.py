"""Carries out steps on a database, each statement as it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from liftgate_server.plumbing.hot_writes import Execute, HotWrites
from liftgate_server.usage.posting_statements import BEGIN, Rows, Statement, Steps

__all__ = ["carry_out"]

T = TypeVar("T")


def carry_out(writes: HotWrites, make_steps: Callable[[], Steps[T]]) -> T:
    """Carry out the steps; they are made anew where the work has to be done again."""
    begin = _begin_on_sqlite if writes.dialect == "sqlite" else _begin_on_postgresql

    def work(execute: Execute) -> T:
        steps = make_steps()
        try:
            statement = next(steps)
            while True:
                do = begin if statement.text == BEGIN else _do
                statement = steps.send(do(execute, statement))
        except StopIteration as end:
            outcome: T = end.value
            return outcome

    return writes.run(work)


def _do(execute: Execute, statement: Statement) -> Rows:
    return execute(statement.text, statement.values)


def _begin_on_sqlite(execute: Execute, _statement: Statement) -> Rows:
    # One writer at a time, so that nothing which is read here is changed by another one before this is committed.
    return execute("BEGIN IMMEDIATE", ())


def _begin_on_postgresql(execute: Execute, statement: Statement) -> Rows:
    execute("BEGIN", ())
    return execute("SELECT usage_lock_terms(?, ?, true)", statement.values)
