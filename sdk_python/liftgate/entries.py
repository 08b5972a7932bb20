"""What is delivered later: entries that stand for themselves, in another process, too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

__all__ = [
    "ALLOWED",
    "COMMIT",
    "EVENTS",
    "RECORD",
    "RECORD_NOW",
    "REFUND",
    "RELEASE",
    "derived_key",
    "event_in",
    "pack",
    "unpack",
    "word_of",
]

RECORD: Final = b"record"
"""An event, its instant given by the host."""

RECORD_NOW: Final = b"now"
"""An event, its instant given by us: the same key told a second time has another."""

ALLOWED: Final = b"allowed"
"""An event that was let pass without an answer of the server, and how it was asked."""

COMMIT: Final = b"commit"
RELEASE: Final = b"release"
REFUND: Final = b"refund"

EVENTS: Final = frozenset({RECORD, RECORD_NOW, ALLOWED})
"""What goes in batches."""


def pack(word: bytes, fields: Mapping[str, Any]) -> bytes:
    """Return an entry as one line without its end."""
    return word + b" " + json.dumps(fields, separators=(",", ":")).encode()


def word_of(entry: bytes) -> bytes:
    """Return what kind of entry it is."""
    return entry.partition(b" ")[0]


def event_in(entry: bytes) -> bytes:
    """Return the JSON of the event in an entry."""
    word, _, text = entry.partition(b" ")
    return json.dumps(json.loads(text)["event"]).encode() if word == ALLOWED else text


def unpack(entry: bytes) -> dict[str, Any]:
    """Return the fields of an entry."""
    return dict(json.loads(entry.partition(b" ")[2]))


def derived_key(key: str, purpose: str) -> str:
    """Return the key of what follows from something that had a key: the same one for whoever comes to it."""
    return f"{purpose}-{sha256(key.encode()).hexdigest()[:32]}"
