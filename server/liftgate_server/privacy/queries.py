"""Whether something is known of somebody, and how far erasures have come."""

from __future__ import annotations

from sqlalchemy import select

from liftgate_server.plumbing.db import reading
from liftgate_server.plumbing.errors import NotFound
from liftgate_server.plumbing.paging import DEFAULT_PAGE, Page, page_query
from liftgate_server.privacy.facts import Erasure, ErasureKind, ErasureState
from liftgate_server.privacy.models import ErasureRow
from liftgate_server.privacy.moving import rows_about
from liftgate_server.privacy.tables import PERSONAL_TABLES

__all__ = ["erasure", "erasures", "is_known"]


def is_known(environment_id: int, customer: str, user: str | None = None) -> bool:
    """Tell whether any table has something about an account, or about one person in it."""
    for table in PERSONAL_TABLES:
        if user is not None and not (table.users or table.deciders):
            continue
        query = rows_about(table, environment_id, customer, user).with_only_columns(*table.key).limit(1)
        if reading().execute(query).first() is not None:
            return True
    return False


def erasure(environment_id: int, erasure_id: str) -> Erasure:
    """Return an erasure; raises ``NotFound``."""
    row = reading().get(ErasureRow, (environment_id, erasure_id))
    if row is None:
        raise NotFound("unknown_erasure", f"There is no erasure '{erasure_id}' in this environment.")
    return _to_erasure(row)


def erasures(environment_id: int, *, cursor: str | None = None, limit: int = DEFAULT_PAGE) -> Page[Erasure]:
    """List erasures, newest first."""
    query = select(ErasureRow).where(ErasureRow.environment_id == environment_id)
    keys = (ErasureRow.requested_at, ErasureRow.id)
    return page_query(query, keys=keys, cursor=cursor, limit=limit, descending=True).map(_to_erasure)


def _to_erasure(row: ErasureRow) -> Erasure:
    return Erasure(
        id=row.id,
        kind=ErasureKind(row.kind),
        pseudonym=row.pseudonym,
        state=ErasureState(row.state),
        rows=dict(row.counts),
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        finished_at=row.finished_at,
    )
