"""What was used: by day, by user, by feature. None of it takes longer because there is more of the past."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

from liftgate_server.plumbing.db import reading
from liftgate_server.plumbing.paging import DEFAULT_PAGE, Page, page_query
from liftgate_server.usage.models import UsageDayRow
from liftgate_server.usage.readings import DayOfUse, DaysWanted, FeatureUse, UserOfFeature

__all__ = ["days_of_use", "feature_uses", "features_used", "top_users", "users_of_feature"]


def days_of_use(
    environment_id: int, customer: str, wanted: DaysWanted, *, cursor: str | None = None, limit: int = DEFAULT_PAGE
) -> Page[DayOfUse]:
    """List the days on which a feature was used, the earliest first."""
    table = UsageDayRow
    query = (
        select(table.day, *_sums(), func.count(func.nullif(table.user, "").distinct()))
        .where(*_of_days(environment_id, customer, wanted))
        .group_by(table.day)
    )
    return page_query(query, keys=(table.day,), cursor=cursor, limit=limit).map(
        lambda row: DayOfUse(row[0], wanted.feature, int(row[1]), int(row[2]), row[4], row[3])
    )


def users_of_feature(
    environment_id: int, customer: str, wanted: DaysWanted, *, cursor: str | None = None, limit: int = DEFAULT_PAGE
) -> Page[UserOfFeature]:
    """List who used a feature on those days, by user; what named none comes first."""
    table = UsageDayRow
    query = select(table.user, *_sums()).where(*_of_days(environment_id, customer, wanted)).group_by(table.user)
    return page_query(query, keys=(table.user,), cursor=cursor, limit=limit).map(_user)


def top_users(environment_id: int, customer: str, wanted: DaysWanted, *, most: int = 10) -> tuple[UserOfFeature, ...]:
    """Return who used most of a feature, those with the most units first, then those with the most uses."""
    table = UsageDayRow
    units, uses, last_at = _sums()
    query = (
        select(table.user, units, uses, last_at)
        .where(*_of_days(environment_id, customer, wanted), table.user != "")
        .group_by(table.user)
        .order_by(units.desc(), uses.desc(), table.user)
        .limit(most)
    )
    return tuple(_user(row) for row in reading().execute(query))


def feature_uses(
    environment_id: int, customer: str, *, since: datetime, features: Collection[str] | None = None
) -> tuple[FeatureUse, ...]:
    """Return what was used since the day (in UTC) that an instant lies in, by feature; value metrics are among them.

    Without ``features`` it is all that the customer ever used.
    """
    table = UsageDayRow
    wanted = features_used(environment_id, customer) if features is None else tuple(features)
    query = (
        select(table.feature, *_sums(), func.count(func.nullif(table.user, "").distinct()))
        .where(
            table.environment_id == environment_id,
            table.customer == customer,
            table.feature.in_(wanted),
            table.day >= since.date(),
        )
        .group_by(table.feature)
        .order_by(table.feature)
    )
    return tuple(FeatureUse(row[0], int(row[1]), int(row[2]), row[4], row[3]) for row in reading().execute(query))


def features_used(environment_id: int, customer: str) -> tuple[str, ...]:
    """Return the features that a customer ever used, by key: one look into the index for each."""
    table = UsageDayRow
    own = (table.environment_id == environment_id, table.customer == customer)
    found = select(func.min(table.feature).label("feature")).where(*own).cte("found", recursive=True)
    following = select(func.min(table.feature)).where(*own, table.feature > found.c.feature).scalar_subquery()
    found = found.union_all(select(following).where(found.c.feature.is_not(None)))
    query = select(found.c.feature).where(found.c.feature.is_not(None)).order_by(found.c.feature)
    return tuple(reading().scalars(query))


def _sums() -> tuple[ColumnElement[Any], ColumnElement[Any], ColumnElement[Any]]:
    table = UsageDayRow
    return func.sum(table.units), func.sum(table.uses), func.max(table.last_at)


def _of_days(environment_id: int, customer: str, wanted: DaysWanted) -> list[ColumnElement[bool]]:
    table = UsageDayRow
    conditions = [
        table.environment_id == environment_id,
        table.customer == customer,
        table.feature == wanted.feature,
        table.day >= wanted.first,
        table.day <= wanted.last,
    ]
    return conditions if wanted.user is None else [*conditions, table.user == wanted.user]


def _user(row: Any) -> UserOfFeature:
    return UserOfFeature(row[0] or None, int(row[1]), int(row[2]), row[3])
