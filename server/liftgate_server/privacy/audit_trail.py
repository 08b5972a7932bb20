"""What the audit log says about somebody, and how it stops saying so.

The log refuses changes. The one that it lets through, and only while an erasure is running, takes ``before`` and
``after`` away and puts the pseudonym in the place of a name: what was done, when and under which number stays.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, or_, select, update
from sqlalchemy.orm import Session

from liftgate_server.billing.models import OrderRow
from liftgate_server.plumbing.audit import ActorKind, AuditEntryRow
from liftgate_server.privacy.pseudonyms import Pseudonyms

__all__ = ["blank_some", "entries_about"]

_Row = AuditEntryRow


def entries_about(environment_id: int, customer: str) -> list[ColumnElement[bool]]:
    """Say which entries are about an account: what was done to it, to its orders, and by its people."""
    orders = _orders_of(environment_id, customer)
    return [_Row.subject == f"customer:{customer}", _is_by_people_of(customer), _Row.subject.in_(orders)]


def blank_some(session: Session, environment_id: int, whom: Pseudonyms, *, most: int) -> int:
    """Blank up to ``most`` entries; give how many there were. The orders must be at the pseudonym already."""
    columns = (_Row.number, _Row.subject, _Row.actor_kind, _Row.actor_id, _Row.actor_name)
    found = session.execute(
        select(*columns).where(_Row.environment_id == environment_id, _is_still_named(environment_id, whom)).limit(most)
    ).all()
    for entry in found:
        session.execute(
            update(_Row)
            .where(_Row.environment_id == environment_id, _Row.number == entry.number)
            .values(before=None, after=None, **_renamed(entry, whom))
            .execution_options(synchronize_session=False)
        )
    return len(found)


def _is_still_named(environment_id: int, whom: Pseudonyms) -> ColumnElement[bool]:
    if not whom.is_of_account:
        return _is_by_or_names(whom)
    orders = _orders_of(environment_id, whom.pseudonym)
    is_told = or_(_Row.before.is_not(None), _Row.after.is_not(None))
    return or_(
        _Row.subject == f"customer:{whom.customer}",
        _is_by_people_of(whom.customer),
        and_(_Row.subject.in_(orders), is_told),
    )


def _is_by_or_names(whom: Pseudonyms) -> ColumnElement[bool]:
    """What a person did, and what was done to the account where the person is named as a user."""
    is_by = and_(_Row.actor_kind == ActorKind.END_USER.value, _Row.actor_id == f"{whom.customer}/{whom.user}")
    named = f'"user": "{whom.user}"'
    is_named = or_(*(_has(cast(document, String), named) for document in (_Row.before, _Row.after)))
    return or_(is_by, and_(_Row.subject == f"customer:{whom.customer}", is_named))


def _has(document: ColumnElement[str], text: str) -> ColumnElement[bool]:
    # Not by LIKE, which on SQLite takes capitals for small letters.
    return func.replace(document, text, "") != document


def _orders_of(environment_id: int, customer: str) -> Select[str]:
    return select("order:" + OrderRow.id).where(
        OrderRow.environment_id == environment_id, OrderRow.customer == customer
    )


def _is_by_people_of(customer: str) -> ColumnElement[bool]:
    # By range and not by LIKE, which on SQLite takes capitals for small letters; "0" follows "/".
    is_person = and_(_Row.actor_id >= f"{customer}/", _Row.actor_id < f"{customer}0")
    return and_(_Row.actor_kind == ActorKind.END_USER.value, or_(_Row.actor_id == customer, is_person))


def _renamed(entry: Any, whom: Pseudonyms) -> dict[str, str]:
    renamed = {}
    if entry.subject == f"customer:{whom.customer}" and whom.is_of_account:
        renamed["subject"] = f"customer:{whom.pseudonym}"
    if entry.actor_kind == ActorKind.END_USER.value:
        account, _, person = entry.actor_id.partition("/")
        renamed["actor_id"] = whom.of_customer(account) + (f"/{whom.of_user(person)}" if person else "")
        renamed["actor_name"] = whom.of_customer(account) if not person else whom.of_user(person) or ""
    return renamed
