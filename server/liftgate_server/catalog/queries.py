"""Reads of the catalogue: versions, the draft, products, and the snapshot that everybody evaluates against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Row, func, select

from liftgate.engine.catalogue import read_addon, read_catalogue, read_plan
from liftgate.engine.catalogue_model import AddOn, Catalogue, Plan, Snapshot
from liftgate_server.catalog.models import CatalogueVersionRow, DraftRevisionRow, ProductKind, ProductVersionRow
from liftgate_server.catalog.snapshots import cached_snapshot
from liftgate_server.catalog.successions import SuccessionOnFile, read_due_successions, read_successions
from liftgate_server.plumbing.db import reading
from liftgate_server.plumbing.errors import NotFound
from liftgate_server.plumbing.paging import DEFAULT_PAGE, Page, page_query

__all__ = [
    "CatalogueVersion",
    "Draft",
    "ProductKind",
    "SuccessionOnFile",
    "VersionSummary",
    "addon_version",
    "catalogue_of",
    "current_snapshot",
    "current_version",
    "document_of",
    "draft",
    "draft_document",
    "draft_or_none",
    "due_successions",
    "latest_products",
    "plan_version",
    "successions",
    "version",
    "versions",
]


@dataclass(frozen=True, slots=True)
class CatalogueVersion:
    """A published catalogue. Version 0 stands for an environment in which nothing has been published."""

    version: int = 0
    document: Mapping[str, object] = field(default_factory=lambda: dict(NOTHING_PUBLISHED))
    plan_versions: Mapping[str, int] = field(default_factory=dict)
    addon_versions: Mapping[str, int] = field(default_factory=dict)
    message: str = ""
    published_by: str | None = None
    published_at: datetime | None = None
    changed: bool = True
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VersionSummary:
    """One line of the list of versions."""

    version: int
    message: str
    published_by: str | None
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Draft:
    """The document that will be published next, and the published version that it grew from.

    ``updated_at`` is empty only where nothing was ever edited nor published.
    """

    revision: int
    base_version: int
    document: Mapping[str, object]
    updated_by: str | None
    updated_at: datetime | None


# What an environment without a catalogue answers: a document in which every gate is unknown.
NOTHING_PUBLISHED: Final[Mapping[str, object]] = {"schema": 1, "languages": ["en"]}


def catalogue_of(published: CatalogueVersion) -> Catalogue:
    """Return the catalogue a version holds."""
    return read_catalogue(published.document)


def current_version(environment_id: int) -> CatalogueVersion:
    """Return what is published now."""
    row = (
        reading()
        .execute(_version_columns(environment_id).order_by(CatalogueVersionRow.version.desc()).limit(1))
        .one_or_none()
    )
    return CatalogueVersion() if row is None else _version_from(row)


def version(environment_id: int, number: int) -> CatalogueVersion:
    """Return one published version; raises ``NotFound``."""
    row = reading().execute(_version_columns(environment_id).where(CatalogueVersionRow.version == number)).one_or_none()
    if row is None:
        raise NotFound("unknown_version", f"There is no catalogue version {number}.")
    return _version_from(row)


def versions(environment_id: int, *, cursor: str | None = None, limit: int = DEFAULT_PAGE) -> Page[VersionSummary]:
    """List what was published, newest first."""
    table = CatalogueVersionRow
    query: Any = select(table.version, table.message, table.published_by, table.published_at).where(
        table.environment_id == environment_id
    )
    page = page_query(query, keys=(table.version,), cursor=cursor, limit=limit, descending=True)
    return page.map(lambda row: VersionSummary(*row))


def document_of(environment_id: int, number: int) -> Mapping[str, object]:
    """Return the document of a version; 0 stands for the empty one that is there before the first."""
    return version(environment_id, number).document if number else NOTHING_PUBLISHED


def draft(environment_id: int) -> Draft:
    """Return the draft; raises ``NotFound`` while there is none."""
    found = draft_or_none(environment_id)
    if found is None:
        raise NotFound("no_draft", "There is no draft in this environment.")
    return found


def draft_or_none(environment_id: int) -> Draft | None:
    """Return the draft, ``None`` when nobody has begun one or the last one was discarded."""
    table = DraftRevisionRow
    row = (
        reading()
        .execute(
            select(
                table.revision,
                table.base_version,
                table.document,
                table.saved_by,
                table.saved_at,
                table.is_discarded,
            )
            .where(table.environment_id == environment_id)
            .order_by(table.revision.desc())
            .limit(1)
        )
        .one_or_none()
    )
    if row is None or row.is_discarded:
        return None
    return Draft(row.revision, row.base_version, orjson.loads(row.document), row.saved_by, row.saved_at)


def draft_document(environment_id: int, revision: int) -> Mapping[str, object] | None:
    """Return the document of one revision of the draft, ``None`` when it is not kept."""
    table = DraftRevisionRow
    text = (
        reading()
        .execute(select(table.document).where(table.environment_id == environment_id, table.revision == revision))
        .scalar_one_or_none()
    )
    return None if text is None else orjson.loads(text)


def due_successions(at: datetime) -> list[tuple[int, SuccessionOnFile]]:
    """Return what has ended by then in every environment, with the environment's id, the earliest first."""
    return read_due_successions(reading(), at)


def successions(environment_id: int) -> tuple[SuccessionOnFile, ...]:
    """Return which version follows which, from when on, for every plan and add-on."""
    return read_successions(reading(), environment_id)


def current_snapshot(environment_id: int) -> Snapshot:
    """Return the compiled current catalogue, from the process cache while nothing newer is published."""
    return cached_snapshot(environment_id)


def plan_version(environment_id: int, key: str, number: int) -> Plan:
    """Return a plan as it was published in that version; raises ``NotFound``."""
    return read_plan(key, _product_document(environment_id, ProductKind.PLAN, key, number), strict=False)


def addon_version(environment_id: int, key: str, number: int) -> AddOn:
    """Return an add-on as it was published in that version; raises ``NotFound``."""
    return read_addon(key, _product_document(environment_id, ProductKind.ADDON, key, number), strict=False)


def latest_products(environment_id: int, kind: ProductKind) -> dict[str, tuple[int, str]]:
    """Return the latest version of every product ever published, with its document as text."""
    table = ProductVersionRow
    of_kind = (table.environment_id == environment_id, table.kind == kind.value)
    latest = select(table.key, func.max(table.version).label("version")).where(*of_kind).group_by(table.key).subquery()
    rows = reading().execute(
        select(table.key, table.version, table.document)
        .join(latest, (latest.c.key == table.key) & (latest.c.version == table.version))
        .where(*of_kind)
    )
    return {row.key: (row.version, row.document) for row in rows}


def _product_document(environment_id: int, kind: ProductKind, key: str, number: int) -> object:
    table = ProductVersionRow
    text = (
        reading()
        .execute(
            select(table.document).where(
                table.environment_id == environment_id,
                table.kind == kind.value,
                table.key == key,
                table.version == number,
            )
        )
        .scalar_one_or_none()
    )
    if text is None:
        raise NotFound(f"unknown_{kind}", f"There is no version {number} of {kind} '{key}'.")
    return orjson.loads(text)


def _version_columns(environment_id: int) -> Any:
    table = CatalogueVersionRow
    return select(
        table.version,
        table.document,
        table.plan_versions,
        table.addon_versions,
        table.message,
        table.published_by,
        table.published_at,
    ).where(table.environment_id == environment_id)


def _version_from(row: Row[Any]) -> CatalogueVersion:
    return CatalogueVersion(
        version=row.version,
        document=orjson.loads(row.document),
        plan_versions=orjson.loads(row.plan_versions),
        addon_versions=orjson.loads(row.addon_versions),
        message=row.message,
        published_by=row.published_by,
        published_at=row.published_at,
    )
