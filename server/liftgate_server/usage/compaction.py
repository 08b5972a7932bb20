"""Periodic work: the ledger keeps its counts for good, and each entry by itself for as long as somebody may ask.

Old entries become one for each hour, user, feature and equal windows; counters of windows that are long over go, since
the ledger can make them again; so do the thresholds of those windows and reservations that were settled. Days stay.
Each turn is short, and the next one goes on where it ended.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, delete, exists, func, not_, or_, select, union_all
from sqlalchemy.orm import Session

from liftgate_server.access.queries import all_environments
from liftgate_server.plumbing.config import running_config
from liftgate_server.plumbing.db import changed_rows, reading, transaction
from liftgate_server.plumbing.logs import logger
from liftgate_server.usage.facts import BEGINNING, RETENTION, Operation, ReservationState
from liftgate_server.usage.merging import Boundaries, Merged, OldEntry, merge
from liftgate_server.usage.models import (
    UsageCompactionRow,
    UsageCounterRow,
    UsageCrossingRow,
    UsageEventRow,
    UsageReservationRow,
)

__all__ = ["compact_usage"]

# Keys are remembered for 35 days from when they came; a day more for clocks and for turns that wait.
_KEPT: Final = RETENTION + timedelta(days=1)
# What came late, or gives something back, lies before what a run is done with; the next runs look there again.
_LOOKED_AT_AGAIN: Final = _KEPT + timedelta(days=1)

# Windows so short are many, and whoever counts late looks through all since then. Of a day and longer ones a counter
# also says how long its thresholds are kept, which must not fire again.
_SHORT_WINDOWS: Final = ("minute:", "hour:")
_SHORT_ONES_KEPT: Final = timedelta(days=2)

_ENTRIES_AT_ONCE: Final = 2_000
_BATCHES_A_TURN: Final = 20
_CUSTOMERS_A_TURN: Final = 200


@dataclass(slots=True)
class _Turn:
    """How much of one turn is left, and what it is about."""

    environment_id: int
    at: datetime
    since: datetime
    until: datetime
    batches: int

    @property
    def forgotten_before(self) -> datetime:
        return self.at - _KEPT


def compact_usage(at: datetime) -> int:
    """Do a turn in every environment; give how many rows it was about. There is something to do once a day."""
    oldest = at.astimezone(UTC) - timedelta(days=running_config().usage_detail_days)
    until = oldest.replace(hour=0, minute=0, second=0, microsecond=0)
    return sum(_compact(environment.id, at, until) for environment in all_environments())


def _compact(environment_id: int, at: datetime, until: datetime) -> int:
    run = reading().get(UsageCompactionRow, environment_id)
    if run is not None and run.done_until == run.running_until >= until:
        return 0
    turn, reached = _begin(environment_id, at, until)
    rows = 0
    for _ in range(_CUSTOMERS_A_TURN):
        customer = _next_customer(environment_id, reached)
        if customer is None:
            _end(environment_id)
            logger().info("usage_compacted", environment_id=environment_id, until=turn.until.isoformat())
            return rows
        merged, is_done = _merge_all(turn, customer)
        rows += merged
        if not is_done:
            break
        rows += _drop_what_is_over(turn, customer)
        reached = customer
        _remember(environment_id, reached)
    return rows


def _begin(environment_id: int, at: datetime, until: datetime) -> tuple[_Turn, str]:
    """Go on with the run that is under way, or begin one."""
    with transaction(environment_id) as session:
        run = session.get(UsageCompactionRow, environment_id)
        if run is None:
            run = UsageCompactionRow(
                environment_id=environment_id, done_until=BEGINNING, running_until=BEGINNING, reached=""
            )
            session.add(run)
        if run.done_until == run.running_until:
            run.running_until, run.reached = until, ""
        since = max(run.done_until, BEGINNING + _LOOKED_AT_AGAIN) - _LOOKED_AT_AGAIN
        return _Turn(environment_id, at, since, run.running_until, _BATCHES_A_TURN), run.reached


def _remember(environment_id: int, reached: str) -> None:
    with transaction(environment_id) as session:
        session.get_one(UsageCompactionRow, environment_id).reached = reached


def _end(environment_id: int) -> None:
    with transaction(environment_id) as session:
        run = session.get_one(UsageCompactionRow, environment_id)
        run.done_until, run.reached = run.running_until, ""


def _next_customer(environment_id: int, reached: str) -> str | None:
    tables = (UsageEventRow, UsageCounterRow, UsageReservationRow, UsageCrossingRow)
    following = union_all(
        *(
            select(func.min(table.customer).label("customer")).where(
                table.environment_id == environment_id, table.customer > reached
            )
            for table in tables
        )
    ).subquery()
    found: str | None = reading().scalar(select(func.min(following.c.customer)))
    return found


def _merge_all(turn: _Turn, customer: str) -> tuple[int, bool]:
    """Merge a customer's old entries; say how many there were and whether that was all."""
    merged = 0
    while turn.batches > 0:
        turn.batches -= 1
        with transaction(turn.environment_id) as session:
            found = _merge_some(session, turn, customer)
        merged += found
        if found < _ENTRIES_AT_ONCE:
            return merged, True
    return merged, False


def _merge_some(session: Session, turn: _Turn, customer: str) -> int:
    table = UsageEventRow
    own = (table.environment_id == turn.environment_id, table.customer == customer)
    query = (
        select(table)
        .where(
            *own,
            table.at >= turn.since,
            table.at < turn.until,
            table.received_at < turn.forgotten_before,
            table.operation != Operation.ADJUST.value,
        )
        .order_by(table.at, table.key)
        .limit(_ENTRIES_AT_ONCE)
    )
    rows = session.scalars(query).all()
    if not rows:
        return 0
    entries = [_old_entry(row) for row in rows]
    changed_rows(session, delete(table).where(*own, table.key.in_([row.key for row in rows])))
    for row in rows:
        session.expunge(row)
    for merged in merge(entries, _boundaries(session, turn.environment_id, customer)):
        _put(session, turn.environment_id, customer, merged)
    session.flush()
    return len(rows)


def _old_entry(row: UsageEventRow) -> OldEntry:
    return OldEntry(
        row.feature,
        row.user,
        row.quantity,
        row.base_quantity,
        row.uses,
        row.at,
        row.received_at,
        row.receipt,
    )


def _boundaries(session: Session, environment_id: int, customer: str) -> Boundaries:
    """Return where counters begin and end within an hour; between hours nothing is merged anyway."""
    table = UsageCounterRow
    query = select(table.feature, table.starts_at, table.ends_at).where(
        table.environment_id == environment_id, table.customer == customer
    )
    found: dict[str, set[datetime]] = defaultdict(set)
    for feature, *bounds in session.execute(query):
        found[feature].update(at for at in bounds if at.minute or at.second or at.microsecond)
    return {feature: sorted(instants) for feature, instants in found.items()}


def _put(session: Session, environment_id: int, customer: str, merged: Merged) -> None:
    row = session.get(UsageEventRow, (environment_id, customer, merged.key))
    if row is None:
        row = UsageEventRow(
            environment_id=environment_id,
            customer=customer,
            key=merged.key,
            operation=Operation.ADJUST.value,
            gate=None,
            feature=merged.feature,
            user=merged.user,
            quantity=0,
            base_quantity=0,
            uses=0,
            at=merged.at,
            received_at=merged.received_at,
            refused=False,
            of_key=None,
            digest=merged.digest,
            properties=None,
            receipt=None,
        )
        session.add(row)
    row.quantity += merged.quantity
    row.base_quantity += merged.base_quantity
    row.uses += merged.uses
    row.at = min(row.at, merged.at)
    row.received_at = max(row.received_at, merged.received_at)
    row.receipt = _joined(row.receipt, merged.receipt)


def _joined(known: dict[str, Any] | None, more: dict[str, Any] | None) -> dict[str, Any] | None:
    if known is None or more is None:
        return known or more
    parts: dict[str, int] = dict(known["parts"])
    for bucket, units in more["parts"]:
        parts[bucket] = parts.get(bucket, 0) + units
    return {**more, "parts": [list(part) for part in sorted(parts.items())]}


def _drop_what_is_over(turn: _Turn, customer: str) -> int:
    with transaction(turn.environment_id) as session:
        return sum(changed_rows(session, statement) for statement in _what_is_over(turn, customer))


def _what_is_over(turn: _Turn, customer: str) -> Iterator[Any]:
    counter, crossing, held = UsageCounterRow, UsageCrossingRow, UsageReservationRow
    before = turn.forgotten_before

    def own(table: Any) -> Iterable[ColumnElement[bool]]:
        return table.environment_id == turn.environment_id, table.customer == customer

    is_named = or_(counter.window.startswith("bucket:"), counter.window.startswith("trial:"))
    is_short = or_(*(counter.window.startswith(recurrence) for recurrence in _SHORT_WINDOWS))
    yield delete(counter).where(
        *own(counter),
        counter.held == 0,
        or_(
            and_(is_short, counter.ends_at < turn.at - _SHORT_ONES_KEPT),
            and_(not_(is_named), counter.ends_at < before),
            # Nothing can make those again that count what names them; a grant that ended may be prolonged.
            counter.ends_at < min(before, turn.until),
        ),
    )
    is_counted = exists().where(
        *own(counter),
        counter.feature == crossing.feature,
        counter.user == crossing.user,
        counter.window == crossing.window,
    )
    yield delete(crossing).where(
        *own(crossing), crossing.at < before, crossing.announced, crossing.window != "never", ~is_counted
    )
    yield delete(held).where(
        *own(held),
        held.state != ReservationState.OPEN.value,
        held.created_at < before,
        or_(held.settled_at.is_(None), held.settled_at < before),
    )
