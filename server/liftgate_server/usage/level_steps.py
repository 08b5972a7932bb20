"""Levels of capacities, one statement at a time. Read ``posting_steps`` first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from liftgate.engine.allocation import Counters, Crossing, Part, allocate, count
from liftgate.engine.allowance_model import BASE, Window
from liftgate_server.plumbing.errors import Conflict
from liftgate_server.usage import posting_statements as sql
from liftgate_server.usage.counting_steps import (
    Place,
    Sent,
    add_to_counters,
    announce_returns,
    answer_on_file,
    count_day,
    cross,
    open_counters,
    prove_terms,
)
from liftgate_server.usage.facts import Operation, Posted, Posting, Receipt
from liftgate_server.usage.posting_records import base_units, instant_of, receipt_document, remembered
from liftgate_server.usage.posting_statements import COMMIT, Statement, Steps, begin
from liftgate_server.usage.settling_steps import sweep_feature

__all__ = ["change_level"]

# Where nothing is included there is no window to read the level from, and yet there is a level.
_ACCOUNT = Window("never", None, None, None, limit=None, ceiling=None, shown_limit=None)


def change_level(environment_id: int, posting: Posting) -> Steps[Posted]:
    """Set a level, or add to it.

    The entry holds the difference, so that the level is the sum of the entries. A level for an instant before that of
    the last one that was set is written down as no difference: what was said for later is what is known.
    """
    yield begin(environment_id, posting.customer)
    operation = posting.operation.value
    sent = Sent(environment_id, posting.customer, posting.key, operation, posting.digest, dict(posting.sent))
    known = yield from answer_on_file(sent)
    if known is not None:
        yield COMMIT
        return known
    yield from prove_terms(environment_id, posting.customer, posting.proof)
    freed = yield from sweep_feature(environment_id, posting.customer, posting.feature, at=posting.received_at)
    windows = (posting.allowance.windows() if posting.allowance is not None else ()) or (_ACCOUNT,)
    if posting.operation is Operation.LEVEL:
        # It is the level of the account unless users have levels of their own, whoever said it.
        posting = replace(posting, user=windows[0].user)
    place = Place(environment_id, posting.customer, posting.feature, posting.user or "", posting.at)
    before = yield from open_counters(place, windows)
    level = yield from _level(place, windows[0])
    step = _step(posting, level, before)
    posting = replace(posting, at=step.at)
    after = before if posting.allowance is None else count(posting.allowance, before, step.parts)
    document = receipt_document(remembered(posting), step.parts, posting.allowance, after)
    yield Statement(sql.NEW_ENTRY, _entry_row(environment_id, posting, step, document))
    if step.is_newest:
        yield Statement(sql.SET_LEVEL_AT, (step.at, *place.of_feature, windows[0].user or "", windows[0].key))
    crossed, news = yield from _count(replace(place, at=step.at), posting, step, before, after)
    yield COMMIT
    receipt = Receipt(step.parts, after, step.at, posting.allowance, posting.context)
    return Posted(
        granted=not step.is_refused, replayed=False, receipt=receipt, crossed=crossed, to_announce=freed or news
    )


def _count(
    place: Place, posting: Posting, step: _Step, before: Counters, after: Counters
) -> Steps[tuple[tuple[Crossing, ...], bool]]:
    """Move the level; return the thresholds that fired, and whether there is something to announce."""
    if not step.parts:
        return (), False
    yield from add_to_counters(place, posting.allowance, used=step.parts)
    yield from count_day(place, units=step.units, uses=0)
    crossed, news = yield from cross(place, posting.allowance, before, after, at=posting.received_at)
    back = yield from announce_returns(place, posting.allowance, before, after, at=posting.received_at)
    return crossed, news or back


@dataclass(frozen=True, slots=True)
class _Level:
    used: int
    set_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Step:
    """What a posting does to a level; ``is_newest`` where it is the last level that was set."""

    parts: tuple[Part, ...]
    at: datetime
    is_newest: bool = False
    is_refused: bool = False

    @property
    def units(self) -> int:
        return sum(part.units for part in self.parts)


def _level(place: Place, window: Window) -> Steps[_Level]:
    rows = yield Statement(sql.COUNTERS, place.within)
    for user, key, used, _, set_at in rows:
        if (key, user or None) == window.counter:
            return _Level(used, None if set_at is None else instant_of(set_at))
    return _Level(0, None)


def _step(posting: Posting, level: _Level, before: Counters) -> _Step:
    if posting.operation is Operation.LEVEL:
        at = posting.at
        if level.set_at is not None and at < level.set_at:
            if "at" in posting.sent:
                return _Step((), at)
            # By the clock of this server, which need not be that of the one before.
            at = level.set_at
        return _Step(_parts(posting.quantity - level.used), at, is_newest=True)
    if level.used + posting.quantity < 0:
        raise Conflict("level_below_zero", f"The level is {level.used}; it cannot be lowered by more than that.")
    if posting.allowance is not None and posting.quantity > 0:
        parts = allocate(posting.allowance, before, posting.quantity, forced=posting.forced)
        return _Step(parts or (), posting.at, is_refused=parts is None)
    return _Step(_parts(posting.quantity), posting.at)


def _parts(units: int) -> tuple[Part, ...]:
    return (Part(BASE, units),) if units else ()


def _entry_row(environment_id: int, posting: Posting, step: _Step, document: dict[str, object]) -> tuple[object, ...]:
    return (
        environment_id,
        posting.customer,
        posting.key,
        posting.operation.value,
        posting.gate,
        posting.feature,
        posting.user or "",
        step.units,
        base_units(step.parts),
        0,
        step.at,
        posting.received_at,
        step.is_refused,
        None,
        posting.digest,
        None if posting.properties is None else dict(posting.properties),
        document,
    )
