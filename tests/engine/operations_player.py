"""Plays the operations of a case file on the engine's own functions: a list of entries, and sums over it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from liftgate.engine import wire
from liftgate.engine.allocation import Part, allocate, count, crossings, room
from liftgate.engine.allowance import Allowance, Window, allowance_of
from liftgate.engine.catalogue_model import FeatureKind, GateMode, Snapshot
from liftgate.engine.customer_state import Crossed, CustomerState
from liftgate.engine.evaluate import Evaluator
from tests.case_files import OperationsCase, named, snapshot_document, state_document

Counters = dict[tuple[str, str | None], int]


AT_FIRST = datetime(2026, 1, 1, tzinfo=UTC)


class RefusedError(Exception):
    """An operation that is refused by its code, with nothing counted."""


@dataclass(frozen=True)
class Entry:
    """Units that were taken at an instant; ``until`` is when a reservation frees them."""

    feature: str
    user: str | None
    at: datetime
    allowance: Allowance
    parts: tuple[Part, ...]
    until: datetime | None = None

    @property
    def units(self) -> int:
        return sum(part.units for part in self.parts)


@dataclass
class Player:
    """One customer of a case."""

    case: OperationsCase
    now: datetime = AT_FIRST
    entries: dict[str, Entry] = field(default_factory=dict)
    settled: dict[str, str] = field(default_factory=dict)
    answers: dict[str, tuple[Any, dict[str, Any]]] = field(default_factory=dict)
    levels: dict[str, datetime] = field(default_factory=dict)
    crossed: dict[tuple[str, str | None, str, int], Crossed] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.snapshot: Snapshot = wire.decode_snapshot(snapshot_document(self.case))
        self._state: CustomerState = wire.decode_state(state_document(self.case))

    def play(self, operation: dict[str, Any]) -> dict[str, Any]:
        """Return what an operation answers."""
        name, subject = named(operation)
        self.now = datetime.fromisoformat(operation["at"])
        self._expire()
        key = operation.get("key", f"#{len(self.answers)}")
        payload = {part: value for part, value in operation.items() if part not in ("at", "expect")}
        if key in self.answers:
            was, answer = self.answers[key]
            return {**answer, "replayed": True} if was == payload else {"error": "idempotency_conflict"}
        try:
            answer = getattr(self, name)(subject, {**operation, "key": key})
        except RefusedError as refused:
            return {"error": str(refused)}
        self.answers[key] = payload, answer
        return {"replayed": False, **answer}

    def state(self) -> CustomerState:
        """Return the state with every counter of now."""
        state = replace(self._state, usage=self._named())
        usage = dict(state.usage)
        users = {None, *(entry.user for entry in self.entries.values())}
        for feature in self.snapshot.catalogue.features:
            for user in users:
                allowance = allowance_of(self.snapshot, state, feature, at=self.now, user=user)
                for window in () if allowance is None else allowance.windows():
                    usage[feature, window.user, window.key] = self._stands(feature, window)
        running = tuple(it for it in self.crossed.values() if (it.feature, it.user, it.window) in usage)
        return replace(state, usage=usage, crossings=running)

    def check(self, gate: str, operation: dict[str, Any]) -> dict[str, Any]:
        evaluator = Evaluator(self.snapshot, self.state(), user=operation.get("user"))
        decision = evaluator.decide(gate, at=self.now, units=operation.get("units"))
        return {"decision": wire.encode_decision(decision)}

    def consume(self, subject: str, operation: dict[str, Any], *, until: datetime | None = None) -> dict[str, Any]:
        units, user = operation["units"], operation.get("user")
        gate = self.snapshot.gate(subject)
        if gate is None:
            raise RefusedError("unknown_gate")
        kinds = self.snapshot.catalogue.features
        meters = [it.feature for it in gate.requirements if kinds[it.feature].kind is FeatureKind.METERED]
        if not meters:
            raise RefusedError("wrong_kind")
        allowance = self._allowance(meters[0], user)
        if allowance.needs_user:
            raise RefusedError("user_required")
        before = self._counters(allowance)
        decision = Evaluator(self.snapshot, self.state(), user=user).decide(subject, at=self.now, units=units)
        if gate.mode is GateMode.ENFORCE and decision.feature == meters[0]:
            assert decision.granted == (allocate(allowance, before, units) is not None), decision
        if not decision.granted:
            return {"granted": False, "decision": wire.encode_decision(decision), "receipt": []}
        parts = allocate(allowance, before, units, forced=True) or ()
        self._add(operation["key"], Entry(meters[0], user, self.now, allowance, parts, until))
        told = wire.encode_decision(decision)
        if gate.mode is not GateMode.OPEN and decision.feature == meters[0]:
            told |= _told(allowance, count(allowance, before, parts), reason=told["reason"])
        return {"granted": True, "decision": told, "receipt": _receipt(parts)}

    def record(self, feature: str, operation: dict[str, Any]) -> dict[str, Any]:
        at = datetime.fromisoformat(operation.get("used_at", operation["at"]))
        if at < self.now - timedelta(days=35):
            raise RefusedError("too_old")
        if at > self.now + timedelta(hours=1):
            raise RefusedError("still_to_come")
        if feature in self.snapshot.catalogue.value_metrics:
            return {}
        self._require(feature, FeatureKind.METERED)
        allowance = self._allowance(feature, operation.get("user"), at=at)
        parts = allocate(allowance, self._counters(allowance), operation["units"], forced=True) or ()
        self._add(operation["key"], Entry(feature, operation.get("user"), at, allowance, parts))
        return {}

    def reserve(self, gate: str, operation: dict[str, Any]) -> dict[str, Any]:
        return self.consume(gate, operation, until=self.now + timedelta(seconds=operation["seconds"]))

    def commit(self, key: str, operation: dict[str, Any]) -> dict[str, Any]:
        held = self._held(key)
        if operation["units"] > held.units:
            raise RefusedError("beyond_reservation")
        self.settled[key] = "committed"
        self.entries[key] = replace(held, parts=_first(held.parts, operation["units"]), until=None)
        return {}

    def release(self, key: str, operation: dict[str, Any]) -> dict[str, Any]:
        del operation
        self._held(key)
        self.settled[key] = "released"
        del self.entries[key]
        return {}

    def refund(self, key: str, operation: dict[str, Any]) -> dict[str, Any]:
        used = self.entries.get(key)
        if used is None:
            raise RefusedError("unknown_usage")
        back = operation.get("units", used.units)
        if not used.units or back > used.units:
            raise RefusedError("beyond_refundable")
        self.entries[key] = replace(used, parts=_first(used.parts, used.units - back))
        return {}

    def set_level(self, feature: str, operation: dict[str, Any]) -> dict[str, Any]:
        at = datetime.fromisoformat(operation.get("used_at", operation["at"]))
        self._require(feature, FeatureKind.CAPACITY)
        if at < self.levels.get(feature, at):
            return {"granted": True}
        self.levels[feature] = at
        (stands,) = self._counters(self._allowance(feature, None)).values()
        return self._change(feature, operation, operation["level"] - stands, forced=True)

    def add_level(self, feature: str, operation: dict[str, Any]) -> dict[str, Any]:
        (stands,) = self._counters(self._allowance(feature, None)).values()
        if stands + operation["by"] < 0:
            raise RefusedError("level_below_zero")
        return self._change(feature, operation, operation["by"], forced=False)

    def _change(self, feature: str, operation: dict[str, Any], by: int, *, forced: bool) -> dict[str, Any]:
        allowance = self._allowance(feature, None)
        parts = allocate(allowance, self._counters(allowance), by, forced=forced)
        if parts is None:
            return {"granted": False, "decision": self.check(feature, {"units": by})["decision"]}
        self._add(operation["key"], Entry(feature, None, self.now, allowance, parts))
        told = {"granted": True, **_told(allowance, self._counters(allowance), reason="entitled")}
        return {"granted": True, "decision": told}

    def _require(self, feature: str, kind: FeatureKind) -> None:
        declared = self.snapshot.catalogue.features.get(feature)
        if declared is None:
            raise RefusedError("unknown_feature")
        if declared.kind is not kind:
            raise RefusedError("wrong_kind")

    def _allowance(self, feature: str, user: str | None, *, at: datetime | None = None) -> Allowance:
        state = replace(self._state, usage=self._named())
        allowance = allowance_of(self.snapshot, state, feature, at=at or self.now, user=user)
        assert allowance is not None
        return allowance

    def _counters(self, allowance: Allowance) -> Counters:
        return {window.counter: self._stands(allowance.feature, window) for window in allowance.windows()}

    def _named(self) -> dict[tuple[str, str | None, str], int]:
        """Return the counters of trials by uses, which decide what is held at all."""
        usage: dict[tuple[str, str | None, str], int] = {}
        for entry in self.entries.values():
            for window in entry.allowance.windows():
                if window.key.startswith("trial:"):
                    name = entry.feature, window.user, window.key
                    usage[name] = usage.get(name, 0) + _share(entry, window)
        return usage

    def _stands(self, feature: str, window: Window) -> int:
        return sum(_share(entry, window) for entry in self.entries.values() if entry.feature == feature)

    def _held(self, key: str) -> Entry:
        if key in self.settled:
            raise RefusedError(f"reservation_{self.settled[key]}")
        if key not in self.entries or self.entries[key].until is None:
            raise RefusedError("unknown_reservation")
        return self.entries[key]

    def _expire(self) -> None:
        for key in [key for key, entry in self.entries.items() if entry.until is not None and entry.until <= self.now]:
            self.settled[key] = "expired"
            del self.entries[key]

    def _add(self, key: str, entry: Entry) -> None:
        before = self._counters(entry.allowance)
        self.entries[key] = entry
        for it in crossings(entry.allowance, before, self._counters(entry.allowance)):
            name = it.feature, it.user, it.window, it.percent
            self.crossed.setdefault(name, Crossed(*name, self.now))


def _share(entry: Entry, window: Window) -> int:
    if window.key.startswith(("bucket:", "trial:")):
        holders = {
            bucket.key for bucket in entry.allowance.buckets if window.key in {it.key for it in bucket.windows()}
        }
        return sum(part.units for part in entry.parts if part.bucket in holders)
    begun = window.starts_at is None or window.starts_at <= entry.at
    ended = window.ends_at is not None and window.ends_at <= entry.at
    if not begun or ended or window.user not in (None, entry.user):
        return 0
    return sum(part.units for part in entry.parts if part.bucket == "base")


def _first(parts: tuple[Part, ...], units: int) -> tuple[Part, ...]:
    kept = []
    for part in parts:
        some = min(part.units, units)
        units -= some
        kept.append(Part(part.bucket, some))
    return tuple(part for part in kept if part.units)


def _told(allowance: Allowance, counters: Counters, *, reason: object) -> dict[str, Any]:
    """Return the numbers of a balance as the answer to a use tells them."""
    balance = room(allowance, counters, 0)
    beyond = "within_overage" if balance.reason in ("limit_reached", "not_included") else balance.reason.value
    return {
        "reason": reason if reason == "observed" else beyond,
        "used": balance.used,
        "limit": balance.limit,
        "remaining": balance.remaining,
        "resets_at": wire.encode_instant(balance.resets_at),
    }


def _receipt(parts: tuple[Part, ...]) -> list[dict[str, Any]]:
    return [{"bucket": part.bucket, "units": part.units} for part in parts]
