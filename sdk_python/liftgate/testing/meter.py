"""Counting use in a test: decided by the engine, counted in memory, with the meaning that a server gives it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import RLock
from typing import Final

from liftgate.consuming import Consumption, Hold, Taken
from liftgate.engine.allocation import Counters, Part, allocate, count, crossings, room
from liftgate.engine.allowance import Allowance, allowance_of
from liftgate.engine.catalogue_model import FeatureKind, GateMode, Snapshot
from liftgate.engine.customer_state import Crossed, CustomerState, UsageKey
from liftgate.engine.decision import Decision, Reason
from liftgate.engine.evaluate import Evaluator
from liftgate.errors import ApiError, FieldError, ServerUnreachable
from liftgate.testing.ledger import Entry, Held, Ledger
from liftgate.testing.subjects import meter_of, of_account, require_kind, unknown, user_required
from liftgate.uses import Use
from liftgate.without_server import judge_without_server

# size: one import more than the budget; this is where a use meets the engine and the ledger

__all__ = ["Holder", "MemoryMeter"]

_LATE: Final = timedelta(days=35)
_AHEAD: Final = timedelta(hours=1)
_ANYBODY: Final = "*"


@dataclass(frozen=True, slots=True)
class Holder:
    """The client whose customers use something."""

    snapshot: Callable[[], Snapshot]
    state: Callable[[str], CustomerState]
    keep: Callable[[CustomerState], None]
    now: Callable[[], datetime]
    is_down: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class _Judged:
    """What becomes of a use: the decision on it, and what it takes where it is granted."""

    decision: Decision
    entry: Entry | None = None


class MemoryMeter:
    """Counts for ``TestClient``, at once and for one call at a time."""

    waits = False

    def __init__(self, holder: Holder) -> None:
        self._holder = holder
        self._ledger = Ledger()
        self._lock = RLock()
        self._crossed: dict[str, dict[tuple[str, str | None, str, int], Crossed]] = {}
        self._level_at: dict[tuple[str, str, str | None], datetime] = {}
        self.uses: dict[tuple[str, str | None, str], int] = {}

    def consume(self, use: Use) -> Consumption:
        """Check and count in one step."""
        with self._lock:
            if self._holder.is_down():
                return self._consume_without_server(use)
            payload = ("consume", use.subject, use.units, use.user, use.properties)
            known = self._ledger.answered(use.customer, use.key, payload)
            if isinstance(known, Consumption):
                return replace(known, replayed=True)
            judged = self._judge(use)
            if judged.entry is not None:
                self._count(judged.entry, key=use.key)
            answer = self._answer(use, judged)
            self._ledger.remember(use.customer, use.key, payload, answer)
            return answer

    def reserve(self, use: Use, *, ttl_seconds: int) -> Hold:
        """Hold units for a while."""
        with self._lock:
            if self._holder.is_down():
                return Hold(judge_without_server(use).decision, without_server=True)
            payload = ("reserve", use.subject, use.units, use.user, use.properties, ttl_seconds)
            known = self._ledger.answered(use.customer, use.key, payload)
            if isinstance(known, Hold):
                return replace(known, replayed=True)
            judged, expires_at = self._judge(use), self._holder.now() + timedelta(seconds=ttl_seconds)
            hold = Hold(judged.decision, receipt=_receipt(judged.entry))
            if judged.entry is not None:
                hold, held = replace(hold, expires_at=expires_at), Held(judged.entry, expires_at)
                self._change(judged.entry, lambda: self._ledger.hold(use.key, held))
            self._ledger.remember(use.customer, use.key, payload, hold)
            return hold

    def commit(self, use: Use, hold: Hold, *, units: int, or_record: bool = False) -> None:
        """Count so many of the held units; once expired, raise or record them anyway."""
        with self._lock:
            if hold.without_server:
                self._record(replace(use, units=units, subject=hold.decision.feature or use.subject))
                return
            try:
                self._ledger.settle(use.customer, use.key, units, at=self._holder.now())
            except ApiError:
                if not or_record:
                    raise
                late = replace(use, units=units, subject=hold.decision.feature or use.subject, key=f"{use.key}/late")
                self._record(late)
            self.refresh(use.customer)

    def release(self, use: Use, hold: Hold) -> None:
        """Free the held units; what has expired is free already."""
        with self._lock:
            if not hold.without_server and self._is_open(use):
                self._ledger.settle(use.customer, use.key, None, at=self._holder.now())
            self.refresh(use.customer)

    def refund(self, customer: str, key: str, *, units: int | None, of: Consumption | None = None) -> None:
        """Give back what was taken under a key, to the buckets it came from."""
        del of
        with self._lock:
            self._ledger.give_back(customer, key, units)
            self.refresh(customer)

    def record(self, use: Use) -> None:
        """Count what has happened. A test is told at once what a server would say of it later."""
        with self._lock:
            payload = ("record", use.subject, use.units, use.user, use.at, use.properties)
            if self._ledger.answered(use.customer, use.key, payload) is None:
                self._record(use)
                self._ledger.remember(use.customer, use.key, payload, use)

    def set_level(self, use: Use, level: int) -> Consumption:
        """Say how much there is; never refused."""
        return self._change_level(use, level, is_level=True)

    def add_level(self, use: Use, by: int) -> Consumption:
        """Say how much more, or less, there is; refused where more does not fit."""
        return self._change_level(use, by, is_level=False)

    def note_use(self, use: Use) -> None:
        """Count that a feature was used."""
        with self._lock:
            name = (use.customer, use.user, use.subject)
            self.uses[name] = self.uses.get(name, 0) + use.units

    def take_back(self, use: Use, outcome: Consumption | Hold) -> None:
        """Undo what nobody waited for; nothing here makes anybody wait."""
        if isinstance(outcome, Hold):
            self.release(use, outcome)
        elif outcome.granted:
            self.refund(use.customer, use.key, units=None)

    def set_usage(self, customer: str, counters: Iterable[UsageKey], used: int) -> None:
        """Say what counters stand at, whatever was counted before."""
        with self._lock:
            for counter in counters:
                self._ledger.set_counter(customer, counter, used)
            self.refresh(customer)

    def units_of(self, customer: str, feature: str, user: str | None) -> int:
        """Return all units ever counted of a feature or a value metric."""
        return self._ledger.units_of(customer, feature, user)

    def refresh(self, customer: str | None = None) -> None:
        """Bring the counters of the states in step with the ledger, as after a change of plan or of the time."""
        with self._lock:
            self._ledger.sweep(self._holder.now())
            for name in self._ledger.customers() if customer is None else {customer}:
                self._holder.keep(self.counted(self._holder.state(name)))

    def counted(self, state: CustomerState) -> CustomerState:
        """Return a state with the counters that its checks go by."""
        customer, at = state.customer, self._holder.now()
        usage: dict[UsageKey, int] = dict(self._ledger.set_counters(customer)) | self._ledger.named(customer)
        state, running = replace(state, usage=usage), set[UsageKey]()
        for feature, user in self._ledger.subjects(customer):
            allowance = allowance_of(self._holder.snapshot(), state, feature, at=at, user=user)
            for window in () if allowance is None else allowance.windows():
                running.add((feature, window.user, window.key))
                usage[feature, window.user, window.key] = self._ledger.stands_at(customer, feature, window)
        crossed = self._crossed.get(customer, {}).values()
        noted = tuple(it for it in crossed if (it.feature, it.user, it.window) in running)
        return replace(state, usage=usage, crossings=noted)

    def _judge(self, use: Use) -> _Judged:
        """Decide as a check does, by the counters as they are now; what is granted takes its units."""
        self._ledger.sweep(self._holder.now())
        snapshot, at = self._holder.snapshot(), self._holder.now()
        feature, mode = meter_of(snapshot, use.subject)
        allowance = self._allowance(use.customer, feature, at, use.user)
        if allowance.needs_user:
            raise user_required(feature)
        decision = self._decide(use, units=use.units)
        if not decision.granted:
            return _Judged(decision)
        counters = self._counters(use.customer, allowance)
        # A gate that lets pass does so beyond the limits, too; everywhere else, what is granted fits.
        parts = allocate(allowance, counters, use.units, forced=True) or ()
        used = Entry(use.customer, feature, use.user, at, (), allowance=allowance).with_parts(parts)
        if mode is GateMode.OPEN or decision.feature != feature:
            return _Judged(decision, used)
        return _Judged(_after(decision, allowance, count(allowance, counters, parts)), used)

    def _decide(self, use: Use, *, units: int) -> Decision:
        state, reader = self.counted(self._holder.state(use.customer)), use.view.reader
        evaluator = Evaluator(
            self._holder.snapshot(), state, user=use.user, buyer=reader.is_buyer, language=reader.language
        )
        return evaluator.decide(use.subject, at=self._holder.now(), units=units)

    def _record(self, use: Use) -> None:
        snapshot, now = self._holder.snapshot(), self._holder.now()
        at = now if use.at is None else use.at
        problem = _problem_of(at, now=now)
        if problem is not None:
            raise ApiError(problem.code, status=422, detail=problem.message)
        used = Entry(use.customer, use.subject, use.user, at, (Part("base", use.units),))
        if use.subject not in snapshot.catalogue.value_metrics:
            require_kind(snapshot, use.subject, FeatureKind.METERED)
            allowance = self._allowance(use.customer, use.subject, at, use.user)
            if allowance.needs_user:
                allowance = of_account(self._allowance(use.customer, use.subject, at, _ANYBODY))
            parts = allocate(allowance, self._counters(use.customer, allowance), use.units, forced=True) or ()
            used = replace(used, allowance=allowance).with_parts(parts)
        self._count(used, key=use.key)

    def _change_level(self, use: Use, number: int, *, is_level: bool) -> Consumption:
        with self._lock:
            if self._holder.is_down():
                raise ServerUnreachable("The server could not be told of the level.")
            payload = ("level" if is_level else "increment", number, use.subject, use.user, use.at)
            known = self._ledger.answered(use.customer, use.key, payload)
            if isinstance(known, Consumption):
                return replace(known, replayed=True)
            judged = self._judge_level(use, number, is_level=is_level)
            if judged.entry is not None and judged.entry.parts:
                self._count(judged.entry)
            answer = Consumption(
                judged.decision.granted, use.key, use.units, judged.decision, receipt=_receipt(judged.entry)
            )
            self._ledger.remember(use.customer, use.key, payload, answer)
            return answer

    def _judge_level(self, use: Use, number: int, *, is_level: bool) -> _Judged:
        require_kind(self._holder.snapshot(), use.subject, FeatureKind.CAPACITY)
        at = self._holder.now() if use.at is None else use.at
        problem = _problem_of(at, now=self._holder.now())
        if problem is not None:
            raise ApiError("invalid_request", status=422, detail=problem.message, errors=(problem,))
        allowance = self._allowance(use.customer, use.subject, at, use.user)
        if allowance.needs_user:
            raise user_required(use.subject)
        counters, window = self._counters(use.customer, allowance), allowance.windows()[0]
        by = number - counters[window.counter] if is_level else number
        if counters[window.counter] + by < 0:
            raise ApiError("level_below_zero", status=409, detail="A level is never below zero.")
        decision = self._decide(use, units=max(1, by))
        parts = allocate(allowance, counters, by, forced=is_level)
        if parts is None:
            return _Judged(decision)
        if is_level and not self._is_newest(use, window.user, at):
            parts = ()
        changed = Entry(use.customer, use.subject, window.user or use.user, at, (), allowance=allowance)
        granted = replace(decision, granted=True, over_limit=None)
        return _Judged(_after(granted, allowance, count(allowance, counters, parts)), changed.with_parts(parts))

    def _is_newest(self, use: Use, user: str | None, at: datetime) -> bool:
        """Whether nobody has said yet what the level is at a later instant."""
        name = (use.customer, use.subject, user)
        is_newest = name not in self._level_at or self._level_at[name] <= at
        if is_newest:
            self._level_at[name] = at
        return is_newest

    def _consume_without_server(self, use: Use) -> Consumption:
        decision, feature = judge_without_server(use)
        if decision.granted and feature is not None:
            self._record(replace(use, subject=feature, at=None))
        return self._answer(use, _Judged(decision))

    def _answer(self, use: Use, judged: _Judged) -> Consumption:
        return Consumption(
            granted=judged.decision.granted,
            key=use.key,
            units=use.units,
            decision=judged.decision,
            receipt=_receipt(judged.entry),
            use=use,
            _meter=self,
        )

    def _count(self, used: Entry, *, key: str | None = None) -> None:
        self._change(used, lambda: self._ledger.count(used, key=key))

    def _change(self, used: Entry, change: Callable[[], None]) -> None:
        """Change the ledger, and note the thresholds that this crosses."""
        allowance = used.allowance
        before = {} if allowance is None else self._counters(used.customer, allowance)
        change()
        self.refresh(used.customer)
        if allowance is None:
            return
        known, at = self._crossed.setdefault(used.customer, {}), self._holder.now()
        reached = crossings(allowance, before, self._counters(used.customer, allowance))
        new = {
            (it.feature, it.user, it.window, it.percent): Crossed(it.feature, it.user, it.window, it.percent, at)
            for it in reached
        }
        if not new.keys() <= known.keys():
            self._crossed[used.customer] = known | {name: it for name, it in new.items() if name not in known}
            state = self._holder.state(used.customer)
            self._holder.keep(self.counted(replace(state, version=state.version + 1)))

    def _allowance(self, customer: str, feature: str, at: datetime, user: str | None) -> Allowance:
        state = self.counted(self._holder.state(customer))
        allowance = allowance_of(self._holder.snapshot(), state, feature, at=at, user=user)
        if allowance is None:
            raise unknown("feature", feature)
        return allowance

    def _counters(self, customer: str, allowance: Allowance) -> Counters:
        feature = allowance.feature
        return {it.counter: self._ledger.stands_at(customer, feature, it) for it in allowance.windows()}

    def _is_open(self, use: Use) -> bool:
        self._ledger.sweep(self._holder.now())
        return self._ledger.is_held(use.customer, use.key)


def _problem_of(at: datetime, *, now: datetime) -> FieldError | None:
    if now - _LATE <= at <= now + _AHEAD:
        return None
    code = "too_old" if at < now else "still_to_come"
    return FieldError("at", code, f"{at.isoformat()} is not within 35 days back and an hour ahead.")


def _after(decision: Decision, allowance: Allowance, counters: Counters) -> Decision:
    """Return the decision with what is left once the units are counted."""
    balance = room(allowance, counters, 0)
    reason = decision.reason
    if reason is not Reason.OBSERVED:
        refuses = balance.reason in (Reason.LIMIT_REACHED, Reason.NOT_INCLUDED)
        reason = Reason.WITHIN_OVERAGE if refuses else balance.reason
    return replace(
        decision,
        reason=reason,
        used=balance.used,
        limit=balance.limit,
        remaining=balance.remaining,
        resets_at=balance.resets_at,
    )


def _receipt(used: Entry | None) -> tuple[Taken, ...]:
    return () if used is None else tuple(Taken(part.bucket, part.units) for part in used.parts)
