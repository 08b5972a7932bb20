"""Periodic work: the MRR ledger hears of what took effect by the passing of time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select, tuple_

from liftgate_server.customers.catching_up import catch_up
from liftgate_server.customers.endings import endings_of
from liftgate_server.customers.models import CustomerRow
from liftgate_server.customers.service import lock_customer
from liftgate_server.plumbing.db import reading, transaction
from liftgate_server.plumbing.one_by_one import is_done

__all__ = ["apply_due_changes"]

_DUE_PER_RUN = 500
_ORDER = (CustomerRow.next_change_at, CustomerRow.environment_id, CustomerRow.id)

_Due = tuple[datetime | None, int, str]


def apply_due_changes(at: datetime, *, limit: int = _DUE_PER_RUN) -> int:
    """Write the MRR ledger for what fell due in every environment; give the number of customers it was written for.

    Access does not wait for this: phases take effect by themselves. A customer that fails is passed over until the next
    run, and does not count, so that those behind it get their turn.
    """
    done = 0
    last: _Due | None = None
    while done < limit:
        due = _due_after(last, at, limit=limit - done)
        if not due:
            break
        done += sum(_is_booked(environment_id, customer, at) for _, environment_id, customer in due)
        last = due[-1]
    return done


def _due_after(last: _Due | None, at: datetime, *, limit: int) -> list[_Due]:
    query = select(*_ORDER).where(CustomerRow.next_change_at <= at).order_by(*_ORDER).limit(limit)
    if last is not None:
        seen = (bindparam(None, value, type_=key.type) for key, value in zip(_ORDER, last, strict=True))
        query = query.where(tuple_(*_ORDER) > tuple_(*seen))
    return [(due_at, environment_id, customer) for due_at, environment_id, customer in reading().execute(query)]


def _is_booked(environment_id: int, customer: str, at: datetime) -> bool:
    def book() -> bool:
        with transaction(environment_id) as session:
            row = lock_customer(session, environment_id, customer)
            catch_up(session, row, endings_of(environment_id), at=at)
        return True

    return is_done(book, "due_change_failed", environment_id=environment_id, customer=customer)
