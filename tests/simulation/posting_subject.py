"""The ledger's own steps as a subject of the simulation."""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from datetime import datetime, timedelta
from typing import Any

import orjson

from liftgate_server.plumbing.errors import Problem
from liftgate_server.usage import facts as ledger_facts
from liftgate_server.usage import level_steps, posting_steps, refund_steps, settling_steps
from liftgate_server.usage.facts import Operation, Posted, Posting, Proof
from liftgate_server.usage.posting_records import instant_of
from liftgate_server.usage.posting_statements import COMMIT, Statement, begin
from tests.simulation.facts import Counter, Day, Event, Facts, Parts, Reservation
from tests.simulation.messages import Answer, Kind, Request
from tests.simulation.sql_store import ENVIRONMENT, SqlStore
from tests.simulation.world import Refused, StaleTerms, Terms

Steps = Generator[Any, Any, Any]

_OPERATIONS = {
    Kind.CONSUME: Operation.CONSUME,
    Kind.RECORD: Operation.RECORD,
    Kind.RESERVE: Operation.CONSUME,
    Kind.LEVEL: Operation.LEVEL,
    Kind.INCREMENT: Operation.INCREMENT,
}

_LOAD = """
    SELECT catalogue_number, publication, version, plan, gift FROM customers JOIN change_counters USING (environment_id)
    WHERE environment_id = ? AND id = ?"""
_EVENTS = (
    'SELECT customer, key, operation, feature, "user", quantity, base_quantity, at, refused, receipt FROM usage_events'
)
_RESERVATIONS = """
    SELECT customer, key, feature, "user", units, receipt, created_at, expires_at, state,
        COALESCE(settled, 0), settled_at
    FROM usage_reservations"""
_COUNTERS = 'SELECT customer, feature, "user", "window", used, held, starts_at, ends_at FROM usage_counters'
_DAYS = 'SELECT customer, feature, "user", day, units FROM usage_days'
_CROSSED = 'SELECT customer, feature, "user", "window" FROM usage_crossings WHERE percent = 100'
_HELD = "SELECT id, plan, gift FROM customers"


class PostingLedger:
    """Calls the steps as the driver of SQLite does."""

    def load(self, customer: str) -> Generator[Any, Any, Terms]:
        """Read what is known of catalogue and customer."""
        ((catalogue, publication, version, plan, gift),) = yield Statement(_LOAD, (ENVIRONMENT, customer))
        return Terms(customer, catalogue, publication, version, plan, bool(gift))

    def change_customer(self, customer: str, *, plan: str | None, has_gift: bool | None) -> Steps:
        """Change what a customer holds."""
        yield begin(ENVIRONMENT, customer)
        changed = "UPDATE customers SET version = version + 1, plan = COALESCE(?, plan), gift = COALESCE(?, gift)"
        yield Statement(f"{changed} WHERE id = ?", (plan, has_gift, customer))
        yield COMMIT

    def publish(self, publication: int) -> Steps:
        """Publish another catalogue."""
        yield begin(ENVIRONMENT, "")
        yield Statement(
            "UPDATE change_counters SET catalogue_number = catalogue_number + 1, publication = ?", (publication,)
        )
        yield COMMIT

    def handle(self, request: Request, terms: Terms, *, now: datetime) -> Generator[Any, Any, Answer]:
        """Do what the request wants."""
        try:
            posted: Posted = yield from self.steps(request, terms, now)
        except ledger_facts.StaleTerms as stale:
            raise StaleTerms from stale
        except Problem as problem:
            raise Refused(problem.code) from problem
        if posted.to_announce:
            # What the customer's readers are told raises the version, and whoever counts by the older one starts anew.
            yield begin(ENVIRONMENT, request.customer)
            yield Statement("UPDATE customers SET version = version + 1 WHERE id = ?", (request.customer,))
            yield COMMIT
        receipt = posted.receipt
        return Answer(posted.granted, _parts(receipt.parts), tuple(sorted(receipt.counters.items(), key=str)))

    def steps(self, request: Request, terms: Terms, now: datetime) -> Generator[Any, Any, Posted]:
        """Choose the steps of a request."""
        place = (ENVIRONMENT, request.customer, request.key)
        match request.kind:
            case Kind.COMMIT:
                return settling_steps.settle(*place, quantity=request.units, at=now)
            case Kind.RELEASE:
                return settling_steps.settle(*place, quantity=None, at=now)
            case Kind.REFUND:
                return refund_steps.refund(*place, of=request.of or "", quantity=request.units, at=now)
            case Kind.RESERVE:
                until = now + timedelta(seconds=request.seconds)
                return posting_steps.post(ENVIRONMENT, self.posting(request, terms, now), expires_at=until)
            case Kind.LEVEL | Kind.INCREMENT:
                return level_steps.change_level(ENVIRONMENT, self.posting(request, terms, now))
        return posting_steps.post(ENVIRONMENT, self.posting(request, terms, now))

    def posting(self, request: Request, terms: Terms, now: datetime) -> Posting:
        """Make a posting by the terms that the server knows."""
        at = request.at or now
        return Posting(
            customer=request.customer,
            key=request.key,
            operation=_OPERATIONS[request.kind],
            feature=request.feature,
            quantity=request.units,
            at=at,
            received_at=now,
            digest=hashlib.sha256(repr(request.payload).encode()).digest(),
            allowance=terms.allowance(request.feature, at=at, user=request.user),
            proof=Proof(terms.catalogue, None, terms.version),
            user=request.user,
            forced=request.kind is Kind.RECORD,
            sent={"quantity": request.units} | ({} if request.at is None else {"at": request.at}),
        )


class PostingSubject:
    """The steps on SQLite; a mutant of them where one is given."""

    def __init__(self, ledger: PostingLedger | None = None) -> None:
        self.storage = SqlStore()
        self.ledger = ledger or PostingLedger()
        self._parts: dict[tuple[str, str, str], Parts] = {}
        self._instants: dict[str, datetime] = {}

    def facts(self) -> Facts:
        """Tell what is committed."""
        rows = self.storage.rows
        return Facts(
            events=tuple(self._event(row) for row in rows(_EVENTS)),
            reservations=tuple(self._reservation(row) for row in rows(_RESERVATIONS)),
            counters=tuple(self._counter(row) for row in rows(_COUNTERS)),
            days=tuple(Day(*row) for row in rows(_DAYS)),
            publication=rows("SELECT publication FROM change_counters")[0][0],
            held={customer: (plan, bool(gift)) for customer, plan, gift in rows(_HELD)},
            crossed=frozenset(rows(_CROSSED)),
        )

    def _counter(self, row: tuple[Any, ...]) -> Counter:
        customer, feature, user, window, used, held, starts_at, ends_at = row
        return Counter(customer, feature, user, window, used, held, self._instant(starts_at), self._instant(ends_at))

    def _event(self, row: tuple[Any, ...]) -> Event:
        customer, key, operation, feature, user, quantity, base_quantity, at, refused, receipt = row
        parts = self._taken("event", customer, key, receipt)
        return Event(
            customer, key, operation, feature, user, quantity, base_quantity, self._instant(at), parts, bool(refused)
        )

    def _reservation(self, row: tuple[Any, ...]) -> Reservation:
        customer, key, feature, user, units, receipt, at, expires_at, state, settled, ended = row
        parts = self._taken("reservation", customer, key, receipt)
        instants = self._instant(at), self._instant(expires_at)
        return Reservation(
            customer, key, feature, user, units, parts, *instants, state, settled, ended and self._instant(ended)
        )

    def _taken(self, table: str, customer: str, key: str, receipt: str) -> Parts:
        """Read the parts of a receipt, which never changes."""
        known = self._parts.get((table, customer, key))
        if known is None:
            known = self._parts[table, customer, key] = tuple(map(tuple, orjson.loads(receipt)["parts"]))
        return known

    def _instant(self, text: str) -> datetime:
        known = self._instants.get(text)
        if known is None:
            known = self._instants[text] = instant_of(text)
        return known


def _parts(parts: Any) -> Parts:
    return tuple((part.bucket, part.units) for part in parts)
