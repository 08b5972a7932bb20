"""The accounts that a publication touches, as one statement for each effect.

Who is listed and who is counted is the same statement, so the two cannot differ. None of them returns a row for each
customer but the pages, and their number does not depend on how many customers there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select, tuple_, union

from liftgate.engine.customer_state import GrantKind, SubscriptionStatus
from liftgate_server.catalog.queries import ProductKind
from liftgate_server.customers.models import AddOnPhaseRow, CustomerRow, GrantRow, PlanPhaseRow
from liftgate_server.plumbing.db import reading
from liftgate_server.plumbing.paging import Page, page_query
from liftgate_server.publishing.effects import Consequences, Limit, Shift
from liftgate_server.publishing.facts import Effect
from liftgate_server.usage.models import ReportedLevelRow

__all__ = ["SHIELDS", "count_affected", "giving_access", "list_affected", "over_limit_by_version", "running"]

_GIVING_ACCESS: Final = tuple(status.value for status in SubscriptionStatus if status.gives_access)
SHIELDS: Final = (GrantKind.OVERRIDE.value, GrantKind.REVOKE.value)

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


def over_limit_by_version(environment_id: int, consequences: Consequences) -> dict[tuple[str, int] | None, int]:
    """Count who comes to be over a limit by plan version on file; ``None`` stands for those without a subscription.

    An account has one of them at an instant, so the counts add up.
    """
    counts = _subscribers_over(environment_id, consequences)
    for followers in _followers(environment_id, Effect.OVER_LIMIT, consequences):
        counts[None] = int(reading().execute(select(func.count()).select_from(followers.subquery())).scalar_one())
    return counts


def _subscribers_over(environment_id: int, consequences: Consequences) -> dict[tuple[str, int] | None, int]:
    shifts = consequences.of_kind(ProductKind.PLAN)
    condition = _touched(_Customer(environment_id, consequences, PlanPhaseRow), Effect.OVER_LIMIT, shifts)
    if condition is None:
        return {}
    query = (
        select(PlanPhaseRow.plan, PlanPhaseRow.plan_version, func.count().label("accounts"))
        .where(giving_access(environment_id, consequences.at), condition)
        .group_by(PlanPhaseRow.plan, PlanPhaseRow.plan_version)
    )
    return {(row.plan, row.plan_version): row.accounts for row in reading().execute(query)}


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
        """Whether not all of the features are decided by overrides and revokes."""
        shielded = (
            select(GrantRow.customer)
            .where(
                GrantRow.environment_id == self.environment_id,
                GrantRow.kind.in_(SHIELDS),
                GrantRow.feature.in_(features),
                running(GrantRow, self.at),
            )
            .group_by(GrantRow.customer)
            .having(func.count(GrantRow.feature.distinct()) >= len(features))
        )
        return self.column.not_in(shielded)

    def is_over(self, limit: Limit) -> _Condition:
        """Whether the level that the host last reported fits what was given, and not what will be."""
        level = ReportedLevelRow
        extra = self._extra(limit.feature)
        over: Select[Any] = select(level.customer).where(
            level.environment_id == self.environment_id, level.feature == limit.feature
        )
        more: ColumnElement[int] | int = 0
        if extra is not None:
            counted = extra.subquery()
            over = over.outerjoin(counted, counted.c.customer == level.customer)
            more = func.coalesce(counted.c.units, 0)
        over = over.where(level.used > limit.after + more)
        if limit.before is not None:
            over = over.where(level.used <= limit.before + more)
        return and_(self.column.in_(over), self.is_not_shielded((limit.feature,)))

    def _extra(self, feature: str) -> Any:
        """Select what add-ons give of a feature on top, by customer; ``None`` when none does."""
        giving = self.consequences.extras.get(feature)
        if not giving:
            return None
        addon = AddOnPhaseRow
        version = tuple_(addon.addon, addon.addon_version)
        units = case(
            *(
                (and_(addon.addon == key, addon.addon_version == number), each)
                for (key, number), each in giving.items()
            ),
            else_=0,
        )
        return (
            select(addon.customer, func.sum(units * addon.quantity).label("units"))
            .where(addon.environment_id == self.environment_id, running(addon, self.at), version.in_(list(giving)))
            .group_by(addon.customer)
        )


def _affected(environment_id: int, effect: Effect, consequences: Consequences) -> Any:
    """Return the accounts of an effect as a table of ids, ``None`` when there can be none."""
    parts = list(_parts(environment_id, effect, consequences))
    return union(*parts).subquery() if parts else None


def _parts(environment_id: int, effect: Effect, consequences: Consequences) -> Iterator[_Customers]:
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
        subscribed = exists().where(
            giving_access(environment_id, consequences.now), PlanPhaseRow.customer == CustomerRow.id
        )
        yield select(CustomerRow.id).where(CustomerRow.environment_id == environment_id, ~subscribed, condition)


def _touched(customer: _Customer, effect: Effect, shifts: Sequence[Shift]) -> _Condition | None:
    """Return whether a row's customer has the effect, ``None`` when no shift has it."""
    if effect is Effect.MOVES:
        return customer.holds(shifts) if shifts else None
    # Versions that change alike are asked for together: there may be hundreds of them.
    alike: dict[tuple[object, ...], list[Shift]] = defaultdict(list)
    for shift in shifts:
        what: tuple[object, ...] = shift.limits if effect is Effect.OVER_LIMIT else shift.features(effect)
        if what:
            alike[what].append(shift)
    conditions = [and_(customer.holds(group), _felt(customer, effect, group[0])) for group in alike.values()]
    return or_(*conditions) if conditions else None


def _felt(customer: _Customer, effect: Effect, shift: Shift) -> _Condition:
    if effect is Effect.OVER_LIMIT:
        return or_(*(customer.is_over(limit) for limit in shift.limits))
    return customer.is_not_shielded(shift.features(effect))
