"""Reads of what waits to be published, and of what became of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from liftgate_server.plumbing.db import reading
from liftgate_server.plumbing.paging import DEFAULT_PAGE, Page, page_query
from liftgate_server.publishing.facts import ScheduledPublication, ScheduleState
from liftgate_server.publishing.models import ScheduledPublicationRow
from liftgate_server.publishing.scheduled_rows import scheduled_of, unknown_schedule

__all__ = ["scheduled", "scheduled_by_id"]


def scheduled(
    environment_id: int, *, state: ScheduleState | None = None, cursor: str | None = None, limit: int = DEFAULT_PAGE
) -> Page[ScheduledPublication]:
    """List scheduled publications, those that were scheduled last first."""
    table = ScheduledPublicationRow
    query: Select[Any] = select(table).where(table.environment_id == environment_id)
    if state is not None:
        query = query.where(table.state == state.value)
    page = page_query(query, keys=(table.created_at, table.id), cursor=cursor, limit=limit, descending=True)
    return page.map(scheduled_of)


def scheduled_by_id(environment_id: int, schedule_id: str) -> ScheduledPublication:
    """Return one scheduled publication; raises ``NotFound``."""
    row = reading().get(ScheduledPublicationRow, (environment_id, schedule_id))
    if row is None:
        raise unknown_schedule(schedule_id)
    return scheduled_of(row)
