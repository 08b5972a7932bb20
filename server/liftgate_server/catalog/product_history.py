"""The versions of one plan or add-on, and when each was published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from liftgate_server.catalog.models import CatalogueVersionRow, ProductKind, ProductVersionRow
from liftgate_server.plumbing.db import reading

__all__ = ["ProductVersion", "product_history"]


@dataclass(frozen=True, slots=True)
class ProductVersion:
    """One version of a plan or add-on, and the catalogue version it came with."""

    version: int
    catalogue_version: int
    published_at: datetime


def product_history(environment_id: int, kind: ProductKind, key: str) -> tuple[ProductVersion, ...]:
    """Return every version of a plan or add-on, the newest first."""
    table = ProductVersionRow
    published = CatalogueVersionRow
    rows = reading().execute(
        select(table.version, table.catalogue_version, published.published_at)
        .join(
            published,
            (published.environment_id == table.environment_id) & (published.version == table.catalogue_version),
        )
        .where(table.environment_id == environment_id, table.kind == kind.value, table.key == key)
        .order_by(table.version.desc())
    )
    return tuple(ProductVersion(*row) for row in rows)
