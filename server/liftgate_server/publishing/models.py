"""The table of publications that wait for their time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from liftgate_server.plumbing.db import JsonDocument, Model

__all__ = ["ScheduledPublicationRow"]


class ScheduledPublicationRow(Model):
    """A document that is published by itself at ``at``, if ``base_version`` is still the current version then.

    - ``state``: waiting, published, failed or canceled.
    - ``document``: the whole catalogue as it was when it was scheduled.
    - ``terms``: whom it is for, ``{audience, starts_at, notice_days, incentive}``.
    - ``version``: the version it became; ``code`` and ``reason``: why it failed.
    """

    __tablename__ = "scheduled_publications"
    __table_args__ = (
        Index("ix_scheduled_publications_at", "state", "at"),
        Index("ix_scheduled_publications_created_at", "environment_id", "created_at", "id"),
    )

    environment_id: Mapped[int] = mapped_column(ForeignKey("environments.id"), primary_key=True, autoincrement=False)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(16))
    base_version: Mapped[int]
    document: Mapped[str] = mapped_column(Text)
    terms: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    message: Mapped[str] = mapped_column(String(500))
    created_by: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    version: Mapped[int | None]
    code: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(String(1000))
