"""Periodic work happens, and one that fails keeps no other waiting."""

from __future__ import annotations

import threading
from datetime import datetime

import pytest
from sqlalchemy.exc import OperationalError

from liftgate_server import jobs
from liftgate_server.jobs import DUE, FORGETTING, Jobs, do


def test_every_work_can_be_done_on_an_empty_database(app):
    do(app, DUE + FORGETTING)


@pytest.mark.parametrize(
    "failure", [OperationalError("UPDATE", {}, Exception("database is locked")), ValueError("a row nobody expected")]
)
def test_a_work_that_fails_keeps_no_other_waiting(app, clock, failure):
    done: list[datetime] = []

    def fail(_at: datetime) -> int:
        raise failure

    def succeed(at: datetime) -> int:
        done.append(at)
        return 1

    do(app, (fail, succeed))

    assert done == [clock.now()]


@pytest.fixture
def quick(monkeypatch):
    """Works that only say that they ran, without the pause between them."""
    ran = {"due": threading.Event(), "forgetting": threading.Event()}

    def work(name):
        def run(_at: datetime) -> int:
            ran[name].set()
            return 0

        return (run,)

    monkeypatch.setattr(jobs, "PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(jobs, "DUE", work("due"))
    monkeypatch.setattr(jobs, "FORGETTING", work("forgetting"))
    return ran


def test_the_thread_does_all_work_until_it_is_stopped(app, quick):
    running = Jobs(app)
    running.start()

    assert quick["due"].wait(10)
    assert quick["forgetting"].wait(10)
    running.stop()
    assert not running._thread.is_alive()
