"""The current snapshot of each environment, compiled once per process and version."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

import orjson
from flask import current_app
from sqlalchemy import select
from sqlalchemy.engine import Connection

from liftgate.engine.catalogue import read_catalogue
from liftgate.engine.catalogue_model import Catalogue, Snapshot
from liftgate_server.access.queries import environment_by_id
from liftgate_server.catalog.models import CatalogueVersionRow, ProductKind
from liftgate_server.catalog.successions import read_successions, successions_by_version
from liftgate_server.plumbing.changes import latest_marks
from liftgate_server.plumbing.db import db

__all__ = ["cached_snapshot", "snapshot_at"]

_EXTENSION = "liftgate.snapshots"

# An environment in which nothing was published answers version 0, in which every gate is unknown.
_NOTHING = Catalogue(languages=("en",), time_zone="UTC", default_plan=None, features={}, plans={}, addons={}, gates={})
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)

_Cached = tuple[int, Snapshot]


def cached_snapshot(environment_id: int) -> Snapshot:
    """Return the current snapshot; one bare read proves that the cached one still is."""
    # The mark is read before the catalogue, so a snapshot can be newer than its mark but never older.
    mark = latest_marks(environment_id).catalogue
    cached = _cache().get(environment_id)
    if cached is not None and cached[0] == mark:
        return cached[1]
    # A connection of its own: the request's session may look at the database as it was before the mark.
    with db.engine.connect() as connection:
        return snapshot_at(connection, environment_id, mark)


def snapshot_at(connection: Connection, environment_id: int, mark: int) -> Snapshot:
    """Return the snapshot for a catalogue mark that was read on this connection, or earlier."""
    cache = _cache()
    cached = cache.get(environment_id)
    if cached is None or cached[0] != mark:
        cached = cache[environment_id] = (mark, _load(connection, environment_id))
    return cached[1]


def _cache() -> dict[int, _Cached]:
    return cast("dict[int, _Cached]", current_app.extensions.setdefault(_EXTENSION, {}))


def _load(connection: Connection, environment_id: int) -> Snapshot:
    table = CatalogueVersionRow
    environment = environment_by_id(environment_id).key
    row = connection.execute(
        select(table.version, table.document, table.plan_versions, table.addon_versions, table.published_at)
        .where(table.environment_id == environment_id)
        .order_by(table.version.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return Snapshot(environment, 0, _NEVER, _NOTHING, {}, {})
    successions = read_successions(connection, environment_id)
    return Snapshot(
        environment=environment,
        version=row.version,
        published_at=row.published_at,
        catalogue=read_catalogue(orjson.loads(row.document), strict=False),
        plan_versions=orjson.loads(row.plan_versions),
        addon_versions=orjson.loads(row.addon_versions),
        plan_successions=successions_by_version(successions, ProductKind.PLAN),
        addon_successions=successions_by_version(successions, ProductKind.ADDON),
    )
