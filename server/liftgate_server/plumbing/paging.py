"""Keyset paging: a page continues after the last row seen, so rows that come or go never shift it."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

import orjson
from sqlalchemy import ColumnElement, Select, bindparam, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from liftgate_server.plumbing.db import reading
from liftgate_server.plumbing.errors import BadRequest
from liftgate_server.plumbing.sealing import sealer

LARGEST_PAGE = 200
DEFAULT_PAGE = 50
_SIGNATURE_BYTES = 16
_LONGEST_CURSOR = 2_000

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    items: tuple[T, ...]
    next_cursor: str | None

    def map(self, change: Callable[[T], U]) -> Page[U]:
        """Change every item, for instance from a row to a dataclass."""
        return Page(tuple(change(item) for item in self.items), self.next_cursor)


Key = InstrumentedAttribute[Any] | ColumnElement[Any]


def page_query(
    query: Select[Any],
    *,
    keys: Sequence[Key],
    cursor: str | None,
    limit: int = DEFAULT_PAGE,
    descending: bool = False,
) -> Page[Any]:
    """Read one page ordered by `keys`, which must be unique together; items are rows, or entities if it selects one."""
    width = len(query.column_descriptions)
    name = _name(keys, descending=descending)
    query = query.order_by(None).order_by(*(key.desc() if descending else key for key in keys)).limit(limit + 1)
    query = query.add_columns(*(key.label(f"page_key_{index}") for index, key in enumerate(keys)))
    if cursor is not None:
        query = query.where(_beyond(keys, _read_cursor(cursor, name, len(keys)), descending=descending))
    rows = reading().execute(query).all()
    items = tuple(row[0] if width == 1 else row[:width] for row in rows[:limit])
    following = _write_cursor(tuple(rows[limit - 1])[-len(keys) :], name) if len(rows) > limit else None
    return Page(items, following)


def cursor_after(values: Sequence[Any], *, keys: Sequence[Key], descending: bool = False) -> str:
    """Give the cursor of a page that ends with the row of these key values; for who leaves out rows after reading."""
    return _write_cursor(tuple(values), _name(keys, descending=descending))


def _name(keys: Sequence[Key], *, descending: bool) -> str:
    return ",".join(str(key) for key in keys) + ("-" if descending else "+")


def _beyond(keys: Sequence[Key], values: Sequence[Any], *, descending: bool) -> ColumnElement[bool]:
    seen = tuple_(*(bindparam(None, value, type_=key.type) for key, value in zip(keys, values, strict=True)))
    return tuple_(*keys) < seen if descending else tuple_(*keys) > seen


def _write_cursor(values: Sequence[Any], name: str) -> str:
    content = orjson.dumps([_written(value) for value in values])
    return urlsafe_b64encode(sealer().signature(content, context=f"cursor:{name}") + content).rstrip(b"=").decode()


def _read_cursor(cursor: str, name: str, length: int) -> list[Any]:
    refusal = BadRequest("invalid_cursor", "The cursor is not one that this list has handed out.")
    if len(cursor) > _LONGEST_CURSOR:
        raise refusal
    try:
        signed = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (binascii.Error, ValueError) as failure:
        raise refusal from failure
    content = signed[_SIGNATURE_BYTES:]
    if not sealer().is_signed(content, signed[:_SIGNATURE_BYTES], context=f"cursor:{name}"):
        raise refusal
    values = [_read(value) for value in orjson.loads(content)]
    if len(values) != length:
        raise refusal
    return values


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    return {"day": value.isoformat()} if isinstance(value, date) else value


def _read(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return datetime.fromisoformat(value["at"]) if "at" in value else date.fromisoformat(value["day"])
