"""What clients ask and servers answer, and the journal in which the clients keep both."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any


class Violation(AssertionError):
    """An invariant that does not hold."""


class Kind(StrEnum):
    """What a request wants of the ledger."""

    CONSUME = "consume"
    RECORD = "record"
    RESERVE = "reserve"
    COMMIT = "commit"
    RELEASE = "release"
    REFUND = "refund"
    LEVEL = "level"
    INCREMENT = "increment"


@dataclass(frozen=True, slots=True)
class Request:
    """One call; sending it again is the same object again. ``units`` of a level is the level, ``at`` is told late."""

    customer: str
    key: str
    kind: Kind
    feature: str = "exports"
    units: int = 1
    user: str | None = None
    at: datetime | None = None
    of: str | None = None
    seconds: int = 60

    @property
    def identity(self) -> tuple[str, str, str]:
        """Name the call; a commit and its reservation share a key and are two calls."""
        return self.customer, self.key, self.kind.value

    @property
    def payload(self) -> tuple[Any, ...]:
        """Give the fields that tell it from another call of the same key."""
        return self.kind.value, self.feature, self.units, self.user, self.at, self.of, self.seconds


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: granted or refused with its receipt, or a problem with its code."""

    granted: bool
    receipt: tuple[tuple[str, int], ...] = ()
    after: tuple[Any, ...] = ()
    code: str | None = None

    @property
    def is_final(self) -> bool:
        """Whether it has to be the same for ever: a problem tells of the moment, a decision is kept."""
        return self.code is None


BUSY = Answer(granted=False, code="busy")


@dataclass(slots=True)
class Journal:
    """What the clients know: which calls were made, and every answer that arrived."""

    requests: dict[tuple[str, str, str], Request] = field(default_factory=dict)
    answers: dict[tuple[str, str, str], Answer] = field(default_factory=dict)

    def sent(self, request: Request) -> None:
        """Keep a call; its key is never used for another one, but where a test means to."""
        self.requests.setdefault(request.identity, request)

    def arrived(self, request: Request, answer: Answer) -> None:
        """Keep an answer; one that is final may never become another."""
        if not answer.is_final:
            return
        known = self.answers.setdefault(request.identity, answer)
        if known != answer:
            raise Violation(f"I4: {request} was answered {known} and then {answer}")

    def granted(self, kind: Kind) -> list[tuple[Request, Answer]]:
        """List the calls of a kind that were acknowledged as granted."""
        found = [(self.requests[identity], answer) for identity, answer in self.answers.items() if answer.granted]
        return [(request, answer) for request, answer in found if request.kind is kind]


def with_other_payload(request: Request) -> Request:
    """Give a call that uses the same key for something else."""
    return replace(request, units=request.units + 1)
