"""The ledger, a page at a time, the latest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from liftgate_server.plumbing.paging import DEFAULT_PAGE, Page, cursor_after, page_query
from liftgate_server.usage.models import UsageEventRow
from liftgate_server.usage.readings import LedgerEntry

__all__ = ["LedgerFilter", "every_ledger_entry", "ledger_page"]

_KEYS = (UsageEventRow.at, UsageEventRow.key)

# Rows looked at for one page when what is asked for may be rare: by user or operation no index finds them, and one
# more index would cost every consume. A page may therefore come back with fewer rows than asked for, and a cursor.
_LOOKED_AT_ONCE = 2_000
_MOST_LOOKED_AT = 20_000


@dataclass(frozen=True, slots=True)
class LedgerFilter:
    """What of the ledger is wanted; ``since`` is included, ``until`` is not."""

    feature: str | None = None
    user: str | None = None
    operation: str | None = None
    since: datetime | None = None
    until: datetime | None = None


_EVERYTHING = LedgerFilter()


def ledger_page(
    environment_id: int,
    customer: str,
    *,
    wanted: LedgerFilter = _EVERYTHING,
    cursor: str | None = None,
    limit: int = DEFAULT_PAGE,
) -> Page[LedgerEntry]:
    """List what a customer used, the latest first. A page with a cursor is not the last one, however short it is."""
    query = _query(environment_id, customer, wanted)
    if wanted.user is None and wanted.operation is None:
        return page_query(query, keys=_KEYS, cursor=cursor, limit=limit, descending=True).map(_entry)
    found: list[LedgerEntry] = []
    for _ in range(_MOST_LOOKED_AT // _LOOKED_AT_ONCE):
        looked_at = page_query(query, keys=_KEYS, cursor=cursor, limit=_LOOKED_AT_ONCE, descending=True).map(_entry)
        found.extend(entry for entry in looked_at.items if _is_wanted(entry, wanted))
        cursor = looked_at.next_cursor
        if len(found) > limit:
            last = found[limit - 1]
            return Page(tuple(found[:limit]), cursor_after((last.at, last.key), keys=_KEYS, descending=True))
        if cursor is None:
            break
    return Page(tuple(found), cursor)


def every_ledger_entry(
    environment_id: int, customer: str, *, wanted: LedgerFilter = _EVERYTHING
) -> Iterator[LedgerEntry]:
    """Give all of a customer's ledger that is wanted, the latest first, in bounded memory."""
    cursor: str | None = None
    while True:
        page = ledger_page(environment_id, customer, wanted=wanted, cursor=cursor, limit=_LOOKED_AT_ONCE)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def _query(environment_id: int, customer: str, wanted: LedgerFilter) -> Any:
    table = UsageEventRow
    conditions: list[ColumnElement[bool]] = [table.environment_id == environment_id, table.customer == customer]
    if wanted.feature is not None:
        conditions.append(table.feature == wanted.feature)
    if wanted.since is not None:
        conditions.append(table.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(table.at < wanted.until)
    return select(table).where(*conditions)


def _is_wanted(entry: LedgerEntry, wanted: LedgerFilter) -> bool:
    return wanted.user in (None, entry.user or "") and wanted.operation in (None, entry.operation)


def _entry(row: UsageEventRow) -> LedgerEntry:
    receipt = row.receipt or {}
    return LedgerEntry(
        key=row.key,
        operation=row.operation,
        feature=row.feature,
        gate=row.gate,
        user=row.user or None,
        quantity=row.quantity,
        uses=row.uses,
        at=row.at,
        received_at=row.received_at,
        refused=row.refused,
        properties=row.properties or {},
        receipt=tuple((bucket, units) for bucket, units, *_ in receipt.get("parts", ())),
    )
