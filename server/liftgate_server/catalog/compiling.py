"""Documents compiled: each text once per process, for pages and counts that look at the same one again and again."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import orjson
from sqlalchemy import select

from liftgate.engine.catalogue import read_catalogue
from liftgate.engine.catalogue_model import Catalogue
from liftgate_server.catalog.models import DraftRevisionRow
from liftgate_server.catalog.snapshots import cached_snapshot
from liftgate_server.plumbing.db import reading

__all__ = ["compiled", "draft_catalogue"]


def compiled(document: Mapping[str, object]) -> Catalogue:
    """Return the catalogue of a document that was valid when it was saved."""
    return _compile(orjson.dumps(document))


def draft_catalogue(environment_id: int) -> Catalogue:
    """Return the catalogue of the draft; while there is none, what is published."""
    table = DraftRevisionRow
    latest = select(table.document, table.is_discarded).where(table.environment_id == environment_id)
    row = reading().execute(latest.order_by(table.revision.desc()).limit(1)).one_or_none()
    if row is None or row.is_discarded:
        return cached_snapshot(environment_id).catalogue
    return _compile(row.document.encode())


@lru_cache(maxsize=16)
def _compile(document: bytes) -> Catalogue:
    # Keyed by the text itself: writing it costs a hundredth of reading it, and no counter has to be trusted.
    return read_catalogue(orjson.loads(document), strict=False)
