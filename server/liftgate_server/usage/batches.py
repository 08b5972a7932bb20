"""Many entries of many customers at once: what a host recorded after the fact, counted exactly once by key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy.exc import DBAPIError

from liftgate_server.plumbing.db import hot_writes
from liftgate_server.plumbing.errors import Conflict, Invalid, Unavailable
from liftgate_server.usage import ledger
from liftgate_server.usage.batch_answers import Name, Outcome, answer_again, answers
from liftgate_server.usage.batch_plan import BatchPlan, StaleBatch, can_be_added_up, parts_of, plan_batch
from liftgate_server.usage.batch_taking import ExpiredInTheWay, Taken
from liftgate_server.usage.batches_postgresql import take_on_postgresql
from liftgate_server.usage.batches_sqlite import take_on_sqlite
from liftgate_server.usage.crossings import announce_now
from liftgate_server.usage.facts import Posting, Refusal, StaleTerms

__all__ = ["MOST_POSTINGS", "StaleBatch", "record_batch"]

MOST_POSTINGS: Final = 1_000

# Each time somebody let go of what had expired, so the next time there is hardly anything in the way.
_MOST_ATTEMPTS: Final = 5
_OUT_OF_RANGE: Final = "22003"


def record_batch(environment_id: int, postings: Sequence[Posting]) -> tuple[Outcome, ...]:
    """Count up to 1,000 entries of many customers, whatever their limits say; give what became of each, in order.

    What was counted before is told as replayed, a key that was used for something else as refused; neither is counted.
    Raises ``StaleBatch`` with the customers whose terms have changed and with what was taken all the same.
    """
    firsts: dict[Name, Posting] = {}
    for posting in postings:
        firsts.setdefault((posting.customer, posting.key), posting)
    ordered = [firsts[name] for name in sorted(firsts)]
    outcomes: dict[Name, Outcome] = {}
    stale: set[str] = set()
    for part in _parts(ordered):
        try:
            outcomes |= _take_part(environment_id, part)
        except StaleBatch as found:
            stale |= found.customers
    answered = tuple(_answer(outcomes, firsts, posting) for posting in postings)
    if stale:
        raise StaleBatch(stale, answered)
    return tuple(answer for answer in answered if answer is not None)


def _parts(postings: Sequence[Posting]) -> Iterator[Sequence[Posting]]:
    """Give what is taken together, and one by one what order matters to."""
    yield from parts_of([posting for posting in postings if can_be_added_up(posting)])
    yield from ([posting] for posting in postings if not can_be_added_up(posting))


def _answer(outcomes: dict[Name, Outcome], firsts: dict[Name, Posting], posting: Posting) -> Outcome | None:
    name = (posting.customer, posting.key)
    outcome, first = outcomes.get(name), firsts[name]
    return outcome if outcome is None or posting is first else answer_again(outcome, first, posting)


def _take_part(environment_id: int, postings: Sequence[Posting]) -> dict[Name, Outcome]:
    if not can_be_added_up(postings[0]):
        return {(it.customer, it.key): _take_alone(environment_id, it) for it in postings}
    plan = plan_batch(postings)
    taken = _taken(environment_id, plan)
    for customer in sorted(taken.to_announce):
        announce_now(environment_id, customer)
    return answers(plan, taken)


def _taken(environment_id: int, plan: BatchPlan) -> Taken:
    writes = hot_writes()
    take = take_on_sqlite if writes.dialect == "sqlite" else take_on_postgresql
    for _ in range(_MOST_ATTEMPTS):
        try:
            return writes.run(lambda execute: take(execute, environment_id, plan))
        except ExpiredInTheWay as found:
            at = max(it.received_at for it in plan.postings)
            for customer, feature in found.features:
                ledger.expire(environment_id, customer, feature, at=at)
        except DBAPIError as failure:
            if getattr(failure.orig, "sqlstate", None) == _OUT_OF_RANGE:
                raise Invalid("out_of_range", "So much cannot be counted.") from failure
            raise
    raise Unavailable("database_unavailable", "The database could not count this; try again.")


def _take_alone(environment_id: int, posting: Posting) -> Outcome:
    try:
        return ledger.consume(environment_id, posting)
    except StaleTerms as failure:
        raise StaleBatch([posting.customer]) from failure
    except Conflict as problem:
        return Refusal(problem.code, problem.detail, problem.errors)
