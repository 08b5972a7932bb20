"""An export: every row of every room about an account, as lines of JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, RowMapping, bindparam, or_, select, tuple_

from liftgate_server.access.queries import environment_by_id
from liftgate_server.plumbing.audit import AuditEntryRow, Entry, to_entry
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.db import reading
from liftgate_server.plumbing.paging import page_query
from liftgate_server.plumbing.shapes import write_instant
from liftgate_server.privacy.audit_trail import entries_about
from liftgate_server.privacy.facts import EXPORT_SCHEMA
from liftgate_server.privacy.moving import rows_about
from liftgate_server.privacy.tables import PERSONAL_TABLES, PersonalTable

__all__ = ["export_lines"]

_ROWS_AT_ONCE = 500


def export_lines(environment_id: int, customer: str) -> Iterator[bytes]:
    """Give every row about an account, one JSON object a line.

    The last line counts the others: without it the export is incomplete.
    """
    return _lines(environment_id, customer, environment_by_id(environment_id).key, now())


def _lines(environment_id: int, customer: str, environment: str, at: datetime) -> Iterator[bytes]:
    head = {"schema": EXPORT_SCHEMA, "environment": environment, "customer": customer, "at": write_instant(at)}
    yield _line("export", head)
    counts: dict[str, int] = {}
    for table in PERSONAL_TABLES:
        for row in _rows(table, environment_id, customer):
            counts[table.kind] = counts.get(table.kind, 0) + 1
            yield _line(table.kind, {"row": _shown(table, row)})
    for entry in _audit_entries(environment_id, customer):
        counts["audit_entry"] = counts.get("audit_entry", 0) + 1
        yield _line("audit_entry", {"row": _shown_entry(entry)})
    yield _line("end", {"rows": counts})


def _rows(table: PersonalTable, environment_id: int, customer: str) -> Iterator[RowMapping]:
    """Read the rows in the order of their key, so many at a time."""
    query = rows_about(table, environment_id, customer).order_by(*table.key).limit(_ROWS_AT_ONCE)
    last: RowMapping | None = None
    while True:
        rows = list(reading().execute(query if last is None else query.where(_beyond(table, last))).mappings())
        yield from rows
        if len(rows) < _ROWS_AT_ONCE:
            return
        last = rows[-1]


def _beyond(table: PersonalTable, last: RowMapping) -> ColumnElement[bool]:
    seen = tuple_(*(bindparam(None, last[column.name], type_=column.type) for column in table.key))
    return tuple_(*table.key) > seen


def _audit_entries(environment_id: int, customer: str) -> Iterator[Entry]:
    row = AuditEntryRow
    query = select(row).where(row.environment_id == environment_id, or_(*entries_about(environment_id, customer)))
    cursor: str | None = None
    while True:
        page = page_query(query, keys=(row.number,), cursor=cursor, limit=_ROWS_AT_ONCE)
        yield from (to_entry(found) for found in page.items)
        cursor = page.next_cursor
        if cursor is None:
            return


def _shown(table: PersonalTable, row: RowMapping) -> dict[str, Any]:
    hidden = table.hidden | {"environment_id"}
    return {name: _plain(value) for name, value in row.items() if name not in hidden}


def _shown_entry(entry: Entry) -> dict[str, Any]:
    return {
        "number": entry.number,
        "at": write_instant(entry.at),
        "actor_kind": entry.actor_kind.value,
        "action": entry.action,
        "subject": entry.subject,
        "before": entry.before,
        "after": entry.after,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return write_instant(value)
    return value.hex() if isinstance(value, bytes) else value


def _line(kind: str, fields: Mapping[str, Any]) -> bytes:
    return orjson.dumps({"kind": kind, **fields}, default=str) + b"\n"
