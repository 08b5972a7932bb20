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
from liftgate_server.catalog.models import CatalogueDraftRow, CatalogueVersionRow, ProductKind, ProductVersionRow
from liftgate_server.catalog.snapshots import cached_snapshot
from liftgate_server.plumbing.db import reading
from liftgate_server.plumbing.errors import NotFound
from liftgate_server.plumbing.paging import DEFAULT_PAGE, Page, page_query

__all__ = [
    "CatalogueVersion",
    "Draft",
    "ProductKind",
    "VersionSummary",
    "addon_version",
    "catalogue_of",
    "current_snapshot",
    "current_version",
    "draft",
    "latest_products",
    "plan_version",
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
    """The document that will be published next."""

    revision: int
    document: Mapping[str, object]
    updated_by: str | None
    updated_at: datetime


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


def draft(environment_id: int) -> Draft:
    """Return the draft; raises ``NotFound`` while nobody has pushed one."""
    table = CatalogueDraftRow
    row = (
        reading()
        .execute(
            select(table.revision, table.document, table.updated_by, table.updated_at).where(
                table.environment_id == environment_id
            )
        )
        .one_or_none()
    )
    if row is None:
        raise NotFound("no_draft", "Nobody has pushed a draft to this environment.")
    return Draft(row.revision, orjson.loads(row.document), row.updated_by, row.updated_at)


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
