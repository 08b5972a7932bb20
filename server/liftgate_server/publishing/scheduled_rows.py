"""Rows of scheduled publications become facts here, and proposals become rows."""

from __future__ import annotations

from datetime import datetime

import orjson

from liftgate.engine.catalogue import write_catalogue
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.errors import NotFound
from liftgate_server.plumbing.ids import new_id
from liftgate_server.publishing.facts import ScheduledPublication, ScheduleState, Terms
from liftgate_server.publishing.models import ScheduledPublicationRow
from liftgate_server.publishing.proposals import Proposal
from liftgate_server.publishing.terms import read_terms, write_terms

__all__ = ["decide", "scheduled_of", "unknown_schedule", "waiting_row"]


def waiting_row(environment_id: int, proposal: Proposal, terms: Terms, *, at: datetime) -> ScheduledPublicationRow:
    """Return a new row; its message and author are the caller's to add."""
    return ScheduledPublicationRow(
        environment_id=environment_id,
        id=new_id("pub"),
        at=at,
        state=ScheduleState.WAITING.value,
        base_version=proposal.published.version,
        document=orjson.dumps(write_catalogue(proposal.after)).decode(),
        terms=write_terms(terms),
        created_at=now(),
    )


def decide(row: ScheduledPublicationRow, state: ScheduleState) -> None:
    """Write down what became of a publication, and when."""
    row.state = state.value
    row.decided_at = now()


def unknown_schedule(schedule_id: str) -> NotFound:
    return NotFound("unknown_schedule", f"There is no scheduled publication '{schedule_id}' in this environment.")


def scheduled_of(row: ScheduledPublicationRow) -> ScheduledPublication:
    return ScheduledPublication(
        id=row.id,
        at=row.at,
        state=ScheduleState(row.state),
        base_version=row.base_version,
        terms=read_terms(row.terms),
        message=row.message,
        created_by=row.created_by,
        created_at=row.created_at,
        decided_at=row.decided_at,
        version=row.version,
        code=row.code,
        reason=row.reason,
    )
