"""What was scheduled is carried out when it is due; what cannot be says why."""

from __future__ import annotations

from datetime import datetime

import orjson
from sqlalchemy import select

from liftgate_server.catalog.document import SourceDocument
from liftgate_server.plumbing.audit import write_entry
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.db import reading, transaction
from liftgate_server.plumbing.errors import Problem
from liftgate_server.plumbing.one_by_one import is_done
from liftgate_server.publishing.facts import ScheduleState
from liftgate_server.publishing.models import ScheduledPublicationRow
from liftgate_server.publishing.proposals import propose
from liftgate_server.publishing.publication import Entry, carry_out
from liftgate_server.publishing.scheduled_rows import decide
from liftgate_server.publishing.terms import read_terms, still_meant

__all__ = ["publish_due"]


def publish_due(at: datetime) -> int:
    """Publish what is due, each in a transaction of its own; returns how many were decided."""
    table = ScheduledPublicationRow
    due = select(table.environment_id, table.id).where(table.state == ScheduleState.WAITING.value, table.at <= at)
    waiting = reading().execute(due.order_by(table.at, table.id)).all()
    return sum(_is_decided(environment_id, schedule_id) for environment_id, schedule_id in waiting)


def _is_decided(environment_id: int, schedule_id: str) -> bool:
    about = {"environment": environment_id, "schedule": schedule_id}
    return is_done(lambda: _publish_scheduled(environment_id, schedule_id), "schedule_failed", **about)


def _publish_scheduled(environment_id: int, schedule_id: str) -> bool:
    with transaction(environment_id) as session:
        row = session.get(ScheduledPublicationRow, (environment_id, schedule_id), populate_existing=True)
        if row is None or row.state != ScheduleState.WAITING.value:
            return False
        try:
            version = _publish(environment_id, row)
        except Problem as refusal:
            # Its own part was undone; that it failed, and why, is for people to see.
            decide(row, ScheduleState.FAILED)
            row.code, row.reason = refusal.code, refusal.detail[:1000]
            after = {"code": refusal.code, "reason": refusal.detail}
            write_entry(environment_id, "catalogue.schedule_failed", subject=f"schedule:{row.id}", after=after)
        else:
            decide(row, ScheduleState.PUBLISHED)
            row.version = version
        session.flush()
        return True


def _publish(environment_id: int, row: ScheduledPublicationRow) -> int:
    # A transaction within the row's own: a refusal undoes the publication and not what is written down about it.
    with transaction(environment_id):
        proposal = propose(environment_id, SourceDocument(orjson.loads(row.document)))
        entry = Entry(row.message, row.created_by, base_version=row.base_version)
        return carry_out(environment_id, proposal, still_meant(read_terms(row.terms), now()), entry).version
