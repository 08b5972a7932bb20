"""The one door to the ledger; behind it the two databases, which mean the same.

Every call carries a key that belongs to the customer. The same key with the same payload gives the same answer for as
long as the ledger is kept, whatever has changed since; with another payload it is a conflict that names each field.
Whoever counts by other ways (a batch, a repair) has to take the customer's lock as ``posting_statements.begin`` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import ModuleType

from liftgate_server.plumbing.db import hot_writes
from liftgate_server.plumbing.hot_writes import HotWrites
from liftgate_server.usage import ledger_postgresql, ledger_sqlite
from liftgate_server.usage.carrying_out import carry_out
from liftgate_server.usage.counting_steps import RESERVE, Sent, answer_on_file
from liftgate_server.usage.crossings import announce_now
from liftgate_server.usage.facts import Posted, Posting, StaleTerms
from liftgate_server.usage.level_steps import change_level
from liftgate_server.usage.refund_steps import refund as refund_steps
from liftgate_server.usage.settling_steps import sweep

__all__ = [
    "RESERVE",
    "StaleTerms",
    "add_level",
    "answered_before",
    "commit",
    "consume",
    "expire",
    "refund",
    "release",
    "reserve",
    "set_level",
]


def consume(environment_id: int, posting: Posting) -> Posted:
    """Count units if they fit, or whatever the limits say when the posting is forced or a record.

    A refusal is remembered too, with a quantity of nothing. Raises ``StaleTerms`` and ``idempotency_conflict``.
    """
    writes = hot_writes()
    return _announced(environment_id, posting.customer, _of(writes).post(writes, environment_id, posting))


def reserve(environment_id: int, posting: Posting, *, expires_at: datetime) -> Posted:
    """Hold units until they are committed or released, or until they expire. Its key names the reservation."""
    writes = hot_writes()
    posted = _of(writes).post(writes, environment_id, posting, expires_at=expires_at)
    return _announced(environment_id, posting.customer, posted)


def commit(environment_id: int, customer: str, key: str, *, quantity: int, at: datetime) -> Posted:
    """Count what was really used of a reservation and give back the rest.

    It counts at the instant of the reservation, whose limits it was judged by. Raises ``unknown_reservation``,
    ``reservation_expired``, ``reservation_released``, ``reservation_committed`` and ``beyond_reservation``.
    """
    writes = hot_writes()
    posted = _of(writes).settle(writes, environment_id, customer, key, quantity=quantity, at=at)
    return _announced(environment_id, customer, posted)


def release(environment_id: int, customer: str, key: str, *, at: datetime) -> Posted:
    """Give a reservation back; raises as ``commit`` does."""
    writes = hot_writes()
    posted = _of(writes).settle(writes, environment_id, customer, key, quantity=None, at=at)
    return _announced(environment_id, customer, posted)


def refund(environment_id: int, customer: str, key: str, *, of: str, quantity: int | None, at: datetime) -> Posted:
    """Give units of an entry back to the buckets they came from, the last taken first; without a number what is left.

    Raises ``unknown_usage`` and ``beyond_refundable``.
    """
    posted = carry_out(
        hot_writes(), lambda: refund_steps(environment_id, customer, key, of=of, quantity=quantity, at=at)
    )
    return _announced(environment_id, customer, posted)


def set_level(environment_id: int, posting: Posting) -> Posted:
    """Say how much of a capacity is used; what was said for a later instant stays.

    An ``at`` that the caller did not send (``sent``) is never too old.
    """
    posted = carry_out(hot_writes(), lambda: change_level(environment_id, posting))
    return _announced(environment_id, posting.customer, posted)


def add_level(environment_id: int, posting: Posting) -> Posted:
    """Raise or lower a level; raises ``level_below_zero``. It is refused beyond the limit unless it is forced."""
    return set_level(environment_id, posting)


def expire(environment_id: int, customer: str, feature: str, *, at: datetime) -> None:
    """Give back what expired reservations hold of a feature."""
    to_announce = carry_out(hot_writes(), lambda: sweep(environment_id, customer, feature, at=at))
    if to_announce:
        announce_now(environment_id, customer)


def answered_before(
    environment_id: int, customer: str, key: str, *, operation: str, digest: bytes, sent: Mapping[str, object]
) -> Posted | None:
    """Return what a key was answered, for who can make its posting no more: what it used may be gone by now.

    Raises ``idempotency_conflict``. ``operation`` is that of the posting, or ``RESERVE``.
    """
    request = Sent(environment_id, customer, key, operation, digest, dict(sent))
    # No lock is needed: an answer on file does not change.
    return carry_out(hot_writes(), lambda: answer_on_file(request))


def _of(writes: HotWrites) -> ModuleType:
    return ledger_sqlite if writes.dialect == "sqlite" else ledger_postgresql


def _announced(environment_id: int, customer: str, posted: Posted) -> Posted:
    if posted.to_announce:
        announce_now(environment_id, customer)
    return posted
