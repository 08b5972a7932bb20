"""The revisions of the draft: every saved state, and the audit log's word of what it changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from liftgate_server.catalog.merging import Path, changed_fields
from liftgate_server.catalog.models import DraftRevisionRow
from liftgate_server.catalog.queries import Draft
from liftgate_server.plumbing.audit import write_entry
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.paging import DEFAULT_PAGE, Page, page_query

__all__ = ["DraftRevision", "log_discard", "log_edit", "revisions", "store_revision"]

KEPT_REVISIONS: Final = 200

# A document pushed as a file may change everything; the log names this many fields and how many more there were.
_MOST_LOGGED_FIELDS: Final = 200

_KINDS: Final = {"features": "feature", "plans": "plan", "addons": "addon", "gates": "gate", "texts": "offer"}


@dataclass(frozen=True, slots=True)
class DraftRevision:
    """One line of the draft's history."""

    revision: int
    base_version: int
    is_discarded: bool
    saved_by: str | None
    saved_at: datetime


def revisions(environment_id: int, cursor: str | None = None, limit: int = DEFAULT_PAGE) -> Page[DraftRevision]:
    """List the kept revisions, newest first."""
    table = DraftRevisionRow
    query: Any = select(table.revision, table.base_version, table.is_discarded, table.saved_by, table.saved_at).where(
        table.environment_id == environment_id
    )
    page = page_query(
        query,
        keys=(table.revision,),
        cursor=cursor,
        limit=limit,
        descending=True,
    )
    return page.map(lambda row: DraftRevision(*row))


def store_revision(session: Session, environment_id: int, draft: Draft, *, is_discarded: bool) -> Draft:
    """Keep a state of the draft under the next number, and drop the oldest ones."""
    table = DraftRevisionRow
    latest = session.scalar(select(func.max(table.revision)).where(table.environment_id == environment_id)) or 0
    saved = replace(draft, revision=latest + 1, updated_at=now())
    session.add(
        table(
            environment_id=environment_id,
            revision=saved.revision,
            base_version=saved.base_version,
            document=orjson.dumps(saved.document).decode(),
            is_discarded=is_discarded,
            saved_by=saved.updated_by,
            saved_at=saved.updated_at,
        )
    )
    session.flush()
    session.execute(
        delete(table)
        .where(table.environment_id == environment_id, table.revision <= saved.revision - KEPT_REVISIONS)
        .execution_options(synchronize_session=False)
    )
    return saved


def log_edit(environment_id: int, before: Draft, after: Draft) -> None:
    """Write into the audit log which fields changed."""
    fields = list(changed_fields(before.document, after.document))
    write_entry(
        environment_id,
        "draft.edited",
        subject=_subject([path for path, _, _ in fields]),
        before=_logged((path, old) for path, old, _ in fields),
        after=_logged((path, new) for path, _, new in fields),
    )


def log_discard(environment_id: int, draft: Draft) -> None:
    """Write into the audit log that a draft was given up."""
    write_entry(environment_id, "draft.discarded", subject="catalogue", before={"revision": draft.revision})


def _subject(paths: Sequence[Path]) -> str:
    entries = {path[:2] for path in paths}
    if len(entries) == 1 and len(entry := next(iter(entries))) == 2:  # noqa: PLR2004 - a section and a key
        return f"{_KINDS.get(entry[0], entry[0])}:{entry[1]}"
    return "catalogue"


def _logged(fields: Iterable[tuple[Path, object]]) -> dict[str, object]:
    listed = list(fields)
    logged = {".".join(path): value for path, value in listed[:_MOST_LOGGED_FIELDS]}
    if len(listed) > _MOST_LOGGED_FIELDS:
        logged["…"] = len(listed) - _MOST_LOGGED_FIELDS
    return logged
