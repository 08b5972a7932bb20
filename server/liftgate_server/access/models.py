"""The tables of environments, keys and people."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
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


class PersonRow(Model):
    """Who signs in to the pages. People belong to the installation; what they may do can differ by environment."""

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("email"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    # Case-folded.
    email: Mapped[str] = mapped_column(String(320))
    name: Mapped[str] = mapped_column(String(200))
    # Nobody signs in without one: a person who is invited has not chosen it yet.
    password_hash: Mapped[str | None] = mapped_column(String(200))
    # In every environment that has no role of its own for this person; none means none.
    role: Mapped[str | None] = mapped_column(String(16))
    language: Mapped[str | None] = mapped_column(String(35))
    theme: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    signed_in_at: Mapped[datetime | None]


class PersonRoleRow(Model):
    """A role that differs from the person's own in one environment; none takes the environment away."""

    __tablename__ = "person_roles"

    environment_id: Mapped[int] = mapped_column(ForeignKey("environments.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    role: Mapped[str | None] = mapped_column(String(16))


class SignInRow(Model):
    """A signed-in browser; the cookie holds the token, this only its hash."""

    __tablename__ = "sign_ins"
    __table_args__ = (UniqueConstraint("sha256"), Index("ix_sign_ins_person_id", "person_id"))

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    created_at: Mapped[datetime]
    # To five minutes, so that reading seldom writes.
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    address: Mapped[str] = mapped_column(String(64))
    browser: Mapped[str] = mapped_column(String(300))


class PersonLinkRow(Model):
    """A link by which a person chooses a password, once: an invitation, or a reset."""

    __tablename__ = "person_links"
    __table_args__ = (UniqueConstraint("sha256"), Index("ix_person_links_person_id", "person_id"))

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    kind: Mapped[str] = mapped_column(String(16))
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
