"""The long part of an erasure: table by table, so many rows in a transaction, from where the last one stopped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from liftgate_server.plumbing.changes import ChangeKind, keep_from_counting
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.db import transaction
from liftgate_server.plumbing.idempotency import forget_answers_to
from liftgate_server.privacy.audit_trail import blank_some
from liftgate_server.privacy.facts import ErasureKind, ErasureState
from liftgate_server.privacy.models import ErasureRow
from liftgate_server.privacy.moving import forget_some
from liftgate_server.privacy.pseudonyms import Pseudonyms
from liftgate_server.privacy.requests import pseudonyms_of
from liftgate_server.privacy.tables import USAGE

__all__ = ["ROWS_AT_ONCE", "go_on"]

# The environment's writers wait while one batch is moved.
ROWS_AT_ONCE = 1_000

_Stage = tuple[str, Callable[[Session, int, Pseudonyms], int]]


def go_on(environment_id: int, erasure_id: str, *, most_batches: int) -> None:
    """Move batches until the erasure is done, at most so many; what is left is for the next one who goes on."""
    for _ in range(most_batches):
        with transaction(environment_id) as session:
            key = (environment_id, erasure_id)
            row = session.get_one(ErasureRow, key, with_for_update=True, populate_existing=True)
            if row.state == ErasureState.DONE.value:
                return
            _step(session, row)


def _step(session: Session, row: ErasureRow) -> None:
    whom = pseudonyms_of(row)
    if row.position == len(STAGES):
        _finish(session, row, whom)
        return
    # Nobody counts for the account while rows are moved: a use would be in what was moved or in what was not.
    keep_from_counting(row.environment_id, ChangeKind.CUSTOMER, key=whom.customer)
    name, forget = STAGES[row.position]
    done = forget(session, row.environment_id, whom)
    if done:
        row.counts = {**row.counts, name: row.counts.get(name, 0) + done}
    if done < ROWS_AT_ONCE:
        # Whatever the host goes on to report comes to an account that is unknown again; we do not run after it.
        row.position += 1
    session.flush()


def _finish(session: Session, row: ErasureRow, whom: Pseudonyms) -> None:
    if row.kind == ErasureKind.CUSTOMER.value:
        earlier = update(ErasureRow).where(
            ErasureRow.environment_id == row.environment_id, ErasureRow.customer == whom.customer
        )
        session.execute(earlier.values(customer=whom.pseudonym).execution_options(synchronize_session=False))
        row.customer = None
    row.user, row.salt = None, None
    row.state, row.finished_at = ErasureState.DONE.value, now()
    session.flush()


def _blank_entries(session: Session, environment_id: int, whom: Pseudonyms) -> int:
    return blank_some(session, environment_id, whom, most=ROWS_AT_ONCE)


def _forget_answers(session: Session, environment_id: int, whom: Pseudonyms) -> int:
    """Drop the answers kept for end users and about them; the idempotency key of a request goes with them."""
    # As `Caller.principal` says it. "!" follows the space, and no id holds either.
    first = f"end_user {whom.customer} {whom.user or ''}"
    before = f"end_user {whom.customer}!" if whom.is_of_account else f"{first} "
    return forget_answers_to(
        session, environment_id, first=first, before=before, customer=whom.customer, user=whom.user
    )


STAGES: Final[tuple[_Stage, ...]] = (
    *(
        (
            table.name,
            lambda session, environment_id, whom, table=table: forget_some(
                session, table, environment_id, whom, most=ROWS_AT_ONCE
            ),
        )
        for table in USAGE
    ),
    ("audit_entries", _blank_entries),
    ("idempotency_keys", _forget_answers),
)
