"""Forgetting: an account or a person goes, what was counted and paid stays under a pseudonym.

The account itself is unknown from the first transaction on. The rows of its use follow batch by batch, each in a short
transaction, so that nobody waits for them; what a crash leaves is done by the job.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from liftgate_server.plumbing.audit import write_entry
from liftgate_server.plumbing.db import reading, transaction
from liftgate_server.plumbing.one_by_one import is_done
from liftgate_server.privacy import batches, queries, requests
from liftgate_server.privacy.closing import forget_account, forget_person
from liftgate_server.privacy.exporting import export_lines
from liftgate_server.privacy.facts import Erasure, ErasureState
from liftgate_server.privacy.models import ErasureRow

__all__ = ["continue_erasures", "erase_customer", "erase_user", "export"]

# A request ends within seconds whatever there is to move; the job goes on from there.
_BATCHES_OF_A_REQUEST: Final = 20
_BATCHES_OF_A_JOB: Final = 200


def export(environment_id: int, customer: str) -> Iterator[bytes]:
    """Hand out what is known of an account, line by line; that it was handed out is noted. Raises ``NotFound``."""
    if not queries.is_known(environment_id, customer):
        raise requests.unknown(customer, None)
    lines = export_lines(environment_id, customer)
    write_entry(environment_id, "customer.exported", subject=f"customer:{customer}")
    return lines


def erase_customer(environment_id: int, customer: str, *, confirm: str) -> Erasure:
    """Forget an account. Asked again it goes on, or tells of the erasure that is done."""
    requests.check_confirmation(customer, confirm)
    return _erase(environment_id, customer, None)


def erase_user(environment_id: int, customer: str, user: str, *, confirm: str) -> Erasure:
    """Forget a person in an account; the account goes on."""
    requests.check_confirmation(user, confirm)
    return _erase(environment_id, customer, user)


def continue_erasures(_at: datetime) -> int:
    """Go on with what requests have left; give the number of erasures that there were."""
    table = ErasureRow
    running = select(table.environment_id, table.id).where(table.state == ErasureState.RUNNING.value)
    waiting = reading().execute(running.order_by(table.requested_at, table.id)).all()
    return sum(
        is_done(partial(_continue, environment_id, erasure_id), "erasure_failed", erasure=erasure_id)
        for environment_id, erasure_id in waiting
    )


def _continue(environment_id: int, erasure_id: str) -> bool:
    batches.go_on(environment_id, erasure_id, most_batches=_BATCHES_OF_A_JOB)
    return True


def _erase(environment_id: int, customer: str, user: str | None) -> Erasure:
    with transaction(environment_id) as session:
        erasure_id = _request(session, environment_id, customer, user).id
    batches.go_on(environment_id, erasure_id, most_batches=_BATCHES_OF_A_REQUEST)
    return queries.erasure(environment_id, erasure_id)


def _request(session: Session, environment_id: int, customer: str, user: str | None) -> ErasureRow:
    """Find the request that is under way, or begin one, or find the one that has left nothing to do."""
    running = requests.find_request(session, environment_id, customer, user, state=ErasureState.RUNNING)
    if running is not None:
        return running
    if queries.is_known(environment_id, customer, user):
        return _begin(session, environment_id, customer, user)
    done = requests.find_request(session, environment_id, customer, user, state=ErasureState.DONE)
    if done is None:
        raise requests.unknown(customer, user)
    return done


def _begin(session: Session, environment_id: int, customer: str, user: str | None) -> ErasureRow:
    row = requests.new_request(environment_id, customer, user)
    session.add(row)
    session.flush()
    whom = requests.pseudonyms_of(row)
    if whom.is_of_account:
        row.counts = forget_account(session, environment_id, whom)
        write_entry(environment_id, "customer.erased", subject=f"customer:{whom.pseudonym}", after={"erasure": row.id})
    else:
        row.counts = forget_person(session, environment_id, whom)
        after = {"erasure": row.id, "user": whom.pseudonym}
        write_entry(environment_id, "user.erased", subject=f"customer:{customer}", after=after)
    session.flush()
    return row
