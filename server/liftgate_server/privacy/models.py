"""The table of erasures."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from liftgate_server.plumbing.db import JsonDocument, Model

__all__ = ["ErasureRow"]


class ErasureRow(Model):
    """A request to forget somebody, and how far it has come.

    - ``customer``, ``user``: who is forgotten; empty as soon as that is done. Of a person, ``customer`` stays while the
      account itself is known.
    - ``pseudonym``: what stands in the rows that stay.
    - ``digest``: a signature of who was forgotten, made with the server's secret: a repeated request finds this row by
      it, and nobody reads an id out of it.
    - ``salt``: makes pseudonyms of the people and keys within an account; gone when the erasure is done, so that
      nobody can make them again.
    - ``position``: the stage that comes next, as ``batches`` numbers them.
    - ``counts``: rows moved, blanked or dropped, by table.
    - ``requested_by``: the actor in the audit log.

    The audit log lets only what a running erasure concerns be blanked; its trigger looks at this table.
    """

    __tablename__ = "erasures"

    environment_id: Mapped[int] = mapped_column(ForeignKey("environments.id"), primary_key=True, autoincrement=False)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    customer: Mapped[str | None] = mapped_column(String(128))
    user: Mapped[str | None] = mapped_column(String(128))
    pseudonym: Mapped[str] = mapped_column(String(64))
    digest: Mapped[bytes] = mapped_column(LargeBinary(16))
    salt: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    state: Mapped[str] = mapped_column(String(8))
    position: Mapped[int]
    counts: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    requested_by: Mapped[str] = mapped_column(String(300))
    requested_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_erasures_digest", "environment_id", "digest", "requested_at"),
        Index("ix_erasures_state", "state", "requested_at"),
    )
