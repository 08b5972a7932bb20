"""What the stream needs may fail: readers stay connected and hear later what they would have heard."""

from __future__ import annotations

import asyncio
import threading

import pytest
from sqlalchemy.exc import OperationalError

from liftgate_server.stream import queries
from liftgate_server.stream.server import Stream
from tests.server.stream.waiting import wait_until


@pytest.fixture
def database_away(monkeypatch):
    """Let every read of the tail fail while the event is set; `failed` counts them."""

    class Away:
        def __init__(self) -> None:
            self.is_away = threading.Event()
            self.failed = 0

        def marks_of(self, environment_ids):
            if self.is_away.is_set():
                self.failed += 1
                raise OperationalError("SELECT", {}, ConnectionError("the database went away"))
            return queries.marks_of(environment_ids)

    away = Away()
    monkeypatch.setattr("liftgate_server.stream.tail.marks_of", away.marks_of)
    return away


def test_readers_outlast_a_database_that_goes_away(open_stream, environment, secret_key, change, database_away):
    stream = open_stream(heartbeat_seconds=0.1)
    reader = stream.listen(secret_key)
    known = reader.next_event().data["latest"]
    stream.audience_of(environment.id)

    database_away.is_away.set()
    change("acme")
    wait_until(lambda: database_away.failed >= 2)
    heard_meanwhile = reader.next_block()
    database_away.is_away.clear()

    assert heard_meanwhile == ": "
    assert reader.next_event().id == known + 1


def test_a_database_that_fails_is_not_asked_ever_more_often(open_stream, environment, secret_key, database_away):
    stream = open_stream()
    stream.listen(secret_key).next_event()
    stream.audience_of(environment.id)

    database_away.is_away.set()
    wait_until(lambda: database_away.failed >= 3)
    before = database_away.failed
    for _ in range(100):
        stream.on_loop(nudge(stream.stream))

    assert database_away.failed - before < 10


async def nudge(stream: Stream) -> None:
    stream.tail.nudge()
    await asyncio.sleep(0.01)  # long enough for another look


def test_a_reader_that_comes_while_the_database_is_away_is_asked_to_come_back(stream, secret_key, monkeypatch):
    def fail(_credential):
        raise OperationalError("SELECT", {}, ConnectionError("the database went away"))

    monkeypatch.setattr("liftgate_server.stream.reception.admit", fail)
    refused = stream.listen(secret_key)

    assert (refused.status, refused.problem()["code"]) == (503, "database_unavailable")
    assert int(refused.headers["Retry-After"]) > 0


def test_a_database_that_hangs_does_not_keep_a_reader_waiting(open_stream, secret_key, monkeypatch):
    released = threading.Event()
    monkeypatch.setattr("liftgate_server.stream.reception.admit", lambda _credential: released.wait(20))
    stream = open_stream(admit_within_seconds=0.1)

    refused = stream.listen(secret_key)
    released.set()

    assert (refused.status, refused.problem()["code"]) == (503, "database_unavailable")


def test_a_bug_at_the_door_is_answered(stream, secret_key, monkeypatch):
    monkeypatch.setattr("liftgate_server.stream.reception.admit", lambda _credential: None)

    broken = stream.listen(secret_key)

    assert (broken.status, broken.problem()["code"]) == (500, "internal_error")


def test_nothing_is_read_while_nobody_listens(stream, environment, secret_key, monkeypatch):
    asked: list[object] = []

    def marks_of(environment_ids):
        asked.append(environment_ids)
        return queries.marks_of(environment_ids)

    monkeypatch.setattr("liftgate_server.stream.tail.marks_of", marks_of)
    reader = stream.listen(secret_key)
    wait_until(lambda: len(asked) >= 2)
    reader.close()
    wait_until(lambda: not stream.connections())

    # The event loop has nothing under way any more: the tail waits for a reader, not for a time.
    assert asked[-1] == [environment.id]
    assert not stream.stream.hub.occupied.is_set()


def test_a_wakeup_is_heard_before_the_next_look(open_stream, app, environment, secret_key, change):
    woken: asyncio.Queue[None] = asyncio.Queue()

    async def wakeups():
        while True:
            await woken.get()
            yield

    stream = open_stream(poll_seconds=3_600, wakeups=wakeups)
    reader = stream.listen(secret_key)
    known = reader.next_event().data["latest"]
    stream.audience_of(environment.id)

    change("acme")
    stream.on_loop(woken.put(None))

    assert reader.next_event().id == known + 1
