"""The server counts the checks it answers itself, and writes them down like a report."""

from __future__ import annotations

import sys
import threading
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from liftgate.engine.wire import decode_decision
from liftgate_server.catalog import service as catalog
from liftgate_server.catalog.document import SourceDocument
from liftgate_server.usage import service, writing
from liftgate_server.usage import tallies as counting
from liftgate_server.usage.tallies import tallies
from liftgate_server.usage.writing import TallyWriter
from tests.server.conftest import ORIGIN

DOCUMENT = {
    "schema": 1,
    "languages": ["en"],
    "default_plan": "free",
    "features": {
        "boards": {"kind": "capacity", "name": {"en": "Boards"}},
        "sso": {"kind": "switch", "name": {"en": "Single sign-on"}},
    },
    "plans": {"free": {"name": {"en": "Free"}, "rank": 0, "entitlements": {"boards": 3}}},
    "gates": {"boards.create": {"requires": "boards"}, "sso.watch": {"requires": "sso", "mode": "observe"}},
}


@pytest.fixture
def check(app, environment, runtime_caller):
    """Check a gate through HTTP."""
    with app.app_context():
        catalog.publish(environment.id, SourceDocument(DOCUMENT))

    def post(gate: str, **fields):
        return runtime_caller.post("/v1/check", json={"customer": "acme", "gate": gate, **fields})

    return post


@pytest.fixture
def write(app):
    """Write down what was counted, as the thread does."""
    return TallyWriter(app).write


def test_checks_are_counted_by_outcome(check, write, activity):
    check("boards.create", used=1)
    check("boards.create", used=3)
    check("boards.create", used=3)
    check("sso.watch")
    write()

    boards, sso = activity(), activity("sso.watch")

    assert (boards.granted, boards.refused, dict(boards.reasons)) == (1, 2, {"limit_reached": 2})
    assert (sso.granted, sso.observed, dict(sso.reasons)) == (0, 1, {"not_included": 1})


def test_a_page_that_asks_counts_too(check, write, activity, call_with, make_token):
    call_with(make_token(), Origin=ORIGIN).post("/v1/client/check", json={"gate": "boards.create", "used": 3})
    write()

    assert activity().refused == 1


def test_what_was_written_is_not_written_again(check, write, activity):
    check("boards.create")
    write()
    write()

    assert activity().granted == 1


def test_made_up_gates_and_other_instants_are_not_counted(check, write, activity, manager):
    check("made.up")
    check("no gate can be called that")
    body = {"customer": "acme", "gate": "boards.create", "at": "2026-11-22T09:00:00Z"}
    manager.post("/v1/check", json=body)
    write()

    assert activity("made.up").refused == 0
    assert activity().granted == 0


def test_counts_wait_while_the_database_cannot_be_written_and_keep_their_batch(check, write, activity, monkeypatch):
    batches = []

    def fail(_environment_id, report):
        batches.append(report.batch)
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    check("boards.create")
    with monkeypatch.context() as patch:
        patch.setattr(counting, "take_report", fail)
        write()
        write()
    assert activity().granted == 0
    assert len(set(batches)) == 1

    write()
    assert activity().granted == 1


def test_a_write_whose_confirmation_was_lost_counts_once(check, write, activity, monkeypatch):
    taken = service.take_report

    def lose_the_reply(environment_id, report):
        taken(environment_id, report)
        raise OperationalError("COMMIT", {}, Exception("server closed the connection"))

    check("boards.create")
    with monkeypatch.context() as patch:
        patch.setattr(counting, "take_report", lose_the_reply)
        write()
    write()

    assert activity().granted == 1


def test_memory_is_bounded_and_what_is_dropped_is_told(check, app, write, activity, runtime_caller, monkeypatch):
    monkeypatch.setattr(counting, "_MOST_TALLIES", 2)
    monkeypatch.setattr(counting, "_ROWS_PER_REPORT", 1)
    before = dropped(runtime_caller)
    for customer in ("one", "two", "three", "one"):
        check("boards.create", customer=customer)
    write()

    assert activity().granted == 3
    assert dropped(runtime_caller) == before + 1


def dropped(caller) -> float:
    lines = caller.get("/metrics").text.splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith("liftgate_reports_dropped_total")))


@pytest.fixture
def restless():
    """Threads that take turns as often as Python lets them."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("restless")
def test_threads_that_count_at_once_lose_nothing(app, environment, check, write, activity):
    with app.app_context():
        counted = tallies()
    decision = decision_of(check)

    def count() -> None:
        for _ in range(2_000):
            counted.count(environment.id, "acme", decision)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    write()

    assert activity().refused == 8_000


def decision_of(check):
    return decode_decision(check("boards.create", used=3, units=0).json["decision"] | {"granted": False})


def test_the_thread_writes_by_itself_and_what_is_left_when_it_is_stopped(app, check, activity, clock, monkeypatch):
    monkeypatch.setattr(writing, "PAUSE_SECONDS", 0.01)
    written = threading.Event()
    taken = service.take_report

    def take(environment_id, report):
        taken(environment_id, report)
        written.set()

    monkeypatch.setattr(counting, "take_report", take)
    writer = TallyWriter(app)
    writer.start()
    check("boards.create")
    assert written.wait(10)
    monkeypatch.setattr(writing, "PAUSE_SECONDS", 60)
    clock.advance(timedelta(hours=1))
    check("boards.create")
    writer.stop()

    assert activity().granted == 2
    assert not writer._thread.is_alive()
