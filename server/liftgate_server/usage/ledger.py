"""The one door to the ledger; behind it the two databases, which mean the same.

Every call carries a key that belongs to the customer. The same key with the same payload gives the same answer for as
long as the ledger is kept, whatever has changed since; with another payload it is a conflict that names each field.
"""

from __future__ import annotations

from datetime import datetime

from liftgate_server.usage.facts import Posted, Posting

__all__ = ["add_level", "commit", "consume", "refund", "release", "reserve", "set_level"]


def consume(environment_id: int, posting: Posting) -> Posted:
    """Count units if they fit, or whatever the limits say when the posting is forced.

    A refusal is remembered too, with a quantity of nothing. Raises ``StaleTerms`` and ``idempotency_conflict``.
    """
    raise NotImplementedError


def reserve(environment_id: int, posting: Posting, *, expires_at: datetime) -> Posted:
    """Hold units until they are committed or released, or until they expire; the posting's key names the reservation."""
    raise NotImplementedError


def commit(environment_id: int, customer: str, key: str, *, quantity: int, at: datetime) -> Posted:
    """Count what was really used of a reservation and give back the rest.

    It counts at the instant of the reservation, whose limits it was judged by. Raises ``unknown_reservation``,
    ``reservation_expired``, ``reservation_released``, ``reservation_committed`` and ``beyond_reservation``.
    """
    raise NotImplementedError


def release(environment_id: int, customer: str, key: str, *, at: datetime) -> Posted:
    """Give a reservation back; raises as ``commit`` does."""
    raise NotImplementedError


def refund(environment_id: int, customer: str, key: str, *, of: str, quantity: int | None, at: datetime) -> Posted:
    """Give units of an entry back to the buckets they came from, the last taken first; all that is left without a number.

    Raises ``unknown_usage`` and ``beyond_refundable``.
    """
    raise NotImplementedError


def set_level(environment_id: int, posting: Posting) -> Posted:
    """Say how much of a capacity is used; what was said for a later instant stays.

    An ``at`` that the caller did not send (``sent``) is never too old.
    """
    raise NotImplementedError


def add_level(environment_id: int, posting: Posting) -> Posted:
    """Raise or lower the level by so many units; raises ``level_below_zero``. Refused beyond the limit unless forced."""
    raise NotImplementedError
