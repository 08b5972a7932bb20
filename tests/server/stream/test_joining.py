"""The moment at which a reader that caught up joins the others: nothing is lost there, and nothing comes twice."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from liftgate_server.plumbing.changes import Change, ChangeKind, ChangePage, Marks
from liftgate_server.stream import queries
from liftgate_server.stream.events import Frames
from liftgate_server.stream.listener import Audience, Listener
from liftgate_server.stream.settings import StreamSettings
from liftgate_server.stream.tail import Tail
from tests.server.stream.waiting import wait_until


def page_of(first: int, last: int) -> ChangePage:
    changes = (Change(number, ChangeKind.CUSTOMER, "acme", 1) for number in range(first, last + 1))
    return ChangePage(last, reset=False, changes=tuple(changes))


@pytest.mark.parametrize(("position", "heard"), [(4, [page_of(5, 7)]), (6, [page_of(7, 7)]), (7, []), (9, [])])
def test_a_reader_hears_only_what_it_does_not_know_of_a_page(position, heard):
    sent: list[bytes] = []
    line = SimpleNamespace(send=lambda content: sent.append(content) or True)
    admission = SimpleNamespace(environment_id=1, customer=None, principal=None, believed_until=None)
    audience = Audience(1, Marks(4, 0, 0))
    audience.add(Listener(line, None, admission, position))

    tail = Tail(None, SimpleNamespace(ask=None), None, StreamSettings())
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
