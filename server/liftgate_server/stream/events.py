"""The events of the stream as bytes, each written once for everybody who gets the same."""

from __future__ import annotations

from typing import Final

import orjson

from liftgate_server.plumbing.changes import Change, ChangeKind, ChangePage

__all__ = ["HEARTBEAT", "Frames", "end", "hello", "retry"]

HEARTBEAT: Final = b": \n\n"


def hello(latest: int, heartbeat_seconds: float) -> bytes:
    """Begin a stream: where the environment stands, and how long a silence may last."""
    seconds = int(heartbeat_seconds) if heartbeat_seconds.is_integer() else heartbeat_seconds
    return _event(b"hello", orjson.dumps({"latest": latest, "heartbeat_seconds": seconds}))


def end(code: str) -> bytes:
    """End a stream and say why, in the words of the refused requests."""
    return _event(b"end", orjson.dumps({"code": code}))


def retry(milliseconds: int) -> bytes:
    """Tell a reader how long to wait before it comes back."""
    return b"retry: %d\n\n" % milliseconds


class Frames:
    """One page of changes as the readers of its environment get it."""

    __slots__ = ("_by_customer", "_customers", "_page", "_shared", "whole")

    def __init__(self, page: ChangePage) -> None:
        self._page = page
        self.whole = _changes(page, page.changes)
        self._customers = {change.key for change in page.changes if change.kind is ChangeKind.CUSTOMER}
        self._by_customer: dict[str, bytes] = {}
        common = tuple(change for change in page.changes if change.kind is ChangeKind.CATALOGUE)
        self._shared = _changes(page, common) if common or page.reset else None

    def for_customer(self, customer: str) -> bytes | None:
        """Give what concerns one customer: the catalogue's changes and its own; ``None`` when there is nothing."""
        if customer not in self._customers or self._page.reset:
            return self._shared
        frame = self._by_customer.get(customer)
        if frame is None:
            own = tuple(change for change in self._page.changes if _concerns(change, customer))
            frame = self._by_customer[customer] = _changes(self._page, own)
        return frame


def _concerns(change: Change, customer: str) -> bool:
    if change.kind is ChangeKind.CATALOGUE:
        return True
    return change.kind is ChangeKind.CUSTOMER and change.key == customer


def _changes(page: ChangePage, changes: tuple[Change, ...]) -> bytes:
    content = orjson.dumps({"latest": page.latest, "reset": page.reset, "changes": changes})
    return b"id: %d\n" % page.latest + _event(b"changes", content)


def _event(name: bytes, content: bytes) -> bytes:
    # JSON of orjson has no line break outside of a text, and inside of one it is escaped.
    return b"event: " + name + b"\ndata: " + content + b"\n\n"
