"""The accounts that a publication touches, as one statement for each effect.

Who is listed and who is counted is the same statement, so the two cannot differ. None of them returns a row for each
customer but the pages, and their number does not depend on how many customers there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select, tuple_, union, union_all

from liftgate.engine.customer_state import GrantKind, SubscriptionStatus
from liftgate_server.catalog.queries import ProductKind
from liftgate_server.customers.models import AddOnPhaseRow, CustomerRow, GrantRow, PlanPhaseRow
from liftgate_server.plumbing.db import reading
from liftgate_server.plumbing.paging import Page, page_query
from liftgate_server.publishing.effects import Consequences, Level, PinnedVersion, Shift
from liftgate_server.publishing.facts import Effect
from liftgate_server.usage.models import ReportedLevelRow, UsageCounterRow

__all__ = [
    "count_affected",
    "giving_access",
    "known_levels",
    "list_affected",
    "over_limit_by_addon",
    "over_limit_by_version",
    "running",
    "shields_from",
]

_GIVING_ACCESS: Final = tuple(status.value for status in SubscriptionStatus if status.gives_access)
# The window of a level: a capacity does not start anew.
_EVER: Final = "never"
_SHIELDS: Final = (GrantKind.OVERRIDE, GrantKind.REVOKE)

_Condition = ColumnElement[bool]
_Customers = Select[Any]


def running(table: type[PlanPhaseRow | AddOnPhaseRow | GrantRow], at: datetime) -> _Condition:
    """Whether a phase or grant runs at an instant."""
    return and_(table.starts_at <= at, or_(table.ends_at.is_(None), table.ends_at > at))


def giving_access(environment_id: int, at: datetime) -> _Condition:
    """Whether a phase gives access at an instant; of a customer at most one does."""
    return and_(
        PlanPhaseRow.environment_id == environment_id,
        PlanPhaseRow.status.in_(_GIVING_ACCESS),
        running(PlanPhaseRow, at),
    )


def known_levels(environment_id: int, features: Sequence[str]) -> Any:
    """Select the level of each account, by feature: what the ledger counts, else what the host last reported."""
    counter, reported = UsageCounterRow, ReportedLevelRow
    is_level = and_(counter.environment_id == environment_id, counter.user == "", counter.window == _EVER)
    counted = select(counter.customer, counter.feature, counter.used).where(is_level, counter.feature.in_(features))
    told = select(reported.customer, reported.feature, reported.used).where(
        reported.environment_id == environment_id,
        reported.feature.in_(features),
        ~exists().where(is_level, counter.customer == reported.customer, counter.feature == reported.feature),
    )
    return union_all(counted, told)


def shields_from(kind: ProductKind) -> tuple[str, ...]:
    """Return the kinds of grants that decide a feature whatever plans, or add-ons, give of it."""
    # An override stands in for the plan, and add-ons come on top of it as well.
    return tuple(shield.value for shield in _SHIELDS if kind is ProductKind.PLAN or shield is GrantKind.REVOKE)


def count_affected(environment_id: int, consequences: Consequences) -> dict[Effect, int]:
    """Count the accounts of each effect but going over a limit, each account once."""
    counts = []
    effects = [effect for effect in Effect if effect is not Effect.OVER_LIMIT]
    for effect in effects:
        accounts = _affected(environment_id, effect, consequences)
        counted = literal(0) if accounts is None else select(func.count()).select_from(accounts).scalar_subquery()
        counts.append(counted.label(effect.name))
    return dict(zip(effects, reading().execute(select(*counts)).one(), strict=True))


def list_affected(
    environment_id: int, effect: Effect, consequences: Consequences, *, cursor: str | None, limit: int
) -> Page[tuple[str, str | None]]:
    """List the ids and names of the accounts of one effect, by id."""
    accounts = _affected(environment_id, effect, consequences)
    query: Any = select(CustomerRow.id, CustomerRow.name).where(CustomerRow.environment_id == environment_id)
    query = query.where(literal(value=False) if accounts is None else CustomerRow.id.in_(select(accounts)))
    return page_query(query, keys=(CustomerRow.id,), cursor=cursor, limit=limit).map(lambda row: (row[0], row[1]))


def over_limit_by_version(environment_id: int, consequences: Consequences) -> dict[PinnedVersion | None, int]:
    """Count who comes to be over a limit by plan version on file; ``None`` stands for those without a subscription.

    An account has one of them at an instant, so the counts add up.
    """
    counts: dict[PinnedVersion | None, int] = {}
    table = PlanPhaseRow
    for subscribers in _subscribers_over(environment_id, consequences):
        columns = (table.plan, table.plan_version)
        query: Any = subscribers.with_only_columns(*columns, func.count().label("accounts")).group_by(*columns)
        for row in reading().execute(query):
            counts[row.plan, row.plan_version] = row.accounts
    for followers in _followers_over(environment_id, consequences):
        counts[None] = int(reading().execute(select(func.count()).select_from(followers.subquery())).scalar_one())
    return counts


def over_limit_by_addon(environment_id: int, consequences: Consequences) -> dict[PinnedVersion, int]:
    """Count who comes to be over a limit by add-on version on file; an account may hold several."""
    over = _affected(environment_id, Effect.OVER_LIMIT, consequences)
    if over is None or not consequences.of_kind(ProductKind.ADDON):
        return {}
    table = AddOnPhaseRow
    query = (
        select(table.addon, table.addon_version, func.count().label("accounts"))
        .where(
            table.environment_id == environment_id,
            running(table, consequences.at),
            table.customer.in_(select(over)),
        )
        .group_by(table.addon, table.addon_version)
    )
    return {(row.addon, row.addon_version): row.accounts for row in reading().execute(query)}


class _Customer:
    """The customer of the rows that a condition is about, and what else is known of it at the instant."""

    def __init__(
        self,
        environment_id: int,
        consequences: Consequences,
        table: type[PlanPhaseRow | AddOnPhaseRow | CustomerRow],
    ) -> None:
        self.environment_id = environment_id
        self.consequences = consequences
        self.table = table
        self.at = consequences.now if table is CustomerRow else consequences.at
        self.column: ColumnElement[str] = CustomerRow.id if table is CustomerRow else table.customer  # type: ignore[union-attr,assignment]

    def holds(self, shifts: Iterable[Shift]) -> _Condition:
        """Whether the row is of one of the versions that shift."""
        pairs = [(shift.key, version) for shift in shifts for version in shift.pinned]
        if self.table is PlanPhaseRow:
            return tuple_(PlanPhaseRow.plan, PlanPhaseRow.plan_version).in_(pairs)
        if self.table is AddOnPhaseRow:
            return tuple_(AddOnPhaseRow.addon, AddOnPhaseRow.addon_version).in_(pairs)
        return literal(value=True)

    def is_not_shielded(self, features: Sequence[str]) -> _Condition:
        """Whether not all of the features are decided by grants."""
        kind = ProductKind.ADDON if self.table is AddOnPhaseRow else ProductKind.PLAN
        shielded = (
            select(GrantRow.customer)
            .where(
                GrantRow.environment_id == self.environment_id,
                GrantRow.kind.in_(shields_from(kind)),
                GrantRow.feature.in_(features),
                running(GrantRow, self.at),
            )
            .group_by(GrantRow.customer)
            .having(func.count(GrantRow.feature.distinct()) >= len(features))
        )
        return self.column.not_in(shielded)

    def is_over(self, level: Level) -> _Condition:
        """Whether the level that is known fits what was given, and not what will be."""
        known = known_levels(self.environment_id, (level.feature,)).subquery()
        over: Select[Any] = select(known.c.customer)
        extra = self._extra(level.feature)
        more_before: ColumnElement[int] | int = 0
        more_after: ColumnElement[int] | int = 0
        if extra is not None:
            counted = extra.subquery()
            over = over.outerjoin(counted, counted.c.customer == known.c.customer)
            more_before, more_after = (func.coalesce(units, 0) for units in (counted.c.before, counted.c.after))
        over = over.where(known.c.used > level.after + more_after)
        if level.before is not None:
            over = over.where(known.c.used <= level.before + more_before)
        return and_(self.column.in_(over), self.is_not_shielded((level.feature,)))

    def has_level(self, level: Level) -> _Condition:
        """Whether the row is of one of the plan versions that give so much."""
        if self.table is CustomerRow:
            return literal(value=level.follows)
        return tuple_(PlanPhaseRow.plan, PlanPhaseRow.plan_version).in_(level.pinned)

    def _extra(self, feature: str) -> Any:
        """Select what add-ons give of a feature on top, by customer; ``None`` when none does."""
        giving = self.consequences.levels.extras.get(feature)
        if not giving:
            return None
        addon = AddOnPhaseRow
        before, after = (
            case(
                *(
                    (and_(addon.addon == key, addon.addon_version == number), each[when])
                    for (key, number), each in giving.items()
                ),
                else_=0,
            )
            for when in (0, 1)
        )
        return (
            select(
                addon.customer,
                func.sum(before * addon.quantity).label("before"),
                func.sum(after * addon.quantity).label("after"),
            )
            .where(
                addon.environment_id == self.environment_id,
                running(addon, self.at),
                tuple_(addon.addon, addon.addon_version).in_(list(giving)),
            )
            .group_by(addon.customer)
        )


def _affected(environment_id: int, effect: Effect, consequences: Consequences) -> Any:
    """Return the accounts of an effect as a table of ids, ``None`` when there can be none."""
    parts = list(_parts(environment_id, effect, consequences))
    return union(*parts).subquery() if parts else None


def _parts(environment_id: int, effect: Effect, consequences: Consequences) -> Iterator[_Customers]:
    if effect is Effect.OVER_LIMIT:
        yield from _subscribers_over(environment_id, consequences)
        yield from _followers_over(environment_id, consequences)
        return
    plans = _touched(
        _Customer(environment_id, consequences, PlanPhaseRow), effect, consequences.of_kind(ProductKind.PLAN)
    )
    if plans is not None:
        yield select(PlanPhaseRow.customer).where(giving_access(environment_id, consequences.at), plans)
    addons = _touched(
        _Customer(environment_id, consequences, AddOnPhaseRow), effect, consequences.of_kind(ProductKind.ADDON)
    )
    if addons is not None:
        table = AddOnPhaseRow
        yield select(table.customer).where(
            table.environment_id == environment_id, running(table, consequences.at), addons
        )
    yield from _followers(environment_id, effect, consequences)


def _followers(environment_id: int, effect: Effect, consequences: Consequences) -> Iterator[_Customers]:
    following = consequences.following
    # Whoever has no subscription has no version either, so nothing moves.
    if following is None or effect is Effect.MOVES:
        return
    condition = _touched(_Customer(environment_id, consequences, CustomerRow), effect, (following,))
    if condition is not None:
        yield _without_subscription(environment_id, consequences).where(condition)


def _without_subscription(environment_id: int, consequences: Consequences) -> _Customers:
    subscribed = exists().where(
        giving_access(environment_id, consequences.now), PlanPhaseRow.customer == CustomerRow.id
    )
    return select(CustomerRow.id).where(CustomerRow.environment_id == environment_id, ~subscribed)


def _subscribers_over(environment_id: int, consequences: Consequences) -> Iterator[_Customers]:
    levels = [level for level in consequences.levels.of_plans if level.pinned]
    if levels:
        condition = _is_over_any(_Customer(environment_id, consequences, PlanPhaseRow), levels)
        yield select(PlanPhaseRow.customer).where(giving_access(environment_id, consequences.at), condition)


def _followers_over(environment_id: int, consequences: Consequences) -> Iterator[_Customers]:
    levels = [level for level in consequences.levels.of_plans if level.follows]
    if levels:
        condition = _is_over_any(_Customer(environment_id, consequences, CustomerRow), levels)
        yield _without_subscription(environment_id, consequences).where(condition)


def _is_over_any(customer: _Customer, levels: Iterable[Level]) -> _Condition:
    return or_(*(and_(customer.has_level(level), customer.is_over(level)) for level in levels))


def _touched(customer: _Customer, effect: Effect, shifts: Sequence[Shift]) -> _Condition | None:
    """Return whether a row's customer has the effect, ``None`` when no shift has it."""
    if effect is Effect.MOVES:
        return customer.holds(shifts) if shifts else None
    # Versions that change alike are asked for together: there may be hundreds of them.
    alike: dict[tuple[str, ...], list[Shift]] = defaultdict(list)
    for shift in shifts:
        if features := shift.features(effect):
            alike[features].append(shift)
    conditions = [and_(customer.holds(group), customer.is_not_shielded(features)) for features, group in alike.items()]
    return or_(*conditions) if conditions else None
