"""The tables of environments and keys."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from liftgate_server.plumbing.db import Model


class EnvironmentRow(Model):
    __tablename__ = "environments"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    allowed_origins: Mapped[list[str]]
    # Whether a buyer may complete an order of the manual provider alone; only demonstrations want that.
    self_confirm: Mapped[bool]
    default_language: Mapped[str] = mapped_column(String(35))
    version: Mapped[int]
    created_at: Mapped[datetime]


class ApiKeyRow(Model):
    __tablename__ = "api_keys"
    # Looked up before the environment is known: by hash for a key, by id for a token signed with it.
    __table_args__ = (UniqueConstraint("sha256"), UniqueConstraint("id"))

    environment_id: Mapped[int] = mapped_column(ForeignKey("environments.id"), primary_key=True)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    role: Mapped[str | None] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    # Sealed; secret keys only, since only they sign end-user tokens.
    token_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    # To the hour, so that reading does not write.
    last_used_at: Mapped[datetime | None]
