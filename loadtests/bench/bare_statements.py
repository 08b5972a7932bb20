"""The floor of what counts: the product's own statements, caught once and then sent bare, without the product.

Caught from one real call, they are the very same; sent by threads with a connection each, as many as the server has.
"""

from __future__ import annotations

import json
import pickle
import secrets
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from flask import Flask
from sqlalchemy import make_url

from liftgate_server.plumbing.hot_writes import Execute, HotWrites, Work
from loadtests.bench.usage_site import HOT, THREADS, WORKERS, UsageSite

Statement = tuple[str, Sequence[Any]]

_EXTENSION = "liftgate.hot_writes"
_KEY = "the-key-that-is-caught"


@dataclass(frozen=True, slots=True)
class Task:
    """What a process of bare statements is told; ``key``, ``customer`` and ``at`` stand where each call has its own."""

    target: str
    statements: Sequence[Statement]
    key: str
    customer: str
    at: datetime
    customers: Sequence[str]
    processes: int = 1
    threads: int = THREADS
    seconds: float = 1.0
    prefix: str = ""


class _Caught(HotWrites):
    """Writes as the product does, and keeps a note of each statement."""

    def __init__(self, real: HotWrites) -> None:
        self._real = real
        self.dialect = real.dialect  # type: ignore[misc]  # the class says it for good, and we stand for either of two
        self.statements: list[Statement] = []

    def run(self, work: Work[Any]) -> Any:
        def note(execute: Execute) -> Any:
            def carry_out(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
                self.statements.append((statement, tuple(values)))
                return execute(statement, values)

            return work(carry_out)

        return self._real.run(note)

    def close(self) -> None:
        self._real.close()


def catch_consume(site: UsageSite) -> Task:
    """Consume twice in this process, so that counters are there, and catch what the second time sends."""
    call = site.consume([HOT])

    def consume(key: str) -> None:
        headers = {**site.headers, "Idempotency-Key": key}
        answer = site.app.test_client().post(call.path, headers=headers, data=call.turns[0])
        assert answer.status_code == 200, answer.text  # noqa: PLR2004 - the one status
        assert answer.get_json()["granted"], answer.text

    consume("the-first-key")
    asked_at = datetime.now(UTC)
    statements = _catch(site.app, lambda: consume(_KEY))
    sent = _as_sent(site, statements)
    # Everything a consume writes down happened at the instant at which it was asked for.
    at = next(
        value for _, values in statements for value in values if isinstance(value, datetime) and value >= asked_at
    )
    return Task(database_target(site), sent, _KEY, HOT, at, (), processes=WORKERS[site.kind])


def _catch(app: Flask, act: Callable[[], None]) -> list[Statement]:
    real = app.extensions[_EXTENSION]
    caught = _Caught(real)
    app.extensions[_EXTENSION] = caught
    try:
        act()
    finally:
        app.extensions[_EXTENSION] = real
    return caught.statements


def database_target(site: UsageSite) -> str:
    """Say where a bare driver finds the database: an address, or the path of a file."""
    url = make_url(site.database_url)
    if site.kind == "sqlite":
        return str(url.database)
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _as_sent(site: UsageSite, statements: Sequence[Statement]) -> list[Statement]:
    """Write the statements as the driver takes them, once and for all: what is left to do is to send them."""
    if site.kind == "sqlite":
        return [(text, tuple(_stored(value) for value in values)) for text, values in statements]
    return [
        (text.replace("%", "%%").replace("?", "%s"), tuple(_sent(value) for value in values))
        for text, values in statements
    ]


def _stored(value: Any) -> Any:
    if isinstance(value, datetime):
        return stored_instant(value)
    return value.isoformat() if isinstance(value, date) else _sent(value)


def stored_instant(moment: datetime) -> str:
    """Write an instant as the product stores it in SQLite."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _sent(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict) else value


def drive_bare(task: Task, customers: Sequence[str], seconds: float) -> float:
    """Send the statements from as many processes and threads as the server has; give how often in a second."""
    told = replace(task, customers=customers, seconds=seconds)
    command = [sys.executable, "-m", "loadtests.bench.bare_driver"]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(task.processes)
    ]
    try:
        for number, process in enumerate(processes):
            share = replace(told, prefix=f"{secrets.token_hex(6)}-{number}")
            assert process.stdin is not None
            process.stdin.write(pickle.dumps(share))
            process.stdin.close()
        return sum(float(process.stdout.read()) for process in processes if process.stdout is not None)
    finally:
        for process in processes:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
