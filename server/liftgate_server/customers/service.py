"""Changes of customers and of their users."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Final

from sqlalchemy.orm import Session

from liftgate.engine.customer_state import Attribute
from liftgate_server.customers.facts import Customer, CustomerUser
from liftgate_server.customers.models import ID_LENGTH, CustomerRow, CustomerUserRow
from liftgate_server.customers.rows import customer_of, load_present, unknown_customer, user_of
from liftgate_server.plumbing.changes import ChangeKind, append_change
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.db import transaction
from liftgate_server.plumbing.errors import Conflict, FieldError, Invalid

__all__ = [
    "Unchanged",
    "UpsertCustomer",
    "UpsertUser",
    "lock_customer",
    "mark_changed",
    "raise_version",
    "upsert_customer",
    "upsert_user",
]

MOST_ATTRIBUTES = 50
_ID = re.compile(rf"[A-Za-z0-9._:@|-]{{1,{ID_LENGTH}}}", re.ASCII)


class Unchanged(Enum):
    """Stands where a request says nothing about a field; ``None`` clears it."""

    UNCHANGED = "unchanged"


UNCHANGED: Final = Unchanged.UNCHANGED


@dataclass(frozen=True, slots=True)
class UpsertCustomer:
    """What the host tells about an account. Attributes are merged; an attribute that is ``None`` is removed."""

    name: str | Unchanged | None = UNCHANGED
    language: str | Unchanged | None = UNCHANGED
    currency: str | Unchanged | None = UNCHANGED
    attributes: Mapping[str, Attribute] | Unchanged | None = UNCHANGED


@dataclass(frozen=True, slots=True)
class UpsertUser:
    """What the host tells about a person in an account."""

    name: str | Unchanged | None = UNCHANGED
    email: str | Unchanged | None = UNCHANGED
    buyer: bool | Unchanged = UNCHANGED


def upsert_customer(environment_id: int, customer: str, command: UpsertCustomer) -> Customer:
    """Create the customer, or change what the command names. Telling nothing new changes nothing."""
    _check_id("customer", customer)
    with transaction(environment_id) as session:
        row = session.get(CustomerRow, (environment_id, customer), with_for_update=True)
        at = now()
        is_new = row is None
        if row is None:
            row = _new_customer(environment_id, customer, at)
            session.add(row)
        # Both halves are carried out, whatever the first one answers.
        changes = (_describe(session, row, command, at), _merge_attributes(row, command.attributes))
        if is_new or any(changes):
            raise_version(row, at)
        session.flush()
        return customer_of(row)


def upsert_user(environment_id: int, customer: str, user: str, command: UpsertUser) -> CustomerUser:
    """Create the user of a customer, or change what the command names."""
    _check_id("user", user)
    with transaction(environment_id) as session:
        owner = lock_customer(session, environment_id, customer)
        row = session.get(CustomerUserRow, (environment_id, customer, user))
        at = now()
        is_new = row is None
        if row is None:
            row = _new_user(owner, user, at)
            session.add(row)
        wanted = {"name": command.name, "email": command.email, "buyer": command.buyer}
        if _set_fields(row, wanted) or is_new:
            row.updated_at = at
            raise_version(owner, at)
        session.flush()
        return user_of(row)


def lock_customer(session: Session, environment_id: int, customer: str) -> CustomerRow:
    """Read the customer for a change; until the transaction ends, nobody else changes it."""
    row = session.get(CustomerRow, (environment_id, customer), with_for_update=True, populate_existing=True)
    if row is None:
        raise unknown_customer(customer)
    return row


def raise_version(row: CustomerRow, at: datetime) -> None:
    """Mark a change that somebody outside can see, in the transaction that makes it."""
    row.version += 1
    row.updated_at = at
    append_change(row.environment_id, ChangeKind.CUSTOMER, key=row.id, version=row.version)


def mark_changed(environment_id: int, customer: str) -> None:
    """Raise the version for something that is not the account's own; one that nobody has told of keeps version 0."""
    with transaction(environment_id) as session:
        row = session.get(CustomerRow, (environment_id, customer), with_for_update=True, populate_existing=True)
        version = 0
        if row is not None:
            row.version += 1
            version = row.version
        append_change(environment_id, ChangeKind.CUSTOMER, key=customer, version=version)


def _check_id(field: str, id: str) -> None:
    if not _ID.fullmatch(id):
        message = f"Not a valid {field} id: 1 to {ID_LENGTH} of the characters A-Z a-z 0-9 . _ : @ | -"
        raise Invalid("invalid_request", message, errors=[FieldError(field, "bad_key", message)])


def _new_customer(environment_id: int, customer: str, at: datetime) -> CustomerRow:
    return CustomerRow(
        environment_id=environment_id,
        id=customer,
        search_id=customer.casefold(),
        attributes={},
        version=0,
        created_at=at,
        updated_at=at,
    )


def _new_user(owner: CustomerRow, user: str, at: datetime) -> CustomerUserRow:
    return CustomerUserRow(
        environment_id=owner.environment_id, customer=owner.id, id=user, buyer=False, created_at=at, updated_at=at
    )


def _describe(session: Session, row: CustomerRow, command: UpsertCustomer, at: datetime) -> bool:
    if command.currency is not UNCHANGED and command.currency != row.currency:
        _refuse_while_paying(session, row, at)
    changed = _set_fields(row, {"name": command.name, "language": command.language, "currency": command.currency})
    if changed:
        row.search_name = None if row.name is None else row.name.casefold()
    return changed


def _refuse_while_paying(session: Session, row: CustomerRow, at: datetime) -> None:
    held = load_present(session, row, at=at).currency_at(at)
    if held is not None:
        raise Conflict("currency_in_use", f"The customer pays in {held} and keeps it while something is subscribed.")


def _merge_attributes(row: CustomerRow, attributes: Mapping[str, Attribute] | Unchanged | None) -> bool:
    if isinstance(attributes, Unchanged):
        return False
    merged = {} if attributes is None else {**row.attributes, **attributes}
    kept = {key: value for key, value in merged.items() if value is not None}
    if len(kept) > MOST_ATTRIBUTES:
        message = f"With these, the customer would have {len(kept)} attributes; {MOST_ATTRIBUTES} are allowed."
        raise Invalid("too_many_attributes", message, errors=[FieldError("attributes", "out_of_range", message)])
    if _is_same(kept, row.attributes):
        return False
    row.attributes = kept
    return True


def _is_same(left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    # `True == 1 == 1.0` in Python, but not in JSON.
    return left.keys() == right.keys() and all(
        (type(left[key]), left[key]) == (type(right[key]), right[key]) for key in left
    )


def _set_fields(row: CustomerRow | CustomerUserRow, wanted: Mapping[str, object]) -> bool:
    changed = {name: value for name, value in wanted.items() if value is not UNCHANGED and getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    return bool(changed)
