"""Server-sent events out of bytes that arrive in any pieces. Memory stays bounded whatever is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

__all__ = ["Event", "EventParser"]

_MOST_BYTES: Final = 1024 * 1024
"""Of one event. A page of a thousand changes takes a quarter of it."""

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class Event(NamedTuple):
    """One event. A heartbeat is one without a name."""

    name: str
    data: str


class EventParser:
    r"""Takes bytes and gives the events that are complete.

    Lines end with a line feed, with or without a carriage return before it.

    >>> parser = EventParser()
    >>> list(parser.feed(b": \n\nevent: hel")), list(parser.feed(b"lo\ndata: 1\n\n"))
    ([Event(name='', data='')], [Event(name='hello', data='1')])
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0
        self._size = 0
        self._is_at_start = True
        self._name = ""
        self._data: list[str] = []

    def feed(self, piece: bytes) -> Iterator[Event]:
        """Yield what has become complete; raises ValueError for an event that is too large to be ours."""
        self._buffer += piece
        while (end := self._buffer.find(b"\n", self._searched)) >= 0:
            line = bytes(self._buffer[:end])
            del self._buffer[: end + 1]
            self._searched = 0
            event = self._take(line.removesuffix(b"\r"))
            if event is not None:
                yield event
        # What has been searched for the end of a line need not be searched again with the next piece.
        self._searched = len(self._buffer)
        if self._size + self._searched > _MOST_BYTES:
            raise ValueError(f"an event of more than {_MOST_BYTES} bytes")

    def _take(self, line: bytes) -> Event | None:
        if self._is_at_start:
            line = line.removeprefix(_BYTE_ORDER_MARK)
            self._is_at_start = False
        if not line:
            return self._complete()
        if line.startswith(b":"):
            return Event("", "")
        self._size += len(line)
        if self._size > _MOST_BYTES:
            raise ValueError(f"an event of more than {_MOST_BYTES} bytes")
        field, _, value = line.decode("utf-8", "replace").partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            self._name = value
        elif field == "data":
            self._data.append(value)
        return None

    def _complete(self) -> Event | None:
        name, data = self._name, self._data
        self._name, self._data, self._size = "", [], 0
        return Event(name or "message", "\n".join(data)) if data else None
