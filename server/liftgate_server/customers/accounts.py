"""Reads of many accounts at once, for lists: who has which plan, in which state, and pays what."""

# size: a line of the list is made of what four siblings know of an account

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from liftgate.engine.customer_state import SubscriptionStatus
from liftgate_server.customers.facts import Customer
from liftgate_server.customers.models import CustomerRow, PlanPhaseRow
from liftgate_server.customers.mrr import mrr_at
from liftgate_server.customers.queries import beginning_with
from liftgate_server.customers.rows import customer_of, load_running
from liftgate_server.customers.timeline import PlanHolding
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.db import reading
from liftgate_server.plumbing.paging import DEFAULT_PAGE, Page, page_query

__all__ = ["Account", "AccountFilter", "AccountStatus", "accounts"]


class AccountStatus(StrEnum):
    """The state of a running subscription, or ``none`` while nothing is subscribed."""

    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    PAUSED = "paused"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class AccountFilter:
    """Which accounts are listed; ``None`` asks for nothing. ``search`` is the beginning of an id or name.

    ``plan`` finds the subscribers of a plan; with ``or_no_subscription`` also those who hold it by default.
    """

    search: str | None = None
    plan: str | None = None
    or_no_subscription: bool = False
    status: AccountStatus | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """One line of a list. ``mrr`` is in minor units of ``currency`` per month; ``plan`` is what is subscribed."""

    customer: Customer
    plan: PlanHolding | None
    status: AccountStatus
    mrr: int
    currency: str | None


def accounts(
    environment_id: int, wanted: AccountFilter, *, cursor: str | None = None, limit: int = DEFAULT_PAGE
) -> Page[Account]:
    """List accounts by id, in a fixed number of reads whatever their number."""
    at = now()
    query, key = _matching(environment_id, wanted, at)
    page = page_query(query, keys=(key,), cursor=cursor, limit=limit)
    return Page(_described(environment_id, page.items, at), page.next_cursor)


def _described(environment_id: int, ids: Sequence[str], at: datetime) -> tuple[Account, ...]:
    rows = reading().scalars(
        select(CustomerRow).where(CustomerRow.environment_id == environment_id, CustomerRow.id.in_(ids))
    )
    found = {row.id: row for row in rows}
    held = load_running(reading(), environment_id, ids, at=at)
    return tuple(_account(customer_of(found[id]), held[id].plan_at(at), held[id], at) for id in ids)


def _account(customer: Customer, plan: PlanHolding | None, timeline: Any, at: datetime) -> Account:
    status = AccountStatus.NONE if plan is None else AccountStatus(plan.status.value)
    return Account(customer, plan, status, mrr_at(timeline, at), timeline.currency_at(at))


def _matching(
    environment_id: int, wanted: AccountFilter, at: datetime
) -> tuple[Select[str], InstrumentedAttribute[str]]:
    """Return the query of the ids that match, read from the table whose index yields them in their order."""
    if _is_about_subscribers(wanted):
        query, key = _subscribers(environment_id, wanted, at), PlanPhaseRow.customer
    else:
        query, key = select(CustomerRow.id).where(CustomerRow.environment_id == environment_id), CustomerRow.id
        if wanted.plan is not None:
            query = query.where(~_has_running_phase(environment_id, at, PlanPhaseRow.plan != wanted.plan))
        if wanted.status is AccountStatus.NONE:
            query = query.where(~_has_running_phase(environment_id, at))
    if wanted.search:
        query = query.where(key.in_(beginning_with(environment_id, wanted.search.casefold())))
    return query, key


def _is_about_subscribers(wanted: AccountFilter) -> bool:
    if wanted.status is not None:
        return wanted.status is not AccountStatus.NONE
    return wanted.plan is not None and not wanted.or_no_subscription


def _subscribers(environment_id: int, wanted: AccountFilter, at: datetime) -> Select[str]:
    query = select(PlanPhaseRow.customer).where(PlanPhaseRow.environment_id == environment_id, _runs(at))
    if wanted.plan is not None:
        query = query.where(PlanPhaseRow.plan == wanted.plan)
    if wanted.status is not None:
        query = query.where(PlanPhaseRow.status == SubscriptionStatus(wanted.status.value).value)
    return query


def _runs(at: datetime) -> ColumnElement[bool]:
    return and_(PlanPhaseRow.starts_at <= at, or_(PlanPhaseRow.ends_at.is_(None), PlanPhaseRow.ends_at > at))


def _has_running_phase(environment_id: int, at: datetime, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    own = (PlanPhaseRow.environment_id == environment_id, PlanPhaseRow.customer == CustomerRow.id)
    return exists().where(*own, _runs(at), *conditions)
