"""The tables of the catalogue.

Documents are text, not the database's JSON type: the order of features is part of their meaning, and PostgreSQL's JSONB
does not keep it.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, NoReturn

from sqlalchemy import Boolean, ForeignKey, ForeignKeyConstraint, String, Text, event
from sqlalchemy.orm import Mapped, mapped_column

from liftgate_server.plumbing.db import JsonDocument, Model

__all__ = ["CatalogueVersionRow", "DraftRevisionRow", "ProductKind", "ProductVersionRow", "SuccessionRow"]


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


class DraftRevisionRow(Model):
    """One state of the environment's draft; the newest one is the draft, the older ones are what editors merge from.

    - ``revision``: counts up for ever, so a page that was opened long ago never names another draft's revision.
    - ``base_version``: the published version that the document grew from.
    - ``is_discarded``: the draft was given up here; ``document`` is what was published then.
    """

    __tablename__ = "draft_revisions"

    environment_id: Mapped[int] = mapped_column(ForeignKey("environments.id"), primary_key=True, autoincrement=False)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    base_version: Mapped[int]
    document: Mapped[str] = mapped_column(Text)
    is_discarded: Mapped[bool] = mapped_column(Boolean)
    saved_by: Mapped[str | None] = mapped_column(String(64))
    saved_at: Mapped[datetime]


class SuccessionRow(Model):
    """From ``at`` on, whoever is pinned to ``version`` of the product holds ``to_version``.

    - ``kind``: plan or addon.
    - ``notice_at``: from then on the customers concerned are told; empty when they are not told beforehand.
    - ``incentive``: what changing early brings, ``{feature, entitlement, days}``.
    - ``catalogue_version``: the publication that decided it; the latest decision about a version counts. Decisions
      change only together with a publication, because a snapshot is known by the catalogue's version.
    """

    __tablename__ = "plan_successions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["environment_id", "kind", "key", "version"],
            [
                "product_versions.environment_id",
                "product_versions.kind",
                "product_versions.key",
                "product_versions.version",
            ],
        ),
    )

    environment_id: Mapped[int] = mapped_column(ForeignKey("environments.id"), primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    catalogue_version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    to_version: Mapped[int]
    at: Mapped[datetime]
    notice_at: Mapped[datetime | None]
    incentive: Mapped[dict[str, Any] | None] = mapped_column(JsonDocument)


def _refuse_change(_mapper: object, _connection: object, row: Any) -> NoReturn:
    raise RuntimeError(f"a published {type(row).__name__} is never changed or deleted")


for _published in (CatalogueVersionRow, ProductVersionRow):
    event.listen(_published, "before_update", _refuse_change)
    event.listen(_published, "before_delete", _refuse_change)
