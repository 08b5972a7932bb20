"""Publications at a set time: scheduled, and taken back."""

from __future__ import annotations

from datetime import datetime

from liftgate_server.catalog.document import SourceDocument
from liftgate_server.plumbing.audit import write_entry
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.db import transaction
from liftgate_server.plumbing.errors import Conflict, FieldError, Invalid
from liftgate_server.publishing.facts import ScheduledPublication, ScheduleState, Terms
from liftgate_server.publishing.models import ScheduledPublicationRow
from liftgate_server.publishing.proposals import propose_publication
from liftgate_server.publishing.removals import refuse_removals
from liftgate_server.publishing.scheduled_rows import decide, scheduled_of, unknown_schedule, waiting_row
from liftgate_server.publishing.terms import check_terms

__all__ = ["cancel_scheduled", "schedule"]


def schedule(
    environment_id: int,
    source: SourceDocument | None = None,
    *,
    at: datetime,
    terms: Terms | None = None,
    message: str = "",
    by: str | None = None,
) -> ScheduledPublication:
    """Let a document, or the draft as it is now, be published by itself at a set time.

    If something else is published before, it fails (``stale_base``) instead of taking that back.
    """
    terms = terms or Terms()
    with transaction(environment_id) as session:
        if at <= now():
            raise Invalid("invalid_terms", "The time has passed already.", errors=[_past()])
        proposal = propose_publication(environment_id, source)
        check_terms(terms, proposal.after, published_at=at)
        refuse_removals(environment_id, proposal)
        row = waiting_row(environment_id, proposal, terms, at=at)
        row.message, row.created_by = message, by
        session.add(row)
        session.flush()
        after = {"at": at.isoformat(), "base_version": row.base_version, "terms": row.terms, "message": message}
        write_entry(environment_id, "catalogue.scheduled", subject=f"schedule:{row.id}", after=after)
        return scheduled_of(row)


def cancel_scheduled(environment_id: int, schedule_id: str) -> ScheduledPublication:
    """Take back a publication that still waits."""
    with transaction(environment_id) as session:
        row = session.get(ScheduledPublicationRow, (environment_id, schedule_id))
        if row is None:
            raise unknown_schedule(schedule_id)
        if row.state != ScheduleState.WAITING.value:
            raise Conflict("schedule_decided", f"This publication is {row.state} already.")
        decide(row, ScheduleState.CANCELED)
        write_entry(
            environment_id,
            "catalogue.schedule_canceled",
            subject=f"schedule:{row.id}",
            before={"at": row.at.isoformat()},
        )
        return scheduled_of(row)


def _past() -> FieldError:
    return FieldError("at", "out_of_range", "The time has passed already.")
