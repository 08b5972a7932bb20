"""What this process remembers: snapshots, customer states, and answers ready to send.

Everything here is proven fresh by one bare read a request, the environment's latest change number: while it stands,
nothing changed; when it has moved, the changes since say what to forget. So an answer is never older than the request,
however many processes there are.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import orjson

from liftgate.engine.catalogue_model import Snapshot
from liftgate.engine.customer_state import CustomerState
from liftgate.engine.decision import Decision
from liftgate.engine.evaluate import Evaluator
from liftgate.engine.limits import Reported
from liftgate.engine.payload_model import Payload
from liftgate.engine.wire import encode_decision, encode_payload, encode_snapshot, encode_state
from liftgate_server.plumbing.changes import ChangeKind, ChangePage

__all__ = [
    "Answer",
    "EnvironmentCache",
    "KnownCustomer",
    "LoadedCustomer",
    "Reader",
    "View",
    "answer_of",
    "encoded",
    "evaluator_for",
]

# About 30 kB each once thirty gates were asked for, so this is up to about 100 MB a process.
_MOST_CUSTOMERS = 4_000
_MOST_VIEWS = 32
_MOST_ASKED = 128

_NO_IMPRESSION = b'"impression_id":null'

Reader = tuple[str | None, bool | None, str | None]
"""User, whether that user may buy (``None``: the state says so), and language."""


_AskedKey = tuple[str, int | None, int | tuple[tuple[str, int], ...] | None]


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision as JSON, with what a refusal offers: JSON too, cut where the impression id goes."""

    decision: Decision
    encoded: bytes
    offer: tuple[bytes, bytes] | None


class View:
    """One customer as one reader sees it: an evaluator, and its answers ready to send."""

    __slots__ = ("_answers", "_asked", "_encoded", "evaluator")

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._encoded: dict[str, tuple[Decision, bytes]] = {}
        self._answers: dict[str, Answer] = {}
        self._asked: dict[_AskedKey, tuple[datetime, Answer]] = {}

    def encoded(self, gate: str, at: datetime) -> tuple[Decision, bytes]:
        """Return the decision, and the decision as JSON."""
        decision = self.evaluator.decide(gate, at=at)
        known = self._encoded.get(gate)
        # The evaluator gives the same object for as long as the decision holds.
        if known is not None and known[0] is decision:
            return known
        fresh = encoded(decision)
        if not decision.unknown:
            self._encoded[gate] = fresh
        return fresh

    def answer(self, gate: str, at: datetime) -> Answer:
        """Return the decision with what it offers."""
        known = self._answers.get(gate)
        decision = self.evaluator.decide(gate, at=at)
        if known is not None and known.decision is decision:
            return known
        answer = answer_of(decision)
        if not decision.unknown:
            self._answers[gate] = answer
        return answer

    def answer_to(self, gate: str, at: datetime, *, units: int | None, used: Reported | None) -> Answer:
        """Return the answer for a number of units or the host's own count, which is often asked for again."""
        key = (gate, units, tuple(used.items()) if isinstance(used, Mapping) else used)
        known = self._asked.get(key)
        if known is not None and known[0] <= at and _holds(known[1].decision, at):
            return known[1]
        answer = answer_of(self.evaluator.decide(gate, at=at, units=units, used=used))
        if not answer.decision.unknown:
            if len(self._asked) >= _MOST_ASKED:
                self._asked.clear()
            self._asked[key] = (at, answer)
        return answer


def _holds(decision: Decision, at: datetime) -> bool:
    return decision.valid_until is None or at < decision.valid_until


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


def evaluator_for(snapshot: Snapshot, state: CustomerState, reader: Reader) -> Evaluator:
    """Return an evaluator that answers for one reader."""
    user, buyer, language = reader
    return Evaluator(snapshot, state, user=user, buyer=buyer, language=language)


@dataclass(frozen=True, slots=True)
class LoadedCustomer:
    """What was read about a customer, and the change number it was read at."""

    number: int
    snapshot: Snapshot
    state: CustomerState


@dataclass(slots=True)
class KnownCustomer:
    """A customer in the cache: snapshot and state that belong together, and the views made of them."""

    snapshot: Snapshot
    state: CustomerState
    _views: dict[Reader, View] = field(default_factory=dict)
    _encoded: bytes | None = None

    def view(self, reader: Reader) -> View:
        view = self._views.get(reader)
        if view is None:
            if len(self._views) >= _MOST_VIEWS:
                self._views.clear()
            view = self._views[reader] = View(evaluator_for(self.snapshot, self.state, reader))
        return view

    @property
    def gates(self) -> list[str]:
        """Every gate there is: the declared ones, and the implicit one of each feature."""
        catalogue = self.snapshot.catalogue
        return list(dict.fromkeys((*catalogue.gates, *catalogue.features)))

    @property
    def encoded(self) -> bytes:
        """The state as JSON."""
        if self._encoded is None:
            self._encoded = orjson.dumps(encode_state(self.state))
        return self._encoded


class EnvironmentCache:
    """One environment's part, valid at ``number``."""

    def __init__(self, number: int) -> None:
        self.number = number
        self._lock = threading.Lock()
        self._customers: OrderedDict[str, KnownCustomer] = OrderedDict()
        self._snapshot: tuple[Snapshot, bytes] | None = None

    def customer(self, customer: str) -> KnownCustomer | None:
        """Return what is known of a customer."""
        with self._lock:
            known = self._customers.get(customer)
            if known is not None:
                self._customers.move_to_end(customer)
            return known

    def keep(self, loaded: LoadedCustomer) -> KnownCustomer:
        """Remember what was read, unless something changed since; give it back in either case."""
        known = KnownCustomer(loaded.snapshot, loaded.state)
        with self._lock:
            if loaded.number == self.number:
                self._customers[loaded.state.customer] = known
                while len(self._customers) > _MOST_CUSTOMERS:
                    self._customers.popitem(last=False)
        return known

    def snapshot_bytes(self, snapshot: Snapshot) -> bytes:
        """Return a snapshot as JSON."""
        kept = self._snapshot
        if kept is None or kept[0] is not snapshot:
            kept = self._snapshot = (snapshot, orjson.dumps(encode_snapshot(snapshot)))
        return kept[1]

    def catch_up(self, seen: int, page: ChangePage) -> None:
        """Forget what the changes after ``seen`` concern."""
        with self._lock:
            if self.number != seen:
                return  # another thread was here first
            if page.reset or any(change.kind is ChangeKind.CATALOGUE for change in page.changes):
                # A state holds the versions its snapshot lacks, so a new snapshot takes every state with it.
                self._customers.clear()
            for change in page.changes:
                if change.kind is ChangeKind.CUSTOMER:
                    self._customers.pop(change.key, None)
            self.number = page.changes[-1].number if page.changes and not page.reset else page.latest
