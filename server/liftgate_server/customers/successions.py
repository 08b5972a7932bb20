"""Periodic work: what follows a version that has ended is written into the phases and the MRR ledger.

Access, prices and what is read of a subscription do not wait for it. A batch is a transaction; whoever was written down
is found no more, so a run that breaks off is gone on with where it stopped, and nobody is moved twice.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from liftgate_server.catalog.queries import SuccessionOnFile
from liftgate_server.customers.catching_up import catch_up
from liftgate_server.customers.endings import Endings, endings_of
from liftgate_server.customers.models import SuccessionRunRow
from liftgate_server.customers.service import lock_customer
from liftgate_server.customers.succession_queries import pinned_customers, unfinished_successions
from liftgate_server.plumbing.db import transaction
from liftgate_server.plumbing.one_by_one import is_done

__all__ = ["apply_successions"]

# A batch holds the environment's writers up for about a fifth of a second.
_BATCH: Final = 50
_MOST_PER_RUN: Final = 1_000


def apply_successions(at: datetime, *, limit: int = _MOST_PER_RUN) -> int:
    """Write down what followed the versions that have ended; give the number of customers it was written for."""
    moved = 0
    for environment_id, one in unfinished_successions(at):
        if moved >= limit:
            break
        moved += _apply(environment_id, one, at, limit - moved)
    return moved


def _apply(environment_id: int, one: SuccessionOnFile, at: datetime, limit: int) -> int:
    moved, failed, last = 0, 0, ""
    endings = endings_of(environment_id)
    while moved < limit:
        customers = pinned_customers(environment_id, one, after=last, limit=min(_BATCH, limit - moved))
        with transaction(environment_id) as session:
            done = sum(_is_moved(environment_id, customer, endings, at) for customer in customers)
            failed += len(customers) - done
            _note(session, environment_id, one, done, finished_at=None if customers or failed else at)
        moved += done
        if not customers:
            break
        last = customers[-1]
    return moved


def _is_moved(environment_id: int, customer: str, endings: Endings, at: datetime) -> bool:
    def move() -> bool:
        with transaction(environment_id) as session:
            row = lock_customer(session, environment_id, customer)
            # Two servers' clocks differ a little; a customer's history never runs backwards.
            catch_up(session, row, endings, at=max(at, row.changed_at or at))
        return True

    return is_done(move, "succession_failed", environment_id=environment_id, customer=customer)


def _note(
    session: Session, environment_id: int, one: SuccessionOnFile, moved: int, *, finished_at: datetime | None
) -> None:
    row = session.get(SuccessionRunRow, (environment_id, one.kind.value, one.key, one.version))
    if row is None:
        row = SuccessionRunRow(
            environment_id=environment_id,
            kind=one.kind.value,
            key=one.key,
            version=one.version,
            to_version=one.to_version,
            moved=0,
            started_at=one.at,
        )
        session.add(row)
    row.moved += moved
    row.finished_at = finished_at
