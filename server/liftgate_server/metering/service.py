"""Using something up: the terms that hold, a posting made of them, and the answer that the ledger's receipt tells.

What this process remembers of a customer may be out of date. The ledger proves it when it counts; where it cannot, the
terms are read anew and the same posting is made again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from liftgate_server.entitlements.caches import KnownCustomer
from liftgate_server.entitlements.service import Checks, reading_of
from liftgate_server.entitlements.views import with_impression
from liftgate_server.metering.postings import (
    Basis,
    digest_of,
    operation_of_level,
    posting_of_event,
    posting_of_level,
    posting_of_use,
    sent_of_event,
    sent_of_level,
    sent_of_use,
)
from liftgate_server.metering.requests import Event, LevelChange, Refund, Settlement, Wanted, WrongEvent
from liftgate_server.metering.telling import Answered, reading_of_receipt, told
from liftgate_server.plumbing.changes import Marks
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.errors import Conflict, FieldError, Problem, Unavailable
from liftgate_server.usage import batches, ledger
from liftgate_server.usage.facts import Operation, Posted, Posting, Refusal, StaleTerms

__all__ = ["Admission", "Metering", "Recorded", "RefusedEvent"]

# Each time something has changed between two statements; more often than that is no coincidence.
_MOST_ATTEMPTS = 4

Outcome = Posted | Refusal


@dataclass(frozen=True, slots=True)
class Admission:
    """How the caller was let in: ``access`` gives the number to prove, ``look_again`` reads what has changed since."""

    environment_id: int
    access: Callable[[], int]
    look_again: Callable[[], Marks]


@dataclass(frozen=True, slots=True)
class _Request:
    """What a key is known by, whatever becomes of the terms."""

    customer: str
    key: str
    operation: str
    sent: Mapping[str, Any]

    def answer_on_file(self, environment_id: int) -> Posted | None:
        """Return what it was answered before."""
        return ledger.answered_before(
            environment_id,
            self.customer,
            self.key,
            operation=self.operation,
            digest=digest_of(self.sent),
            sent=self.sent,
        )


@dataclass(frozen=True, slots=True)
class RefusedEvent:
    """An event of a batch that was not counted."""

    index: int
    key: str | None
    code: str
    message: str
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a batch."""

    counted: int
    replayed: int
    refused: tuple[RefusedEvent, ...]


class Metering:
    """Uses up what an app's customers have, by the terms that its checks know."""

    def __init__(self, checks: Checks) -> None:
        self._checks = checks

    def consume(self, admission: Admission, wanted: Wanted, key: str) -> Answered:
        """Count units if they fit, or say why not and what to do about it."""
        sent = sent_of_use(wanted, is_held=False)
        return self._use(
            admission,
            wanted,
            _Request(wanted.customer, key, Operation.CONSUME.value, sent),
            make=lambda basis: posting_of_use(basis, wanted, key, sent=sent),
            post=lambda posting: ledger.consume(admission.environment_id, posting),
        )

    def reserve(self, admission: Admission, wanted: Wanted, key: str) -> Answered:
        """Hold units until it is known how many were used, or until they expire."""
        sent, lifetime = sent_of_use(wanted, is_held=True), timedelta(seconds=wanted.seconds)
        return self._use(
            admission,
            wanted,
            _Request(wanted.customer, key, ledger.RESERVE, sent),
            make=lambda basis: posting_of_use(basis, wanted, key, sent=sent),
            post=lambda posting: ledger.reserve(admission.environment_id, posting, expires_at=posting.at + lifetime),
        )

    def set_level(self, admission: Admission, change: LevelChange, key: str) -> Answered:
        """Take over a level, or a change of one; a rise beyond the limit is refused like a use."""
        write = ledger.set_level if change.level is not None else ledger.add_level
        wanted = Wanted(change.customer, change.feature, None, quantity=max(1, change.by or 1), user=change.user)
        return self._use(
            admission,
            wanted,
            _Request(change.customer, key, operation_of_level(change).value, sent_of_level(change)),
            make=lambda basis: posting_of_level(basis, change, key),
            post=lambda posting: write(admission.environment_id, posting),
        )

    def commit(self, environment_id: int, settlement: Settlement) -> Answered:
        """Count what was really used of a reservation; the rest is free again."""
        customer, key, quantity = settlement.customer, settlement.reservation, settlement.quantity
        posted = ledger.commit(environment_id, customer, key, quantity=quantity, at=now())
        return told(posted, key=key, quantity=quantity)

    def release(self, environment_id: int, settlement: Settlement) -> Answered:
        """Give a reservation back."""
        posted = ledger.release(environment_id, settlement.customer, settlement.reservation, at=now())
        return told(posted, key=settlement.reservation, quantity=0)

    def refund(self, environment_id: int, refund: Refund, key: str) -> Answered:
        """Give back units of a use to the buckets that they came from."""
        posted = ledger.refund(environment_id, refund.customer, key, of=refund.key, quantity=refund.quantity, at=now())
        return told(posted, key=key, quantity=0)

    def record(self, admission: Admission, events: Iterable[Event | WrongEvent]) -> Recorded:
        """Count a batch of what has been used; what is wrong with one keeps no other from being counted."""
        read = list(events)
        refused = [_refused_by_form(event) for event in read if isinstance(event, WrongEvent)]
        waiting = [event for event in read if isinstance(event, Event)]
        taken: list[tuple[Event, Outcome]] = []
        for attempt in range(_MOST_ATTEMPTS):
            postings, by_terms = self._postings(admission, waiting, is_fresh=attempt > 0)
            outcomes = _outcomes(admission.environment_id, [posting for _, posting in postings])
            answered = list(zip([event for event, _ in postings], outcomes, strict=True))
            taken += [(event, outcome) for event, outcome in answered if outcome is not None]
            waiting = [event for event, outcome in answered if outcome is None]
            if attempt == 0:
                waiting += [event for event, _ in by_terms]  # what is not known may have been published a moment ago
            else:
                taken += [(event, _told_before(admission.environment_id, event, why)) for event, why in by_terms]
            if not waiting:
                return _recorded(admission, refused, taken)
        raise _changing()

    def _postings(
        self, admission: Admission, events: Iterable[Event], *, is_fresh: bool
    ) -> tuple[list[tuple[Event, Posting]], list[tuple[Event, Problem]]]:
        basis_of = self._bases(admission, is_fresh=is_fresh)
        postings: list[tuple[Event, Posting]] = []
        refused: list[tuple[Event, Problem]] = []
        for event in events:
            try:
                postings.append((event, posting_of_event(basis_of(event.customer), event)))
            except Problem as problem:
                refused.append((event, problem))
        return postings, refused

    def _use(
        self,
        admission: Admission,
        wanted: Wanted,
        request: _Request,
        *,
        make: Callable[[Basis], Posting],
        post: Callable[[Posting], Posted],
    ) -> Answered:
        known, posted = self._post(admission, request, make=make, post=post)
        if posted.replayed:
            # Nothing proved that the caller may still hear this: the answer stood there already.
            number = admission.look_again().number
            known = self._checks.known_customer(admission.environment_id, number, wanted.customer)
        offer = None if posted.granted else self._offer(admission.environment_id, known, wanted, posted)
        return told(posted, key=request.key, quantity=wanted.quantity, offer=offer)

    def _post(
        self,
        admission: Admission,
        request: _Request,
        *,
        make: Callable[[Basis], Posting],
        post: Callable[[Posting], Posted],
    ) -> tuple[KnownCustomer, Posted]:
        for attempt in range(_MOST_ATTEMPTS):
            basis = self._bases(admission, is_fresh=attempt > 0)(request.customer)
            try:
                posting = make(basis)
            except Problem:
                if attempt == 0:
                    continue  # by what was known a while ago; what is true may be another thing
                posted = request.answer_on_file(admission.environment_id)
                if posted is None:
                    raise
                return basis.known, posted
            try:
                return basis.known, post(posting)
            except StaleTerms:
                continue
        raise _changing()

    def _bases(self, admission: Admission, *, is_fresh: bool) -> Callable[[str], Basis]:
        """Return what gives the basis of a customer's posting: what is remembered, or as it is now."""
        environment_id, at = admission.environment_id, now()
        number: list[int] = [admission.look_again().number] if is_fresh else []
        found: dict[str, Basis] = {}

        def basis_of(customer: str) -> Basis:
            basis = found.get(customer)
            if basis is None:
                known = None if is_fresh else self._checks.recalled_customer(environment_id, customer)
                if known is None:
                    number[:] = number or [admission.look_again().number]
                    known = self._checks.known_customer(environment_id, number[0], customer)
                basis = found[customer] = Basis(known, admission.access(), at)
            return basis

        return basis_of

    def _offer(self, environment_id: int, known: KnownCustomer, wanted: Wanted, posted: Posted) -> bytes | None:
        """Return what to offer to whoever is refused, if that is still true."""
        gate, at = wanted.gate or wanted.feature or "", now()
        view = known.view((wanted.user, None, wanted.language))
        if posted.replayed:
            reading = reading_of(environment_id, known, (gate,), at=at, user=wanted.user)
        else:
            reading = reading_of_receipt(posted.receipt, gate)
        answer = view.answer_to(gate, at, reading, units=wanted.quantity, used=None)
        return None if answer.decision.granted else with_impression(answer)


def _outcomes(environment_id: int, postings: list[Posting]) -> Sequence[Outcome | None]:
    """Have a batch counted; ``None`` is what has to come again, by the terms as they are now."""
    if not postings:
        return ()
    try:
        return batches.record_batch(environment_id, postings)
    except batches.StaleBatch as stale:
        return stale.outcomes


def _told_before(environment_id: int, event: Event, why: Problem) -> Outcome:
    """Give what became of an event when it first came; by the terms of now it cannot be counted."""
    request = _Request(event.customer, event.key, Operation.RECORD.value, sent_of_event(event))
    try:
        return request.answer_on_file(environment_id) or Refusal(why.code, why.detail, tuple(why.errors))
    except Conflict as problem:
        return Refusal(problem.code, problem.detail, problem.errors)


def _recorded(admission: Admission, refused: list[RefusedEvent], taken: list[tuple[Event, Outcome]]) -> Recorded:
    replayed = sum(1 for _, outcome in taken if isinstance(outcome, Posted) and outcome.replayed)
    counted = sum(1 for _, outcome in taken if isinstance(outcome, Posted)) - replayed
    if replayed:
        admission.look_again()  # what stood there already was answered without a proof
    refused = refused + [_refused(event, outcome) for event, outcome in taken if isinstance(outcome, Refusal)]
    return Recorded(counted, replayed, tuple(sorted(refused, key=lambda event: event.index)))


def _refused(event: Event, why: Refusal) -> RefusedEvent:
    return RefusedEvent(event.index, event.key, why.code, why.message, why.errors)


def _refused_by_form(event: WrongEvent) -> RefusedEvent:
    # The code of the first thing wrong says more than that something is.
    first = event.problem.errors[0]
    return RefusedEvent(event.index, event.key, first.code, first.message, event.problem.errors)


def _changing() -> Unavailable:
    detail = "What the customer holds changes faster than it can be counted by. Try again."
    return Unavailable("terms_changing", detail, headers={"Retry-After": "1"})
