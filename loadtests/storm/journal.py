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
        self._lines = 0
        self._lock = threading.Lock()

    def ask(self, act: Act, customer: str, key: str, **fields: Any) -> int:
        """Write down what is about to be asked; give the number of the line, for the answer to name."""
        return self._write({"act": act, "customer": customer, "key": key, **fields})

    def tell(self, number: int, outcome: Outcome, **answer: Any) -> None:
        """Write down what was answered."""
        self._write({"to": number, "outcome": outcome, "answer": answer})

    def safe(self, lines: int) -> None:
        """Write down that what the first lines left to be told later is in the SDK's own hands."""
        self._write({"safe": lines})

    @property
    def lines(self) -> int:
        """How many lines there are."""
        return self._lines

    def _write(self, line: Mapping[str, Any]) -> int:
        with self._lock:
            os.write(self._file, json.dumps({**line, "at": time.time()}).encode() + b"\n")
            self._lines += 1
            return self._lines - 1


def read_journals(folder: Path, names: str = "*") -> list[Attempt]:
    """Read the journals of a folder, in the order in which was asked."""
    attempts = [attempt for path in sorted(folder.glob(f"{names}.journal")) for attempt in _read(path)]
    return sorted(attempts, key=lambda attempt: attempt.asked_at)


def _read(path: Path) -> Iterable[Attempt]:
    asked: dict[int, dict[str, Any]] = {}
    later: dict[int, dict[str, Any]] = {}
    for number, line in enumerate(path.read_bytes().splitlines()):
        try:
            entry = json.loads(line)
        except ValueError:
            break  # the process was killed within this very call
        if "act" in entry:
            asked[number] = {**entry, "asked_at": entry["at"]}
            if entry["act"] == Act.RECORD:
                later[number] = asked[number]
        elif "to" in entry:
            fields = asked[entry["to"]]
            fields |= {"outcome": entry["outcome"], "answered_at": entry["at"], "answer": entry["answer"]}
            if entry["answer"].get("later"):
                later[number] = fields
        else:
            _make_safe(later, entry["safe"], entry["at"])
    return [_attempt(fields) for fields in asked.values()]


def _make_safe(later: dict[int, dict[str, Any]], lines: int, at: float) -> None:
    """Take as done what the SDK took over without the server's word: it answers for it from here on."""
    for number in [number for number in later if number < lines]:
        later.pop(number).update(outcome=Outcome.DONE, answered_at=at)


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
