"""The first step of forgetting somebody: an account, or a person in it, is unknown from one moment to the next."""

from __future__ import annotations

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from liftgate_server.billing.service import cancel_open_orders
from liftgate_server.customers.models import CustomerRow
from liftgate_server.customers.service import raise_version
from liftgate_server.customers.subscription_service import end_everything
from liftgate_server.plumbing.changes import ChangeKind, append_change
from liftgate_server.plumbing.clock import now
from liftgate_server.privacy.moving import forget_some
from liftgate_server.privacy.pseudonyms import Pseudonyms
from liftgate_server.privacy.tables import ACCOUNT, HOLDINGS

__all__ = ["forget_account", "forget_person"]


def forget_account(session: Session, environment_id: int, whom: Pseudonyms) -> dict[str, int]:
    """Put a nameless account in the place of this one, which pays and orders nothing any more; count the rows."""
    counts = {}
    if session.get(CustomerRow, (environment_id, whom.customer)) is not None:
        counts = _replace_account(session, environment_id, whom)
    # An account of the same id may come back and reach the same version. What another process remembers of this one is
    # then proven by nothing but the number of access, which sends it to look at what has changed.
    append_change(environment_id, ChangeKind.ACCESS, key=f"erasure:{whom.pseudonym}", version=1)
    # Version 0 is that of an account nobody has told of: whoever keeps an older one throws it away.
    append_change(environment_id, ChangeKind.CUSTOMER, key=whom.customer, version=0)
    return counts


def forget_person(session: Session, environment_id: int, whom: Pseudonyms) -> dict[str, int]:
    """Take a person out of an account that goes on; count the rows."""
    counts = _forget_holdings(session, environment_id, whom)
    session.expire_all()
    account = session.get(CustomerRow, (environment_id, whom.customer), with_for_update=True)
    if account is not None:
        raise_version(account, now())
    return counts


def _replace_account(session: Session, environment_id: int, whom: Pseudonyms) -> dict[str, int]:
    end_everything(environment_id, whom.customer)
    cancel_open_orders(environment_id, whom.customer)
    session.flush()
    # From here on below the session: the identity of its objects is what changes.
    session.expire_all()
    accounts, connection = ACCOUNT.table, session.connection()
    is_this = (accounts.c.environment_id == environment_id, accounts.c.id == whom.customer)
    known = dict(session.execute(select(accounts).where(*is_this)).mappings().one())
    nameless = known | dict(ACCOUNT.blank) | {"id": whom.pseudonym, "search_id": whom.pseudonym}
    connection.execute(insert(accounts).values(nameless))
    counts = _forget_holdings(session, environment_id, whom)
    connection.execute(delete(accounts).where(*is_this))
    return counts | {accounts.name: 1}


def _forget_holdings(session: Session, environment_id: int, whom: Pseudonyms) -> dict[str, int]:
    counts = {table.name: forget_some(session, table, environment_id, whom) for table in HOLDINGS}
    return {name: count for name, count in counts.items() if count}
