"""What the passing of time did to a customer is written down: versions that ended, and the MRR ledger.

Whoever changes what a customer holds does this first, so that the ledger is written in the order of the instants.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from liftgate_server.customers.endings import Endings, follow, keeps_its_price
from liftgate_server.customers.ledger import book_change, book_due_changes, next_change
from liftgate_server.customers.models import CustomerRow
from liftgate_server.customers.mrr import MrrCause
from liftgate_server.customers.rows import load_timeline, store_timeline
from liftgate_server.customers.timeline import Timeline
from liftgate_server.plumbing.logs import logger

__all__ = ["catch_up"]


def catch_up(session: Session, row: CustomerRow, endings: Endings, *, at: datetime) -> Timeline:
    """Write down what fell due for the customer up to the instant, and return the customer's timeline as it is then.

    The customer's version stays: everybody who reads a customer follows what has ended by the clock, so nothing that
    somebody outside can see changes here, and a date for all does not make every SDK ask for every customer anew.
    """
    written = load_timeline(session, row)
    timeline = follow(written, endings, until=at)
    if timeline.is_same_as(written):
        book_due_changes(session, row, written, at=at)
        return written
    cuts = {instant for instant in {*timeline.boundaries()} - {*written.boundaries()} if instant <= at}
    book_due_changes(session, row, timeline, at=at, also=cuts)
    # A phase that began in a version that had ended already has no boundary of its own for the new price.
    book_change(session, row, timeline, at=at, cause=MrrCause.GRANDFATHERING_ENDED)
    _tell_kept_prices(row, written, timeline, endings)
    store_timeline(session, row, timeline)
    row.next_change_at = next_change(timeline, at)
    return load_timeline(session, row)


def _tell_kept_prices(row: CustomerRow, before: Timeline, after: Timeline, endings: Endings) -> None:
    known = {(plan.choice.plan, plan.choice.plan_version) for plan in before.plans}
    for plan in after.plans:
        choice = plan.choice
        if (choice.plan, choice.plan_version) not in known and keeps_its_price(choice, endings):
            logger().warning(
                "agreed_price_kept",
                environment_id=row.environment_id,
                customer=row.id,
                plan=choice.plan,
                version=choice.plan_version,
                interval=choice.interval.value,
                currency=choice.currency,
                unit_amount=choice.unit_amount,
            )
