"""Server-sent events are read in whatever pieces they come."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liftgate.events import Event, EventParser

SAID = (
    b"\xef\xbb\xbf: a comment\r\nevent: hello\r\ndata: 1\r\n\r\nid: 7\nevent:changes\ndata: {\ndata: }\nmore: x\n\n"
    b"event: nothing to it\n\ndata\n\ndata: gr\xc3\xbc\xc3\x9fe\n\ndata: unfinished"
)
HEARD = [
    Event("", ""),
    Event("hello", "1"),
    Event("changes", "{\n}"),
    Event("message", ""),
    Event("message", "grüße"),
]


@given(st.lists(st.integers(0, len(SAID))))
def test_the_pieces_make_no_difference(cuts):
    parser, edges = EventParser(), [0, *sorted(cuts), len(SAID)]

    heard = [event for start, end in pairwise(edges) for event in parser.feed(SAID[start:end])]

    assert heard == HEARD


@given(st.binary(max_size=300))
def test_anything_can_be_said(said):
    parser = EventParser()

    assert all(isinstance(event, Event) for event in [*parser.feed(said), *parser.feed(b"\n\n")])


@pytest.mark.parametrize("piece", [b"x" * 10_000, b"data: " + b"x" * 10_000 + b"\n", b"id: 1\n" * 2_000])
def test_an_event_that_never_ends_is_given_up(piece):
    parser = EventParser()

    with pytest.raises(ValueError, match="more than"):
        feed_often(parser, piece)
    assert len(parser._buffer) < 2_000_000


def feed_often(parser: EventParser, piece: bytes) -> None:
    for _ in range(1_000):
        list(parser.feed(piece))


def test_comments_without_end_are_forgotten():
    parser = EventParser()
    for _ in range(1_000):
        assert len(list(parser.feed(b": \n\n" * 500))) == 500

    assert (len(parser._buffer), parser._size) == (0, 0)
