"""Requests to forget somebody: confirmed, written down once, and found again when they are repeated."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from liftgate_server.plumbing.audit import current_actor
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.errors import FieldError, Invalid, NotFound
from liftgate_server.plumbing.ids import new_id
from liftgate_server.plumbing.sealing import sealer
from liftgate_server.privacy.facts import ErasureKind, ErasureState
from liftgate_server.privacy.models import ErasureRow
from liftgate_server.privacy.pseudonyms import Pseudonyms, new_pseudonym, new_salt

__all__ = ["check_confirmation", "find_request", "new_request", "pseudonyms_of", "unknown"]


def check_confirmation(wanted: str, confirm: str) -> None:
    """Refuse a request that does not say again whom it means: there is no way back."""
    if wanted != confirm:
        message = "To confirm, say the id again just as it is in the address."
        raise Invalid("not_confirmed", message, errors=[FieldError("confirm", "bad_value", message)])


def new_request(environment_id: int, customer: str, user: str | None) -> ErasureRow:
    """Make the row of a request that begins now."""
    kind = ErasureKind.CUSTOMER if user is None else ErasureKind.USER
    return ErasureRow(
        environment_id=environment_id,
        id=new_id("ers"),
        kind=kind.value,
        customer=customer,
        user=user,
        pseudonym=new_pseudonym(),
        digest=_digest(environment_id, customer, user),
        salt=new_salt(),
        state=ErasureState.RUNNING.value,
        position=0,
        counts={},
        requested_by=current_actor().id,
        requested_at=now(),
    )


def find_request(
    session: Session, environment_id: int, customer: str, user: str | None, *, state: ErasureState
) -> ErasureRow | None:
    """Find the newest request to forget the same one."""
    query = select(ErasureRow).where(
        ErasureRow.environment_id == environment_id,
        ErasureRow.digest == _digest(environment_id, customer, user),
        ErasureRow.state == state.value,
    )
    return session.scalars(query.order_by(ErasureRow.requested_at.desc(), ErasureRow.id.desc()).limit(1)).first()


def pseudonyms_of(row: ErasureRow) -> Pseudonyms:
    """Give the names of a request that is not done yet."""
    return Pseudonyms(row.customer or "", row.user, row.pseudonym, row.salt or b"")


def unknown(customer: str, user: str | None) -> NotFound:
    if user is None:
        return NotFound("unknown_customer", f"There is no customer '{customer}' in this environment.")
    return NotFound("unknown_user", f"There is no user '{user}' of the customer '{customer}'.")


def _digest(environment_id: int, customer: str, user: str | None) -> bytes:
    # No id holds a line break, so no two requests say the same.
    return sealer().signature(f"{customer}\n{user or ''}".encode(), context=f"erasure:{environment_id}")
