"""The tables of the catalogue.

Documents are text, not the database's JSON type: the order of features is part of their meaning, and PostgreSQL's JSONB
does not keep it.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, NoReturn

from sqlalchemy import ForeignKey, ForeignKeyConstraint, String, Text, event
from sqlalchemy.orm import Mapped, mapped_column

from liftgate_server.plumbing.db import Model

__all__ = ["CatalogueDraftRow", "CatalogueVersionRow", "ProductKind", "ProductVersionRow"]


class ProductKind(StrEnum):
    """What can be sold."""

    PLAN = "plan"
    ADDON = "addon"


class CatalogueVersionRow(Model):
    """One published catalogue. The versions of an environment count 1, 2, 3 without a gap."""

    __tablename__ = "catalogue_versions"

    environment_id: Mapped[int] = mapped_column(ForeignKey("environments.id"), primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[str] = mapped_column(Text)
    plan_versions: Mapped[str] = mapped_column(Text)
    addon_versions: Mapped[str] = mapped_column(Text)
    message: Mapped[str] = mapped_column(String(500))
    published_by: Mapped[str | None] = mapped_column(String(64))
    published_at: Mapped[datetime]


class ProductVersionRow(Model):
    """One version of a plan or add-on, which subscriptions point at. It outlives its removal from the catalogue."""

    __tablename__ = "product_versions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["environment_id", "catalogue_version"],
            ["catalogue_versions.environment_id", "catalogue_versions.version"],
        ),
    )

    environment_id: Mapped[int] = mapped_column(ForeignKey("environments.id"), primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[str] = mapped_column(Text)
    catalogue_version: Mapped[int]


class CatalogueDraftRow(Model):
    """The one draft of an environment; its revision rises with each push."""

    __tablename__ = "catalogue_drafts"

    environment_id: Mapped[int] = mapped_column(ForeignKey("environments.id"), primary_key=True, autoincrement=False)
    revision: Mapped[int]
    document: Mapped[str] = mapped_column(Text)
    updated_by: Mapped[str | None] = mapped_column(String(64))
    updated_at: Mapped[datetime]


def _refuse_change(_mapper: object, _connection: object, row: Any) -> NoReturn:
    raise RuntimeError(f"a published {type(row).__name__} is never changed or deleted")


for _published in (CatalogueVersionRow, ProductVersionRow):
    event.listen(_published, "before_update", _refuse_change)
    event.listen(_published, "before_delete", _refuse_change)
