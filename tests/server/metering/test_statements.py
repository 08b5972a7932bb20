"""How often the database is asked. A consume by a known key of a known customer is one round trip and no more."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import event

from liftgate_server.plumbing.db import db


@dataclass
class Asked:
    """What the database was asked: by sessions, by bare reads, and by bare writes, each of which is a transaction."""

    by_sessions: list[str] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)
    writes: int = 0
    written: list[str] = field(default_factory=list)

    def forget(self) -> None:
        self.by_sessions.clear()
        self.reads.clear()
        self.written.clear()
        self.writes = 0


@pytest.fixture
def asked(app, monkeypatch) -> Asked:
    noted = Asked()
    reads, writes = (type(app.extensions[f"liftgate.hot_{kind}"]) for kind in ("reads", "writes"))
    read, run = reads._read, writes.run

    def noting_read(self: Any, statement: str, *args: Any) -> Any:
        noted.reads.append(statement)
        return read(self, statement, *args)

    def noting_run(self: Any, work: Any) -> Any:
        noted.writes += 1

        def noting_work(execute: Any) -> Any:
            def noting_execute(statement: str, values: Any) -> Any:
                noted.written.append(statement)
                return execute(statement, values)

            return work(noting_execute)

        return run(self, noting_work)

    monkeypatch.setattr(reads, "_read", noting_read)
    monkeypatch.setattr(writes, "run", noting_run)
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *args: noted.by_sessions.append(args[2]))
    return noted


@pytest.mark.parametrize("call", ["consume", "reserve", "level"])
def test_counting_is_one_write_and_nothing_else(meters, asked, call, stack_kind):
    body = {"feature": "boards", "by": 1} if call == "level" else {"gate": "exports"}
    meters(call, **body)
    asked.forget()

    assert meters(call, **body).json["granted"]

    assert (asked.by_sessions, asked.reads, asked.writes) == ([], [], 1)
    if stack_kind == "postgresql" and call != "level":
        assert len(asked.written) == 1


def test_a_refusal_by_a_limit_asks_no_more_than_a_use(meters, asked):
    meters.consume(quantity=5)
    asked.forget()

    assert not meters.consume()["granted"]

    assert (asked.by_sessions, asked.reads, asked.writes) == ([], [], 1)


def test_a_batch_of_known_customers_reads_nothing(meters, asked):
    meters.record({"key": "a", "customer": "acme", "feature": "exports"})
    asked.forget()

    meters.record(*({"key": f"b{number}", "customer": "acme", "feature": "minutes_saved"} for number in range(100)))

    assert (asked.by_sessions, asked.reads) == ([], [])


def test_a_check_reads_the_marks_and_the_counters_and_nothing_else(meters, asked):
    meters.used()
    asked.forget()

    meters.used()

    assert (asked.by_sessions, len(asked.reads), asked.writes) == ([], 2, 0)
    assert "usage_counters" in asked.reads[1]


def test_the_first_check_adds_up_no_entries_of_a_window_that_has_a_counter(meters, asked):
    meters.consume()
    asked.forget()

    assert meters.used() == 1

    assert not [read for read in asked.reads if "usage_events" in read]


def test_a_batch_of_checks_reads_all_counters_at_once(runtime_caller, asked):
    everything = {"customer": "acme", "user": "u1"}
    runtime_caller.post("/v1/check/batch", json=everything)
    asked.forget()

    assert len(runtime_caller.post("/v1/check/batch", json=everything).json["decisions"]) == 13

    assert (asked.by_sessions, len(asked.reads)) == ([], 2)


@pytest.mark.parametrize("gate", ["login", "sso", "depth"])
def test_where_nothing_is_counted_no_counter_is_read(runtime_caller, asked, gate):
    check = {"customer": "acme", "gate": gate}
    runtime_caller.post("/v1/check", json=check)
    asked.forget()

    runtime_caller.post("/v1/check", json=check)

    assert (asked.by_sessions, len(asked.reads)) == ([], 1)


def test_a_known_state_is_confirmed_without_a_look_at_the_counters(runtime_caller, asked):
    tag = runtime_caller.get("/v1/customers/acme/state").headers["ETag"]
    asked.forget()

    assert runtime_caller.get("/v1/customers/acme/state", headers={"If-None-Match": tag}).status_code == 304

    assert (asked.by_sessions, len(asked.reads)) == ([], 1)
