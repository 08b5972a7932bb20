"""A reader that does not read harms itself only."""

from __future__ import annotations

import pytest

from liftgate_server.plumbing.changes import ChangeKind, append_change
from liftgate_server.plumbing.db import transaction
from tests.server.stream.waiting import wait_until


@pytest.fixture
def change_a_lot(app, environment):
    """Append many changes with the longest keys in one transaction."""

    def change(times: int) -> None:
        with app.app_context(), transaction(environment.id):
            for number in range(times):
                key = f"{number:0128d}"
                append_change(environment.id, ChangeKind.CUSTOMER, key=key, version=1)

    return change


def open_silent(stream, key):
    """A reader whose kernel takes little and who never reads."""
    request = f"GET /v1/stream HTTP/1.1\r\nAuthorization: Bearer {key}\r\n\r\n"
    return stream.request(request, receive_bytes=2_048)


def test_a_reader_that_does_not_read_is_dropped_and_the_others_hear_on(open_stream, secret_key, change_a_lot):
    stream = open_stream(most_unread_bytes=100_000, changes_in_a_page=100)
    good = stream.listen(secret_key)
    known = good.next_event().data["latest"]
    silent = open_silent(stream, secret_key)
    wait_until(lambda: len(stream.connections()) == 2)

    heard: list[int] = []
    while len(stream.connections()) == 2:
        change_a_lot(500)
        heard += [change["number"] for _ in range(5) for change in good.next_event().data["changes"]]
        assert len(heard) < 50_000, "the silent reader was never dropped"

    assert heard == list(range(known + 1, known + len(heard) + 1))
    assert silent.socket.fileno() > 0


def test_a_dropped_reader_catches_up_by_number(open_stream, secret_key, change_a_lot):
    stream = open_stream(most_unread_bytes=100_000, changes_in_a_page=100)
    known = stream.listen(secret_key).next_event().data["latest"]
    change_a_lot(2_000)

    reader = stream.listen(secret_key, after=known)
    reader.next_event()
    heard: list[int] = []
    while len(heard) < 2_000:
        heard += [change["number"] for change in reader.next_event().data["changes"]]

    assert heard == list(range(known + 1, known + 2_001))


def test_a_reader_that_does_not_read_what_it_asked_for_is_given_up(open_stream, secret_key, change_a_lot):
    stream = open_stream(most_unread_bytes=50_000, changes_in_a_page=100, catch_up_within_seconds=0.5)
    change_a_lot(5_000)

    request = f"GET /v1/stream?after=1 HTTP/1.1\r\nAuthorization: Bearer {secret_key}\r\n\r\n"
    stream.request(request, receive_bytes=2_048)

    wait_until(lambda: len(stream.connections()) == 1)
    wait_until(lambda: len(stream.connections()) == 0)


def test_who_sends_no_request_is_not_waited_for(open_stream):
    stream = open_stream(head_within_seconds=0.1)

    half = stream.request("GET /v1/stream HTTP/1.1\r\n")

    assert half.read_to_the_end() == b""
