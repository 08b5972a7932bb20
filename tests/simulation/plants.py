"""Bugs to be found: mutants of the ledger's steps, each the way somebody would write it who did not know better."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import orjson

from liftgate.engine.allocation import Part
from liftgate.engine.allowance import Allowance
from liftgate_server.usage import posting_statements as sql
from liftgate_server.usage import refund_steps
from liftgate_server.usage.facts import Posting
from liftgate_server.usage.posting_statements import COMMIT, Statement, begin
from tests.simulation.messages import Kind, Request
from tests.simulation.posting_subject import PostingLedger
from tests.simulation.sql_store import ENVIRONMENT
from tests.simulation.world import Refused, Terms

Steps = Generator[Statement, Any, Any]
Rewrite = Callable[[Statement], "Steps"]

_WRITES_THE_KEY = {sql.NEW_ENTRY, sql.NEW_RESERVATION}


def rewritten(steps: Steps, rewrite: Rewrite) -> Steps:
    """Carry out something else for each statement; what it returns are the rows the steps are told."""
    rows: Any = None
    while True:
        try:
            statement = steps.send(rows)
        except StopIteration as end:
            return end.value
        try:
            rows = yield from rewrite(statement)
        except sqlite3.IntegrityError as twice:
            raise Refused("error") from twice


def _anew() -> Steps:
    """End the transaction and begin another."""
    yield COMMIT
    yield begin(ENVIRONMENT, "")


class Mutant(PostingLedger):
    """Rewrites each statement of a request."""

    def steps(self, request: Request, terms: Terms, now: datetime) -> Steps:
        """Carry out what the mutant makes of it."""
        return rewritten(super().steps(request, terms, now), self.rewrite(request))

    def rewrite(self, request: Request) -> Rewrite:
        """Give what stands in for each statement of a request."""
        raise NotImplementedError


class CheckThenAct(Mutant):
    """Reads and decides in one transaction and writes in the next."""

    def rewrite(self, request: Request) -> Rewrite:
        def each(statement: Statement) -> Steps:
            if statement.text in _WRITES_THE_KEY:
                yield from _anew()
            return (yield statement)

        return each


class KeyClaimedBeforeTheWrite(Mutant):
    """Makes the key its own in a transaction before the one that counts."""

    def rewrite(self, request: Request) -> Rewrite:
        def each(statement: Statement) -> Steps:
            rows = yield statement
            if statement.text in _WRITES_THE_KEY:
                yield from _anew()
            return rows

        return each


class CounterBeforeLedger(Mutant):
    """Counts first, and writes the entry afterwards in another transaction."""

    def rewrite(self, request: Request) -> Rewrite:
        kept: list[Statement] = []

        def each(statement: Statement) -> Steps:
            if statement.text in _WRITES_THE_KEY:
                kept.append(statement)
                return []
            if kept and statement.text in {sql.COUNT_DAY, COMMIT.text}:
                yield from _anew()
                yield kept.pop()
            return (yield statement)

        return each


class InclusivePeriodEnd(Mutant):
    """Takes the end of a period for a part of it."""

    def rewrite(self, request: Request) -> Rewrite:
        def each(statement: Statement) -> Steps:
            return (yield replace(statement, text=statement.text.replace("ends_at > ?", "ends_at >= ?")))

        return each


class InclusiveSum(Mutant):
    """Makes a counter from the ledger with the end of its period."""

    def rewrite(self, request: Request) -> Rewrite:
        def each(statement: Statement) -> Steps:
            return (yield replace(statement, text=statement.text.replace("at < ?", "at <= ?")))

        return each


class TermsNotProven(Mutant):
    """Believes what it read of plan and catalogue a while ago."""

    def steps(self, request: Request, terms: Terms, now: datetime) -> Steps:
        """Answer the look at the terms with those that are known."""

        def each(statement: Statement) -> Steps:
            if statement.text == sql.TERMS:
                return [(terms.catalogue, None, terms.version)]
            return (yield statement)

        return rewritten(PostingLedger.steps(self, request, terms, now), each)


class RefusalForgotten(Mutant):
    """Keeps what was granted and forgets what was refused."""

    def rewrite(self, request: Request) -> Rewrite:
        def each(statement: Statement) -> Steps:
            if statement.text == sql.NEW_ENTRY and any(value is True for value in statement.values):
                return []
            return (yield statement)

        return each


class SweptTwice(Mutant):
    """Looks for expired reservations in one transaction and ends them in the next."""

    def rewrite(self, request: Request) -> Rewrite:
        def each(statement: Statement) -> Steps:
            rows = yield statement
            if statement.text == sql.EXPIRED:
                yield from _anew()
            return rows

        return each


class ReleaseToldOfItsReservation(Mutant):
    """Answers a release that is asked for again with what the counters said when it was reserved."""

    def rewrite(self, request: Request) -> Rewrite:
        def each(statement: Statement) -> Steps:
            rows = yield statement
            if statement.text != sql.RESERVATION:
                return rows
            return [(*row[:4], _with_its_own_end(row[4]), *row[5:]) for row in rows]

        return each


def _with_its_own_end(receipt: str) -> dict[str, Any]:
    document: dict[str, Any] = orjson.loads(receipt)
    return document | {"ended": document["counters"]}


class ExpiredStillCommitted(PostingLedger):
    """Does not look at when a reservation expires while nobody has swept it."""

    def steps(self, request: Request, terms: Terms, now: datetime) -> Steps:
        """Commit as if no time had passed."""
        if request.kind in {Kind.COMMIT, Kind.RELEASE}:
            return rewritten(super().steps(request, terms, datetime.min.replace(tzinfo=UTC)), _settled_at(now))
        return super().steps(request, terms, now)


def _settled_at(now: datetime) -> Rewrite:
    def each(statement: Statement) -> Steps:
        if statement.text == sql.SETTLE:
            state, settled, _, *rest = statement.values
            statement = replace(statement, values=(state, settled, now, *rest))
        return (yield statement)

    return each


def _as_it_is(statement: Statement) -> Steps:
    return (yield statement)


class LateCountedOnArrival(PostingLedger):
    """Counts what is told late when it is told."""

    def steps(self, request: Request, terms: Terms, now: datetime) -> Steps:
        """Take no notice of when it happened."""
        return super().steps(replace(request, at=None), terms, now)


class RememberedTooLong(PostingLedger):
    """Goes on counting by an allowance whose end has come."""

    def steps(self, request: Request, terms: Terms, now: datetime) -> Steps:
        """Carry out the steps as they are."""
        return rewritten(super().steps(request, terms, now), _as_it_is)

    def posting(self, request: Request, terms: Terms, now: datetime) -> Posting:
        """Take the allowance that is known, however old it is."""
        made = super().posting(request, terms, now)
        _, known = terms.remembered.get((f"first {request.feature}", request.user), (now, made.allowance))
        terms.remembered.setdefault((f"first {request.feature}", request.user), (now, cast("Allowance", known)))
        return replace(made, allowance=known if request.at is None else made.allowance)


class RefundToTheWrongBucket(PostingLedger):
    """Gives everything back to the plan, wherever it was taken from."""

    def steps(self, request: Request, terms: Terms, now: datetime) -> Steps:
        """Refund with another rule for what goes where."""
        steps = super().steps(request, terms, now)
        return _with_other_buckets(steps) if request.kind is Kind.REFUND else steps


def _with_other_buckets(steps: Steps) -> Steps:
    """Let the steps find another function in their module whenever they run."""
    right = refund_steps._to_give_back

    def wrong(was: Any, given_back: Any, quantity: int | None) -> tuple[Part, ...]:
        return (Part("base", sum(part.units for part in right(was, given_back, quantity))),)

    rows: Any = None
    while True:
        refund_steps._to_give_back = wrong
        try:
            statement = steps.send(rows)
        except StopIteration as end:
            return end.value
        finally:
            refund_steps._to_give_back = right
        rows = yield statement


PLANTS: tuple[type[PostingLedger], ...] = (
    CheckThenAct,
    KeyClaimedBeforeTheWrite,
    CounterBeforeLedger,
    InclusivePeriodEnd,
    InclusiveSum,
    TermsNotProven,
    RefusalForgotten,
    SweptTwice,
    ReleaseToldOfItsReservation,
    ExpiredStillCommitted,
    LateCountedOnArrival,
    RememberedTooLong,
    RefundToTheWrongBucket,
)
