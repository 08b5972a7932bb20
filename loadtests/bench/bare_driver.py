"""One process of the floor `bare_statements`: threads that send the same statements over and over, and nothing else.

It reads its task from standard input and prints how many times a second all threads together went through them.
"""

from __future__ import annotations

import pickle
import sqlite3
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from time import perf_counter
from typing import Any, Protocol

import psycopg
from psycopg.types.numeric import Int8

from loadtests.bench.bare_statements import Statement, Task, stored_instant

Own = dict[str | datetime, str | datetime]
"""What stands in the place of what was caught."""

_OWN = (str, datetime)
_BUSY_SECONDS = 30


class Connection(Protocol):
    """What both drivers have."""

    def execute(self, statement: Any, values: Any) -> Any:
        """Carry out one statement."""


def drive(task: Task) -> float:
    """Send until time is up; all threads begin together, connected."""
    beginning = threading.Barrier(task.threads + 1)
    done = [0] * task.threads
    turn = threading.Lock()
    threads = [
        threading.Thread(target=_send, args=(task, number, beginning, turn, done)) for number in range(task.threads)
    ]
    for thread in threads:
        thread.start()
    beginning.wait()
    began = perf_counter()
    for thread in threads:
        thread.join()
    return sum(done) / (perf_counter() - began)


def _send(task: Task, number: int, beginning: threading.Barrier, turn: threading.Lock, done: list[int]) -> None:
    is_file = not task.target.startswith("postgresql://")
    connection: Connection = _open_file(task.target) if is_file else _connect(task.target)
    statements = (
        task.statements if is_file else [(text, tuple(map(_sized, values))) for text, values in task.statements]
    )
    carry_out = _in_turn(turn) if is_file else _at_once
    written = stored_instant if is_file else _as_it_is
    at = written(task.at)
    beginning.wait()
    until = perf_counter() + task.seconds
    while perf_counter() < until:
        customer = task.customers[(done[number] * task.threads + number) % len(task.customers)]
        own = {
            task.key: f"{task.prefix}-{number}-{done[number]}",
            task.customer: customer,
            at: written(datetime.now(UTC)),
        }
        carry_out(connection, statements, own)
        done[number] += 1


def _at_once(connection: Connection, statements: Sequence[Statement], own: Own) -> None:
    for text, values in statements:
        cursor = connection.execute(text, [own.get(value, value) if type(value) in _OWN else value for value in values])
        if cursor.description is not None:
            cursor.fetchall()


def _in_turn(turn: threading.Lock) -> Callable[[Connection, Sequence[Statement], Own], None]:
    """Let the threads of this process wait for each other: SQLite would have them sleep and look again."""

    def carry_out(connection: Connection, statements: Sequence[Statement], own: Own) -> None:
        with turn:
            _at_once(connection, statements, own)

    return carry_out


def _connect(target: str) -> psycopg.Connection[Any]:
    options = r"-c default_transaction_isolation=read\ committed -c TimeZone=UTC"
    return psycopg.connect(target, autocommit=True, prepare_threshold=0, options=options)


def _open_file(target: str) -> sqlite3.Connection:
    connection = sqlite3.connect(target, timeout=_BUSY_SECONDS, isolation_level=None, cached_statements=256)
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _as_it_is(moment: datetime) -> datetime:
    return moment


def _sized(value: Any) -> Any:
    # One type for whole numbers of any size, so that one plan serves them all.
    return Int8(value) if type(value) is int else value


if __name__ == "__main__":
    print(drive(pickle.load(sys.stdin.buffer)))  # noqa: S301 - from the process that started this one
