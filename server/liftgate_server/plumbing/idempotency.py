"""The same request sent twice takes effect once and is answered twice.

The record is written in the transaction of the effect itself: claimed earlier, a crash in between would answer a retry
with nothing; written later, it would do the work again. A refusal has no effect, so it is not recorded and a retry is
judged anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from sqlalchemy import ForeignKey, Index, LargeBinary, String, and_, delete, or_, select, text, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.db import Model, changed_rows, transaction
from liftgate_server.plumbing.errors import BadRequest, Conflict
from liftgate_server.plumbing.sealing import CannotUnseal, sealer

# As long as a journal on a host's disk may wait before it is sent again.
RETENTION = timedelta(days=35)
_LONGEST_KEY = 128
_LONGEST_ID = 128
_FORGOTTEN_AT_ONCE = 1_000


class IdempotencyRow(Model):
    __tablename__ = "idempotency_keys"

    environment_id: Mapped[int] = mapped_column(ForeignKey("environments.id"), primary_key=True)
    # Who asked: another principal's key of the same text is another key.
    principal: Mapped[str] = mapped_column(String(300), primary_key=True)
    key: Mapped[str] = mapped_column(String(_LONGEST_KEY), primary_key=True)
    request_hash: Mapped[bytes] = mapped_column(LargeBinary)
    # Sealed, because an answer may hold a key that is shown once. None only inside the transaction of the effect.
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(index=True)
    # Whom the answer is about, by what it says itself: it goes when they are forgotten.
    customer: Mapped[str | None] = mapped_column(String(_LONGEST_ID))
    user: Mapped[str | None] = mapped_column(String(_LONGEST_ID))

    __table_args__ = (
        Index(
            "ix_idempotency_keys_customer",
            "environment_id",
            "customer",
            sqlite_where=text("customer IS NOT NULL"),
            postgresql_where=text("customer IS NOT NULL"),
        ),
    )


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request that may come again."""

    environment_id: int
    principal: str
    key: str
    request_hash: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def read_key(header: str) -> str:
    if not 1 <= len(header) <= _LONGEST_KEY or not header.isascii() or not header.isprintable():
        raise BadRequest("invalid_idempotency_key", "An Idempotency-Key has 1 to 128 printable ASCII characters.")
    return header


def hash_request(*parts: bytes) -> bytes:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()


def once(attempt: Attempt, effect: Callable[[], Answer]) -> tuple[Answer, bool]:
    """Carry out the effect and record its answer in one transaction, or give the recorded one (then True)."""
    try:
        return _once(attempt, effect)
    except _LostRace:
        # Another process committed the same key while we waited for its row; its answer is there now.
        return _once(attempt, effect)


def forget_old_answers(at: datetime) -> int:
    """Drop what nobody may ask for any more; a little at a time, because writers wait meanwhile."""
    forgotten = 0
    while (some := _forget_some(at - RETENTION)) > 0:
        forgotten += some
    return forgotten


def forget_answers_to(
    session: Session, environment_id: int, *, first: str, before: str, customer: str, user: str | None
) -> int:
    """Drop the answers kept for principals from ``first`` up to, but without, ``before``, and those about the same.

    ``user`` is ``None`` when the whole account is meant. Say how many there were.
    """
    table = IdempotencyRow
    is_about = table.customer == customer if user is None else and_(table.customer == customer, table.user == user)
    is_theirs = or_(and_(table.principal >= first, table.principal < before), is_about)
    return changed_rows(session, delete(table).where(table.environment_id == environment_id, is_theirs))


def _forget_some(before: datetime) -> int:
    table = IdempotencyRow
    key = (table.environment_id, table.principal, table.key)
    old = select(*key).where(table.created_at < before).limit(_FORGOTTEN_AT_ONCE)
    with transaction() as session:
        return changed_rows(session, delete(table).where(tuple_(*key).in_(old)))


class _LostRace(Exception):
    """Our row met one that was committed after we looked."""


def _once(attempt: Attempt, effect: Callable[[], Answer]) -> tuple[Answer, bool]:
    with transaction(attempt.environment_id) as session:
        known = session.get(IdempotencyRow, (attempt.environment_id, attempt.principal, attempt.key))
        if known is not None:
            return _replay(known, attempt), True
        row = _insert(session, attempt)
        answer = effect()
        row.answer = sealer().seal(_pack(answer), context=_context(attempt))
        row.customer, row.user = _about(answer.body)
        session.flush()
    return answer, False


def _insert(session: Session, attempt: Attempt) -> IdempotencyRow:
    row = IdempotencyRow(
        environment_id=attempt.environment_id,
        principal=attempt.principal,
        key=attempt.key,
        request_hash=attempt.request_hash,
        answer=None,
        created_at=now(),
    )
    session.add(row)
    try:
        session.flush()
    except IntegrityError as failure:
        raise _LostRace from failure
    return row


def _replay(row: IdempotencyRow, attempt: Attempt) -> Answer:
    if row.request_hash != attempt.request_hash:
        raise Conflict("idempotency_conflict", "This Idempotency-Key was used for another request.")
    try:
        return _unpack(sealer().unseal(row.answer or b"", context=_context(attempt)))
    except CannotUnseal as failure:
        # The master secret was replaced. The request took effect then; doing it again would be worse than refusing.
        raise Conflict("idempotency_conflict", "The answer recorded for this key can no longer be read.") from failure


def _context(attempt: Attempt) -> str:
    return f"idempotency:{attempt.environment_id}:{attempt.principal}:{attempt.key}"


def _about(body: bytes) -> tuple[str | None, str | None]:
    """Read off an answer which customer it is about, and which user."""
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None, None
    if not isinstance(told, dict):
        return None, None
    customer, user = told.get("customer"), told.get("user")
    return customer if isinstance(customer, str) else None, user if isinstance(user, str) else None


def _pack(answer: Answer) -> bytes:
    return orjson.dumps([answer.status, answer.headers]) + b"\n" + answer.body


def _unpack(packed: bytes) -> Answer:
    head, _, body = packed.partition(b"\n")
    status, headers = orjson.loads(head)
    return Answer(status, tuple((name, value) for name, value in headers), body)
