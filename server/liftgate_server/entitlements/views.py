"""One customer as one reader sees it: answers ready to send, remembered while the counters behind them stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar

import orjson

from liftgate.engine.catalogue_model import Snapshot
from liftgate.engine.customer_state import CustomerState
from liftgate.engine.decision import Decision
from liftgate.engine.evaluate import Evaluator
from liftgate.engine.limits import Reported
from liftgate.engine.payload_model import Payload
from liftgate.engine.wire import encode_decision, encode_payload
from liftgate_server.entitlements.counters import NOTHING_COUNTED, Reading
from liftgate_server.plumbing.ids import new_id

__all__ = ["Answer", "Reader", "View", "answer_of", "encoded", "evaluator_for", "with_impression"]

_MOST_ASKED = 128

_NO_IMPRESSION = b'"impression_id":null'

T = TypeVar("T")

Reader = tuple[str | None, bool | None, str | None]
"""User, whether that user may buy (``None``: the state says so), and language."""


_AskedKey = tuple[str, int | None, int | tuple[tuple[str, int], ...] | None]


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision as JSON, with what a refusal offers: JSON too, cut where the impression id goes."""

    decision: Decision
    encoded: bytes
    offer: tuple[bytes, bytes] | None


@dataclass(frozen=True, slots=True)
class _Remembered(Generic[T]):
    """What was answered at an instant, and what the counters said then."""

    since: datetime
    numbers: tuple[int, ...]
    decision: Decision
    content: T

    def holds(self, at: datetime, numbers: tuple[int, ...]) -> bool:
        until = self.decision.valid_until
        return self.since <= at and (until is None or at < until) and self.numbers == numbers


class View:
    """Decides for one reader. Every answer is told by the counters that the request has read."""

    __slots__ = ("_answers", "_asked", "_encoded", "_evaluator", "_reader", "_snapshot", "_state")

    def __init__(self, snapshot: Snapshot, state: CustomerState, reader: Reader) -> None:
        self._snapshot = snapshot
        self._state = state
        self._reader = reader
        self._evaluator = (NOTHING_COUNTED, evaluator_for(snapshot, state, reader))
        self._encoded: dict[str, _Remembered[bytes]] = {}
        self._answers: dict[str, _Remembered[Answer]] = {}
        self._asked: dict[_AskedKey, _Remembered[Answer]] = {}

    def evaluator(self, reading: Reading) -> Evaluator:
        """Return the evaluator for what the counters say; one request's gates share it."""
        known, evaluator = self._evaluator
        if known is not reading:
            state = replace(self._state, usage=reading.usage)
            evaluator = evaluator_for(self._snapshot, state, self._reader)
            self._evaluator = (reading, evaluator)
        return evaluator

    def encoded(self, gate: str, at: datetime, reading: Reading) -> tuple[Decision, bytes]:
        """Return the decision, and the decision as JSON."""
        numbers = reading.of(gate)
        known = self._encoded.get(gate)
        if known is not None and known.holds(at, numbers):
            return known.decision, known.content
        decision, content = encoded(self.evaluator(reading).decide(gate, at=at))
        if not decision.unknown:
            self._encoded[gate] = _Remembered(at, numbers, decision, content)
        return decision, content

    def answer(self, gate: str, at: datetime, reading: Reading) -> Answer:
        """Return the decision with what it offers."""
        numbers = reading.of(gate)
        known = self._answers.get(gate)
        if known is not None and known.holds(at, numbers):
            return known.content
        answer = answer_of(self.evaluator(reading).decide(gate, at=at))
        if not answer.decision.unknown:
            self._answers[gate] = _Remembered(at, numbers, answer.decision, answer)
        return answer

    def answer_to(
        self, gate: str, at: datetime, reading: Reading, *, units: int | None, used: Reported | None
    ) -> Answer:
        """Return the answer for a number of units or the host's own count, which is often asked for again."""
        key = (gate, units, tuple(used.items()) if isinstance(used, Mapping) else used)
        numbers = reading.of(gate)
        known = self._asked.get(key)
        if known is not None and known.holds(at, numbers):
            return known.content
        answer = answer_of(self.evaluator(reading).decide(gate, at=at, units=units, used=used))
        if not answer.decision.unknown:
            if len(self._asked) >= _MOST_ASKED:
                self._asked.clear()
            self._asked[key] = _Remembered(at, numbers, answer.decision, answer)
        return answer


def encoded(decision: Decision) -> tuple[Decision, bytes]:
    """Return a decision, and the decision as JSON."""
    return decision, orjson.dumps(encode_decision(decision))


def answer_of(decision: Decision) -> Answer:
    """Encode a decision and its offer."""
    offer = decision.offer
    return Answer(*encoded(decision), None if offer is None else _encoded_offer(offer))


def _encoded_offer(offer: Payload) -> tuple[bytes, bytes]:
    # Inside a text the quotation marks would be escaped, so this is found once, in the envelope.
    before, _, after = orjson.dumps(encode_payload(offer)).partition(_NO_IMPRESSION)
    return before, after


def with_impression(answer: Answer) -> bytes | None:
    """Return the offer of an answer as JSON, under an impression id of its own; ``None`` where nothing is offered."""
    if answer.offer is None:
        return None
    before, after = answer.offer
    return b"".join((before, b'"impression_id":"', new_id("imp").encode(), b'"', after))


def evaluator_for(snapshot: Snapshot, state: CustomerState, reader: Reader) -> Evaluator:
    """Return an evaluator that answers for one reader."""
    user, buyer, language = reader
    return Evaluator(snapshot, state, user=user, buyer=buyer, language=language)
