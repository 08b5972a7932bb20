"""One reader of the stream, and the readers of one environment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from liftgate_server.plumbing.changes import Marks
from liftgate_server.stream.admission import Admission, Credential

__all__ = ["Audience", "Line", "Listener"]


class Line(Protocol):
    """What a listener is reached by."""

    def send(self, content: bytes) -> bool:
        """Send, unless the reader is gone or has left too much unread; tell whether it was sent."""
        ...

    def end(self, content: bytes, *, reason: str) -> None:
        """Send the last words and close."""
        ...


class Listener:
    """A reader that was let in. `position` is the number up to which it knows the changes."""

    __slots__ = ("believed_until", "credential", "customer", "environment_id", "line", "position", "principal")

    def __init__(self, line: Line, credential: Credential, admission: Admission, position: int) -> None:
        self.line = line
        self.credential = credential
        self.environment_id = admission.environment_id
        self.customer = admission.customer
        self.principal = admission.principal
        self.position = position
        self.believed_until: datetime = admission.believed_until


class Audience:
    """The listeners of one environment that have caught up, and the numbers up to which they were told."""

    __slots__ = ("_listeners", "access", "environment_id", "number")

    def __init__(self, environment_id: int, marks: Marks) -> None:
        self.environment_id = environment_id
        self.number = marks.number
        self.access = marks.access
        self._listeners: set[Listener] = set()

    def __len__(self) -> int:
        return len(self._listeners)

    def __iter__(self) -> Iterator[Listener]:
        """Go through those who listen now; who joins or leaves meanwhile disturbs nothing."""
        return iter(tuple(self._listeners))

    def add(self, listener: Listener) -> None:
        self._listeners.add(listener)

    def remove(self, listener: Listener) -> None:
        self._listeners.discard(listener)
