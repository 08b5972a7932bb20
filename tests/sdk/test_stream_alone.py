"""A stream by itself: where it lets itself be sent, and when it tries again (I8)."""

from __future__ import annotations

import random

import pytest

from liftgate import streaming
from liftgate.errors import ServerUnreachable
from liftgate.server_clock import ServerClock
from liftgate.streaming import Stream, StreamEnded, StreamRefused


def make_stream(open_answer, *, url: str = "http://127.0.0.1:9", chance=random.random) -> Stream:
    return Stream(
        open_answer, url=url, stream_url=None, timeout_seconds=1, clock=ServerClock(lambda: 0.0), chance=chance
    )


@pytest.mark.parametrize(
    ("location", "is_followed"),
    [
        ("https://gate.example.com:8443/v1/stream", True),
        ("/v1/stream?again", True),
        ("https://GATE.example.com/v1/stream", True),
        ("http://gate.example.com/v1/stream", False),
        ("https://gate.example.com.evil.example/v1/stream", False),
        ("https://evil.example/gate.example.com", False),
        ("https://gate.example.com@evil.example/", False),
        ("https://u:p@gate.example.com/", False),
        ("//evil.example/v1/stream", False),
        ("ftp://gate.example.com/", False),
        ("javascript:alert(1)", False),
        ("https://[oops", False),
        ("", True),
    ],
)
def test_which_redirects_are_followed(location, is_followed):
    stream = make_stream(lambda *_args, **_kwargs: None, url="https://gate.example.com/base")

    if is_followed:
        assert stream._target(location).hostname == "gate.example.com"
    else:
        with pytest.raises(StreamRefused):
            stream._target(location)


class _Ends:
    status = 200
    headers = {"content-type": "text/event-stream"}  # noqa: RUF012 - nobody changes it

    def __init__(self) -> None:
        self._said = [b'event: hello\ndata: {"latest": 1, "heartbeat_seconds": 15}\n\n: \n\n']

    def read(self, _seconds: float) -> bytes:
        return self._said.pop() if self._said else b""

    def close(self) -> None:
        """Nothing is open."""


def busiest(instants: list[float], seconds: float) -> int:
    """Return the largest number of instants within any stretch of so many seconds."""
    ordered, start, most = sorted(instants), 0, 0
    for index, instant in enumerate(ordered):
        while instant - ordered[start] >= seconds:
            start += 1
        most = max(most, index - start + 1)
    return most


@pytest.mark.parametrize("seed", range(3))
def test_five_thousand_that_lose_the_stream_together_do_not_come_back_together(monkeypatch, seed):
    """I8: at most 2 % of them within any tenth of a second, at the first try and at all that fail after it."""
    chance, clients, came = random.Random(seed).random, 5_000, []  # noqa: S311 - no secret depends on it
    clock = [0.0]
    monkeypatch.setattr(streaming, "monotonic", lambda: clock[0])

    def refuse(*_args, **_kwargs):
        raise ServerUnreachable("down")

    for _ in range(clients):
        clock[0] = 0.0
        stream = make_stream(lambda *_args, **_kwargs: _Ends(), chance=chance)
        with pytest.raises(StreamEnded):
            list(stream.pages(1))
        stream._open_answer = refuse
        for _try in range(4):
            clock[0] = stream.not_before
            came.append(clock[0])
            with pytest.raises(ServerUnreachable):
                list(stream.pages(1))

    assert busiest(came, 0.1) <= 0.02 * clients
