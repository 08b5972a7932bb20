"""The moment at which a reader that caught up joins the others: nothing is lost there, and nothing comes twice."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace
from typing import Any

import pytest

from liftgate_server.access.service import revoke_key
from liftgate_server.plumbing.changes import Change, ChangeKind, ChangePage, Marks
from liftgate_server.stream import queries
from liftgate_server.stream.admission import readmit
from liftgate_server.stream.events import Frames
from liftgate_server.stream.listener import Audience, Listener
from liftgate_server.stream.settings import StreamSettings
from liftgate_server.stream.tail import Tail
from tests.server.stream.waiting import PATIENCE_SECONDS, wait_until


def page_of(first: int, last: int) -> ChangePage:
    changes = (Change(number, ChangeKind.CUSTOMER, "acme", 1) for number in range(first, last + 1))
    return ChangePage(last, reset=False, changes=tuple(changes))


@pytest.mark.parametrize(("position", "heard"), [(4, [page_of(5, 7)]), (6, [page_of(7, 7)]), (7, []), (9, [])])
def test_a_reader_hears_only_what_it_does_not_know_of_a_page(position, heard):
    sent: list[bytes] = []

    def send(content: bytes) -> bool:
        sent.append(content)
        return True

    line: Any = SimpleNamespace(send=send)
    admission: Any = SimpleNamespace(environment_id=1, customer=None, principal=None, believed_until=None)
    nobody: Any = None
    threads: Any = SimpleNamespace(ask=None)
    audience = Audience(1, Marks(4, 0, 0))
    audience.add(Listener(line, nobody, admission, position))

    tail = Tail(nobody, threads, nobody, StreamSettings())
    asyncio.run(tail._send(audience, 4, page_of(5, 7)))

    assert sent == [Frames(page).whole for page in heard]


def test_a_reader_that_the_others_have_overtaken_reads_on_before_it_joins(
    environment, stream, secret_key, change, monkeypatch
):
    other = stream.listen(secret_key)
    known = other.next_event().data["latest"]
    audience = stream.audience_of(environment.id)
    change("acme")

    def page_and_another(environment_id, number, limit):
        page = queries.page_after(environment_id, number, limit)
        if number == known:
            change("globex")
            wait_until(lambda: audience.number == known + 2)
        return page

    monkeypatch.setattr("liftgate_server.stream.catching_up.page_after", page_and_another)
    late = stream.listen(secret_key, after=known)
    late.next_event()

    assert [late.next_event().id for _ in range(2)] == [known + 1, known + 2]


def test_who_joins_while_the_others_are_looked_at_again_is_not_overlooked(
    app, environment, stream, make_key, monkeypatch
):
    known, revoked = make_key(), make_key()
    stream.listen(known).next_event()
    audience = stream.audience_of(environment.id)
    read, looked = threading.Event(), threading.Event()

    def page_after_the_look_began(*question):
        read.set()
        looked.wait(PATIENCE_SECONDS)
        return queries.page_after(*question)

    def look_until_the_other_joined(credentials):
        looked.set()
        wait_until(lambda: len(audience) > 1 or len(stream.connections()) == 1)
        return readmit(credentials)

    monkeypatch.setattr("liftgate_server.stream.catching_up.page_after", page_after_the_look_began)
    monkeypatch.setattr("liftgate_server.stream.second_look.readmit", look_until_the_other_joined)
    late = stream.listen(revoked, after=0)
    late.next_event()
    read.wait(PATIENCE_SECONDS)
    with app.app_context():
        revoke_key(environment.id, revoked.split("_")[2])

    wait_until(lambda: len(stream.connections()) == 1)
    assert b"revoked_key" in late.read_to_the_end()
