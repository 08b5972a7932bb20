"""Reads of customers, users, subscriptions, grants and the MRR ledger."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from liftgate_server.customers.choices import Situation
from liftgate_server.customers.describing import describe_subscription
from liftgate_server.customers.facts import Customer, CustomerGrant, CustomerUser, GrantState, MrrChange, Subscription
from liftgate_server.customers.models import CustomerRow, CustomerUserRow, GrantRow, MrrChangeRow
from liftgate_server.customers.rows import (
    customer_of,
    grant_of,
    load_present,
    mrr_change_of,
    unknown_customer,
    user_of,
)
from liftgate_server.customers.succession_queries import succession_progress
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.db import reading
from liftgate_server.plumbing.paging import DEFAULT_PAGE, Page, page_query

__all__ = [
    "beginning_with",
    "customer",
    "customer_names",
    "customer_version",
    "grants",
    "mrr_changes",
    "search_customers",
    "situation",
    "subscription",
    "succession_progress",
    "users",
]

# The last character there is: everything that begins with a prefix sorts before the prefix followed by it.
_AFTER_EVERYTHING = "\U0010ffff"


def customer(environment_id: int, customer_id: str) -> Customer:
    return customer_of(_row(environment_id, customer_id))


def customer_names(environment_id: int, customer_ids: Collection[str]) -> Mapping[str, str]:
    """Return the names of those among these customers that have one."""
    query = select(CustomerRow.id, CustomerRow.name).where(
        CustomerRow.environment_id == environment_id, CustomerRow.id.in_(customer_ids), CustomerRow.name.is_not(None)
    )
    return {row.id: row.name for row in reading().execute(query)}


def customer_version(environment_id: int, customer_id: str) -> int | None:
    """Return the customer's version, ``None`` when there is no such customer."""
    return reading().scalar(
        select(CustomerRow.version).where(CustomerRow.environment_id == environment_id, CustomerRow.id == customer_id)
    )


def search_customers(
    environment_id: int, *, search: str | None = None, cursor: str | None = None, limit: int = DEFAULT_PAGE
) -> Page[Customer]:
    """List customers by id; a search finds those whose id or name begins with it, in capitals or not."""
    query = select(CustomerRow).where(CustomerRow.environment_id == environment_id)
    if search:
        query = query.where(CustomerRow.id.in_(beginning_with(environment_id, search.casefold())))
    return page_query(query, keys=(CustomerRow.id,), cursor=cursor, limit=limit).map(customer_of)


def users(
    environment_id: int, customer_id: str, *, cursor: str | None = None, limit: int = DEFAULT_PAGE
) -> Page[CustomerUser]:
    """List the users of a customer by id."""
    _row(environment_id, customer_id)
    query = select(CustomerUserRow).where(
        CustomerUserRow.environment_id == environment_id, CustomerUserRow.customer == customer_id
    )
    return page_query(query, keys=(CustomerUserRow.id,), cursor=cursor, limit=limit).map(user_of)


def subscription(environment_id: int, customer_id: str) -> Subscription:
    row = _row(environment_id, customer_id)
    at = now()
    return describe_subscription(row.id, row.version, load_present(reading(), row, at=at), at=at)


def situation(environment_id: int, customer_id: str) -> Situation:
    """Return the customer as it is now, as the rules of plan changes want to see it."""
    row = _row(environment_id, customer_id)
    at = now()
    return Situation(environment_id, row.id, row.currency, load_present(reading(), row, at=at), at)


def grants(
    environment_id: int,
    customer_id: str,
    *,
    state: GrantState | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_PAGE,
) -> Page[CustomerGrant]:
    """List the grants of a customer, newest first, all or those in one state."""
    _row(environment_id, customer_id)
    at = now()
    query = select(GrantRow).where(GrantRow.environment_id == environment_id, GrantRow.customer == customer_id)
    if state is not None:
        query = query.where(_in_state(state, at))
    page = page_query(query, keys=(GrantRow.created_at, GrantRow.id), cursor=cursor, limit=limit, descending=True)
    return page.map(lambda row: grant_of(row, at=at))


def mrr_changes(
    environment_id: int,
    *,
    customer_id: str | None = None,
    newest_first: bool = False,
    cursor: str | None = None,
    limit: int = DEFAULT_PAGE,
) -> Page[MrrChange]:
    """List the MRR ledger in the order in which the changes took effect, of all customers or of one."""
    query = select(MrrChangeRow).where(MrrChangeRow.environment_id == environment_id)
    keys = [MrrChangeRow.at, MrrChangeRow.customer, MrrChangeRow.sequence]
    if customer_id is not None:
        _row(environment_id, customer_id)
        query, keys = query.where(MrrChangeRow.customer == customer_id), [MrrChangeRow.sequence]
    page = page_query(query, keys=keys, cursor=cursor, limit=limit, descending=newest_first)
    return page.map(mrr_change_of)


def _row(environment_id: int, customer_id: str) -> CustomerRow:
    row = reading().get(CustomerRow, (environment_id, customer_id))
    if row is None:
        raise unknown_customer(customer_id)
    return row


def beginning_with(environment_id: int, prefix: str) -> CompoundSelect[str]:
    """Return the query of the ids of customers whose id or name begins with a case-folded prefix."""
    # Two reads, each by its own index; `or` would make the database walk through the whole environment.
    return _with_prefix(environment_id, CustomerRow.search_id, prefix).union(
        _with_prefix(environment_id, CustomerRow.search_name, prefix)
    )


def _with_prefix(environment_id: int, column: InstrumentedAttribute[Any], prefix: str) -> Select[str]:
    return select(CustomerRow.id).where(
        CustomerRow.environment_id == environment_id, column >= prefix, column < prefix + _AFTER_EVERYTHING
    )


def _in_state(state: GrantState, at: datetime) -> ColumnElement[bool]:
    if state is GrantState.ENDED:
        return GrantRow.ends_at <= at
    begun = GrantRow.starts_at <= at if state is GrantState.RUNNING else GrantRow.starts_at > at
    return and_(begun, or_(GrantRow.ends_at.is_(None), GrantRow.ends_at > at))
