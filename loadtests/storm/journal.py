"""What a host was told: a line before each call and one after, in a file that outlives the process.

A line is handed to the kernel by one call, so it is there whatever becomes of the process; only the machine could lose
it, and the machine stays up.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any


class Act(StrEnum):
    """What a host asked for."""

    CONSUME = "consume"
    RESERVE = "reserve"
    COMMIT = "commit"
    RELEASE = "release"
    REFUND = "refund"
    RECORD = "record"
    LEVEL = "level"


class Outcome(StrEnum):
    """What came of it, as the host was told."""

    DONE = "done"
    """Counted, granted, committed, released, given back."""
    REFUSED = "refused"
    CONFLICT = "conflict"
    """The key was used for something else before."""
    GONE = "gone"
    """A reservation that had ended, or units that had been given back."""
    UNKNOWN = "unknown"
    """No answer came, or none that says whether it was counted."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call of a host. A key that was sent again has several."""

    act: Act
    customer: str
    key: str
    feature: str = ""
    user: str | None = None
    units: int = 0
    of: str = ""
    asked_at: float = 0.0
    outcome: Outcome = Outcome.UNKNOWN
    answered_at: float | None = None
    answer: Mapping[str, Any] = field(default_factory=dict)

    @property
    def payload(self) -> tuple[object, ...]:
        """What must be the same for a key to be the same request."""
        return (self.act, self.feature, self.user, self.units, self.of)


class Journal:
    """The journal of one process, shared by its threads."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._next = 0
        self._lock = threading.Lock()

    def ask(self, act: Act, customer: str, key: str, **fields: Any) -> int:
        """Write down what is about to be asked; give the number under which its answer is written."""
        with self._lock:
            number, self._next = self._next, self._next + 1
        self._write({"ask": number, "act": act, "customer": customer, "key": key, "at": time.time(), **fields})
        return number

    def tell(self, number: int, outcome: Outcome, **answer: Any) -> None:
        """Write down what was answered."""
        self._write({"tell": number, "outcome": outcome, "at": time.time(), "answer": answer})

    def position(self) -> int:
        """Give the number that comes next."""
        with self._lock:
            return self._next

    def delivered(self, before: int) -> None:
        """Write down that everything recorded before that number has reached the server, as `flush` said."""
        self._write({"delivered_before": before, "at": time.time()})

    def _write(self, line: Mapping[str, Any]) -> None:
        os.write(self._file, json.dumps(line).encode() + b"\n")


def read_journals(folder: Path, names: str = "*") -> list[Attempt]:
    """Read the journals of a folder, in the order in which was asked."""
    attempts = [attempt for path in sorted(folder.glob(f"{names}.journal")) for attempt in _read(path)]
    return sorted(attempts, key=lambda attempt: attempt.asked_at)


def _read(path: Path) -> Iterable[Attempt]:
    asked: dict[int, dict[str, Any]] = {}
    for line in path.read_bytes().splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue  # the process was killed within this very call
        _note(asked, entry)
    return [_attempt(fields) for fields in asked.values()]


def _note(asked: dict[int, dict[str, Any]], entry: dict[str, Any]) -> None:
    if "ask" in entry:
        asked[entry["ask"]] = {**entry, "asked_at": entry["at"]}
    elif "tell" in entry:
        answered = {"outcome": entry["outcome"], "answered_at": entry["at"], "answer": entry["answer"]}
        asked[entry["tell"]] |= answered
    else:
        # Records have no answer of their own: `flush` is the word for all that were made before it.
        for number, fields in asked.items():
            if number < entry["delivered_before"] and _is_recorded(fields):
                fields |= {"outcome": Outcome.DONE, "answered_at": entry["at"]}


def _is_recorded(fields: Mapping[str, Any]) -> bool:
    """Whether an attempt waits in the buffer: a record, or what was let pass while the server was away."""
    return fields["act"] == Act.RECORD or bool(fields.get("answer", {}).get("fallback"))


def _attempt(fields: Mapping[str, Any]) -> Attempt:
    return Attempt(
        act=Act(fields["act"]),
        customer=fields["customer"],
        key=fields["key"],
        feature=fields.get("feature", ""),
        user=fields.get("user"),
        units=fields.get("units", 0),
        of=fields.get("of", ""),
        asked_at=fields["asked_at"],
        outcome=Outcome(fields.get("outcome", Outcome.UNKNOWN)),
        answered_at=fields.get("answered_at"),
        answer=fields.get("answer", {}),
    )
