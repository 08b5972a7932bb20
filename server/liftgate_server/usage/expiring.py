"""Periodic work: reservations that nobody ended give back what they hold."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from liftgate_server.plumbing.db import reading
from liftgate_server.plumbing.one_by_one import is_done
from liftgate_server.usage.facts import ReservationState
from liftgate_server.usage.ledger import expire
from liftgate_server.usage.models import UsageReservationRow

__all__ = ["expire_reservations"]

_MOST_AT_ONCE = 1_000


def expire_reservations(at: datetime) -> int:
    """End what has expired; give the number of customers' features. Consuming does so too: no limit waits for this."""
    table = UsageReservationRow
    query = (
        select(table.environment_id, table.customer, table.feature)
        .where(table.state == ReservationState.OPEN.value, table.expires_at <= at)
        .limit(_MOST_AT_ONCE)
    )
    due = sorted({(row[0], row[1], row[2]) for row in reading().execute(query)})
    return sum(_is_expired(environment_id, customer, feature, at) for environment_id, customer, feature in due)


def _is_expired(environment_id: int, customer: str, feature: str, at: datetime) -> bool:
    def end() -> bool:
        expire(environment_id, customer, feature, at=at)
        return True

    return is_done(end, "reservation_not_expired", environment_id=environment_id, customer=customer, feature=feature)
