"""Telling a customer's readers that a threshold was crossed, or that a limit is no longer reached.

What was counted is committed by then, together with the row that says what is to be told: if this fails, or the process
ends before, the periodic work does it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError

from liftgate_server.customers.service import mark_changed
from liftgate_server.plumbing.db import reading, transaction
from liftgate_server.plumbing.logs import logger
from liftgate_server.plumbing.one_by_one import is_done
from liftgate_server.usage.models import UsageCrossingRow

__all__ = ["announce", "announce_crossings", "announce_now"]

_MOST_AT_ONCE = 500


def announce(environment_id: int, customer: str) -> bool:
    """Raise the customer's version once for all that has to be told; say whether there was anything."""
    table = UsageCrossingRow
    of_customer = (table.environment_id == environment_id, table.customer == customer, table.announced.is_(False))
    with transaction(environment_id) as session:
        if session.scalar(select(table.feature).where(*of_customer).limit(1)) is None:
            return False
        # From here on nobody counts for the customer, so all that has been crossed can be seen.
        mark_changed(environment_id, customer)
        session.execute(
            update(table).where(*of_customer).values(announced=True).execution_options(synchronize_session=False)
        )
    return True


def announce_now(environment_id: int, customer: str) -> None:
    """Announce; where the database cannot do it at the moment, the periodic work will."""
    try:
        announce(environment_id, customer)
    except SQLAlchemyError as failure:
        logger().warning("crossing_not_announced", customer=customer, reason=str(failure))


def announce_crossings(at: datetime) -> int:  # noqa: ARG001 - periodic work is told the time
    """Announce what was left behind; give the number of customers."""
    table = UsageCrossingRow
    query = select(table.environment_id, table.customer).where(table.announced.is_(False)).distinct()
    waiting = reading().execute(query.limit(_MOST_AT_ONCE)).all()
    return sum(_is_announced(environment_id, customer) for environment_id, customer in waiting)


def _is_announced(environment_id: int, customer: str) -> bool:
    return is_done(
        lambda: announce(environment_id, customer),
        "crossing_not_announced",
        environment_id=environment_id,
        customer=customer,
    )
