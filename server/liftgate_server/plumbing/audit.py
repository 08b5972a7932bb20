"""Who changed what, with before and after: written in the transaction that makes the change, and never edited.

Triggers of the database refuse UPDATE and DELETE, and the numbers of an environment have no gap, so what is missing
shows. Entries about the whole installation (people, sign-ins) have no environment.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, cast

from flask import g, has_request_context
from sqlalchemy import Index, String, func, select
from sqlalchemy.orm import Mapped, mapped_column

from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.db import JsonDocument, Model, transaction
from liftgate_server.plumbing.paging import DEFAULT_PAGE, Page, page_query

# Stands for "no environment" in the key, where NULL cannot stand; environments count from 1.
_INSTALLATION = 0
_LONGEST_SUBJECT = 200
_LONGEST_NAME = 200


class ActorKind(StrEnum):
    PERSON = "person"
    KEY = "key"
    END_USER = "end_user"
    COMMAND_LINE = "command_line"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts; `id` is the person's, the key's, or the end user's `customer/user`."""

    kind: ActorKind
    id: str
    name: str


SYSTEM = Actor(ActorKind.SYSTEM, "system", "Liftgate")


class _Acting(Protocol):
    @property
    def actor(self) -> Actor: ...


class AuditEntryRow(Model):
    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_action", "environment_id", "action", "number"),
        Index("ix_audit_entries_actor", "environment_id", "actor_id", "number"),
        Index("ix_audit_entries_subject", "environment_id", "subject", "number"),
    )

    # No foreign key: 0 is the installation.
    environment_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[str] = mapped_column(String(300))
    actor_name: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(200))
    before: Mapped[Any] = mapped_column(JsonDocument, nullable=True)
    after: Mapped[Any] = mapped_column(JsonDocument, nullable=True)


@dataclass(frozen=True, slots=True)
class Entry:
    number: int
    at: datetime
    actor_kind: ActorKind
    actor_id: str
    actor_name: str
    action: str
    subject: str
    before: Any
    after: Any


_current: ContextVar[Actor | None] = ContextVar("liftgate_actor", default=None)


def current_actor() -> Actor:
    """Give who acts: whom `acting_as` names, else the verified caller of the request, else the system itself."""
    named = _current.get()
    if named is not None:
        return named
    if has_request_context() and "liftgate_caller" in g:
        # Asked only when something changes, so that the hot reads pay nothing for it.
        return cast("_Acting", g.liftgate_caller).actor
    return SYSTEM


@contextmanager
def acting_as(actor: Actor) -> Iterator[None]:
    """Name who acts within the block, in this thread or task only."""
    token = _current.set(actor)
    try:
        yield
    finally:
        _current.reset(token)


def write_entry(
    environment_id: int | None, action: str, *, subject: str, before: object = None, after: object = None
) -> None:
    """Write an entry inside the caller's transaction; `before` and `after` are JSON values of what changed."""
    actor = current_actor()
    tenant = _INSTALLATION if environment_id is None else environment_id
    with transaction(environment_id) as session:
        last = select(func.max(AuditEntryRow.number)).where(AuditEntryRow.environment_id == tenant)
        session.add(
            AuditEntryRow(
                environment_id=tenant,
                number=(session.scalar(last) or 0) + 1,
                at=now(),
                actor_kind=actor.kind.value,
                actor_id=actor.id,
                actor_name=actor.name[:_LONGEST_NAME],
                action=action,
                subject=subject[:_LONGEST_SUBJECT],
                before=before,
                after=after,
            )
        )
        session.flush()


def entries(
    environment_id: int | None,
    *,
    action: str | None = None,
    actor: str | None = None,
    subject: str | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_PAGE,
) -> Page[Entry]:
    """List the entries of an environment, or of the installation for None, newest first."""
    row = AuditEntryRow
    query = select(row).where(row.environment_id == (_INSTALLATION if environment_id is None else environment_id))
    for column, wanted in ((row.action, action), (row.actor_id, actor), (row.subject, subject)):
        if wanted is not None:
            query = query.where(column == wanted)
    return page_query(query, keys=(row.number,), cursor=cursor, limit=limit, descending=True).map(to_entry)


def to_entry(row: AuditEntryRow) -> Entry:
    return Entry(
        number=row.number,
        at=row.at,
        actor_kind=ActorKind(row.actor_kind),
        actor_id=row.actor_id,
        actor_name=row.actor_name,
        action=row.action,
        subject=row.subject,
        before=row.before,
        after=row.after,
    )
