"""What the tail reads: where environments stand, and the page of changes after a number."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from liftgate_server.plumbing.changes import ChangeCounterRow, ChangePage, Marks, changes_after
from liftgate_server.plumbing.db import reading

__all__ = ["marks_of", "page_after"]


def marks_of(environment_ids: Collection[int]) -> dict[int, Marks]:
    """Read where each of these environments stands, in one statement."""
    table = ChangeCounterRow
    rows = reading().execute(
        select(table.environment_id, table.number, table.catalogue_number, table.access_number).where(
            table.environment_id.in_(environment_ids)
        )
    )
    return {row.environment_id: Marks(row.number, row.catalogue_number, row.access_number) for row in rows}


def page_after(environment_id: int, number: int, limit: int) -> ChangePage:
    """Read the changes after a number; its `latest` is where its reader stands then, so a full page is not the end."""
    page = changes_after(environment_id, number, limit)
    if not page.changes:
        return page
    return ChangePage(page.changes[-1].number, reset=False, changes=page.changes, newest_at=page.newest_at)
