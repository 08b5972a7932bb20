"""Hearing of changes as they happen: one connection that stays open. Imported when first needed, not before."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Generator, Iterator
from time import monotonic
from typing import Any, Final, Protocol
from urllib.parse import SplitResult, urljoin, urlsplit

from liftgate.answers import ChangePage
from liftgate.backoff import Backoff, even_chance
from liftgate.configuration import ServerAddress, parse_address
from liftgate.errors import LiftgateError, ServerUnreachable
from liftgate.events import Event, EventParser
from liftgate.messages import OpenAnswer, Request
from liftgate.reading import read_change_page
from liftgate.server_clock import HEADER, ServerClock

__all__ = ["Open", "Stream", "StreamEnded", "StreamRefused"]

_HELLO_WITHIN_SECONDS: Final = 3.0
"""A proxy that collects an answer before it passes it on would show itself by this."""

_RECONNECT_WITHIN_SECONDS: Final = 15.0
_LONGEST_WAIT_SECONDS: Final = 30.0
"""When a server with thousands of readers goes, they all lose it at once. They come back spread over this time, the
first time already, and over more with each failure."""

_AGAIN_AFTER_SECONDS: Final = 300.0
"""Where there is no stream, or a proxy holds it back, polling goes on; it may be there after the next deployment."""

_BEATS_MISSED: Final = 2.5
_SLOWEST_HEARTBEAT_SECONDS: Final = 120.0

_OK: Final = 200
_REDIRECT: Final = 307
_PASSING: Final = frozenset({429, 500, 502, 504})
"""What a proxy says while the server behind it is restarted, or when too many come at once."""


class StreamRefused(LiftgateError):
    """There is no stream to be had here for the time being."""


class StreamEnded(LiftgateError):
    """The stream was there and is no longer."""


class Open(Protocol):
    """How a connection is opened whose answer has no end; ``HttpTransport.open`` fits."""

    def __call__(self, request: Request, *, timeout_seconds: float, address: ServerAddress | None = None) -> OpenAnswer:
        """Return the answer, its body still to be read."""


class Stream:
    """The stream of one client, opened again and again.

    ``not_before`` (monotonic seconds) says when it may be opened next, ``is_refused`` that there was none to be had.
    """

    def __init__(
        self,
        open_answer: Open,
        *,
        url: str,
        stream_url: str | None,
        timeout_seconds: float,
        clock: ServerClock,
        chance: Callable[[], float] = even_chance,
    ) -> None:
        self._open_answer = open_answer
        self._url = url
        self._address = parse_address(stream_url) if stream_url is not None else None
        self._timeout_seconds = timeout_seconds
        self._clock = clock
        self._chance = chance
        self._backoff = Backoff(
            first_seconds=_RECONNECT_WITHIN_SECONDS, longest_seconds=_LONGEST_WAIT_SECONDS, chance=chance
        )
        self.not_before = 0.0
        self.is_refused = False

    def pages(self, after: int) -> Generator[ChangePage | None, None, None]:
        """Yield the changes after a number as they happen, and ``None`` for each sign of life in between.

        It ends by raising ``StreamRefused``, after which polling has to do for some minutes, or ``StreamEnded`` or
        ``ServerUnreachable``, after which it may be opened again at ``not_before``.
        """
        try:
            answer = self._open(Request("GET", f"/v1/stream?after={after}", {"Accept": "text/event-stream"}))
            try:
                yield from self._hear(answer)
            finally:
                answer.close()
        except (StreamEnded, ServerUnreachable):
            self.is_refused = False
            self.not_before = monotonic() + self._backoff.fail()
            raise
        except Exception:
            # Refused, or a surprise, which must not keep anybody from polling. Half of the time is left to chance.
            self.is_refused = True
            self.not_before = monotonic() + _AGAIN_AFTER_SECONDS * (0.5 + self._chance())
            raise

    def _open(self, request: Request) -> OpenAnswer:
        address = self._address
        answer = self._open_answer(request, timeout_seconds=self._timeout_seconds, address=address)
        if answer.status == _REDIRECT and address is None:
            try:
                target = self._target(answer.headers.get("location", ""))
            finally:
                answer.close()
            path = f"{target.path}?{target.query}" if target.query else target.path
            # `path` is whole; an address of its own adds none before it.
            elsewhere = parse_address(f"{target.scheme}://{target.netloc}")
            request = Request("GET", path, request.headers)
            answer = self._open_answer(request, timeout_seconds=self._timeout_seconds, address=elsewhere)
        if answer.status != _OK or not answer.headers.get("content-type", "").startswith("text/event-stream"):
            answer.close()
            refusal = StreamEnded if answer.status in _PASSING else StreamRefused
            raise refusal(f"No stream: the server answered with status {answer.status}.")
        self._clock.learn(answer.headers.get(HEADER))
        return answer

    def _target(self, location: str) -> SplitResult:
        """Return where the stream is. The key goes along, so only to the host it belongs to, and never in the clear."""
        try:
            own, target = urlsplit(self._url), urlsplit(urljoin(self._url, location))
        except ValueError as error:
            raise StreamRefused(f"The server's stream is at {location!r}, which is no address.") from error
        is_ours = target.hostname is not None and target.hostname == own.hostname and "@" not in target.netloc
        if not is_ours or target.scheme not in {own.scheme, "https"}:
            raise StreamRefused(f"The server's stream is at {location!r}, another host; set `stream` to that address.")
        return target

    def _hear(self, answer: OpenAnswer) -> Iterator[ChangePage | None]:
        try:
            yield from self._follow(_Events(answer))
        except (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError) as error:
            raise StreamRefused(f"The stream cannot be read: {error!r}") from error

    def _follow(self, events: _Events) -> Iterator[ChangePage | None]:
        seconds = _HELLO_WITHIN_SECONDS
        is_alive = False
        try:
            hello = events.next(seconds)
            if hello is not None:
                seconds = _BEATS_MISSED * _heartbeat_of(hello)
                yield None
            while (event := events.next(seconds)) is not None:
                if not is_alive:
                    is_alive = True
                    self._backoff.succeed()
                yield _page_of(event)
        except TimeoutError as error:
            if is_alive:
                raise StreamEnded("The stream fell silent.") from error
            raise StreamRefused("The stream came to nothing; a proxy may be holding it back.") from error
        raise StreamEnded("The server ended the stream.")


class _Events:
    """The events of one answer."""

    def __init__(self, answer: OpenAnswer) -> None:
        self._answer = answer
        self._parser = EventParser()
        self._complete: deque[Event] = deque()

    def next(self, seconds: float) -> Event | None:
        """Return the next event, ``None`` at the end. Raises ``TimeoutError`` when none is complete in time.

        What drips in without ever completing an event is no sign of life.
        """
        deadline = monotonic() + seconds
        while not self._complete:
            left = deadline - monotonic()
            if left <= 0:
                raise TimeoutError
            piece = self._answer.read(left)
            if not piece:
                return None
            self._complete.extend(self._parser.feed(piece))
        return self._complete.popleft()


def _heartbeat_of(hello: Event) -> float:
    if hello.name != "hello":
        raise ValueError(f"it begins with {hello.name!r}")
    seconds = float(_read(hello.data)["heartbeat_seconds"])
    if not 0 < seconds <= _SLOWEST_HEARTBEAT_SECONDS:
        raise ValueError(f"a heartbeat of {seconds} seconds")
    return seconds


def _page_of(event: Event) -> ChangePage | None:
    """Return the changes that an event brings; events of a kind that we do not know are signs of life."""
    if event.name == "end":
        raise StreamEnded(f"The server ended the stream: {_read(event.data).get('code')}.")
    return read_change_page(_read(event.data)) if event.name == "changes" else None


def _read(data: str) -> Any:
    return json.loads(data)
