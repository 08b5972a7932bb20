"""The MRR ledger: every change of what a customer pays per month is written down once, in its order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from liftgate_server.customers.facts import Attribution
from liftgate_server.customers.models import CustomerRow, MrrChangeRow
from liftgate_server.customers.mrr import MrrCause, cause_at, kind_of, mrr_at
from liftgate_server.customers.timeline import Timeline
from liftgate_server.plumbing.ids import new_id


def book_due_changes(
    session: Session, row: CustomerRow, timeline: Timeline, *, at: datetime, also: Iterable[datetime] = ()
) -> int:
    """Write what fell due by the passing of time, each at its own instant; give the number of rows written.

    Doing it again writes nothing, because ``next_change_at`` has moved on. ``also`` are instants that it could not
    know of, because they were decided for many customers at once.
    """
    due = set(also)
    if row.next_change_at is not None:
        due.update(instant for instant in timeline.boundaries() if row.next_change_at <= instant <= at)
    if not due:
        return 0
    written = sum(
        book_change(session, row, timeline, at=instant, cause=cause_at(timeline, instant)) for instant in sorted(due)
    )
    row.next_change_at = next_change(timeline, at)
    return written


def book_change(
    session: Session,
    row: CustomerRow,
    timeline: Timeline,
    *,
    at: datetime,
    cause: MrrCause,
    attribution: Attribution | None = None,
) -> int:
    """Write the net change of MRR at that instant, if there is one; give the number of rows written."""
    last = last_change(session, row)
    before = 0 if last is None else last.mrr_after
    after = mrr_at(timeline, at)
    if before == after:
        return 0
    source = attribution or Attribution()
    currency = timeline.currency_at(at) if after else None
    session.add(
        MrrChangeRow(
            environment_id=row.environment_id,
            customer=row.id,
            sequence=1 if last is None else last.sequence + 1,
            id=new_id("mrr"),
            at=at,
            kind=kind_of(before, after, paid_earlier=last is not None).value,
            cause=cause.value,
            # What ends was paid in the currency of the row before.
            currency=currency or ("" if last is None else last.currency),
            mrr_before=before,
            mrr_after=after,
            order_id=source.order_id,
            offer_key=source.offer_key,
            impression_id=source.impression_id,
        )
    )
    session.flush()
    return 1


def last_change(session: Session, row: CustomerRow) -> MrrChangeRow | None:
    """Read the newest row of the customer's ledger."""
    return session.scalar(
        select(MrrChangeRow)
        .where(MrrChangeRow.environment_id == row.environment_id, MrrChangeRow.customer == row.id)
        .order_by(MrrChangeRow.sequence.desc())
        .limit(1)
    )


def next_change(timeline: Timeline, at: datetime) -> datetime | None:
    """Return the first instant after ``at`` at which something begins or ends."""
    return min((instant for instant in timeline.boundaries() if instant > at), default=None)
