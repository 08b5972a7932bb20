"""The ledger as a list of what happened; everything else is computed from it from scratch, a unit at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.server.usage.ledger_calls import Call, Kind, Told

ZONE = ZoneInfo("Europe/Berlin")
BASE = "base"


@dataclass(frozen=True, slots=True)
class Rule:
    """One cap of a plan, in local time of the catalogue's zone."""

    limit: int
    per: str
    by_user: bool = False
    overage: int = 0

    def window_of(self, at: datetime) -> tuple[datetime, datetime] | None:
        """Say from when to when the instant's window lasts; ``None`` is for ever."""
        if self.per == "never":
            return None
        day = at.astimezone(ZONE).date()
        if self.per == "day":
            first, following = day, day + timedelta(days=1)
        else:
            first = day.replace(day=1)
            following = (first + timedelta(days=32)).replace(day=1)
        return _midnight(first), _midnight(following)


def _midnight(day: object) -> datetime:
    return datetime.fromisoformat(f"{day}T00:00:00").replace(tzinfo=ZONE).astimezone(UTC)


PLANS: dict[str, dict[str, tuple[Rule, ...]]] = {
    "free": {
        "exports": (Rule(3, "month"), Rule(2, "day", by_user=True)),
        "calls": (Rule(2, "day", overage=1),),
        "seats": (Rule(2, "never"),),
    },
    "pro": {"exports": (Rule(6, "month"),), "calls": (Rule(4, "day"),), "seats": (Rule(4, "never"),)},
}


@dataclass(frozen=True, slots=True)
class Gift:
    """A promotion: so many units of a feature beside the plan, once."""

    bucket: str
    feature: str
    units: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that counted: what was taken from which bucket when; of a refund it is negative."""

    key: str
    feature: str
    user: str | None
    at: datetime
    parts: tuple[tuple[str, int], ...]
    of: str = ""

    @property
    def units(self) -> int:
        return sum(units for _, units in self.parts)


@dataclass(frozen=True, slots=True)
class Reserved:
    """Units set aside until they are settled or expire."""

    entry: Entry
    expires_at: datetime
    state: str = "open"


@dataclass
class LedgerModel:
    """One customer: what happened, which plan was held when, and what was given beside it."""

    plan_at: Callable[[datetime], str]
    entries: dict[str, Entry] = field(default_factory=dict)
    reserved: dict[str, Reserved] = field(default_factory=dict)
    gifts: list[Gift] = field(default_factory=list)

    def make(self, call: Call, now: datetime) -> Told:
        """Say what the ledger has to answer to a call that it has not seen, and remember what it does."""
        match call.kind:
            case Kind.COMMIT | Kind.RELEASE:
                return self._settle(call, now)
            case Kind.REFUND:
                return self._refund(call)
            case Kind.LEVEL:
                return self._count(call, now, units=(call.units or 0) - self.level(call.feature), forced=True)
            case _:
                return self._count(call, now, units=call.units or 0, forced=call.kind is Kind.RECORD)

    def level(self, feature: str) -> int:
        """Add up all units of a feature that were ever counted."""
        return sum(entry.units for entry in self.entries.values() if entry.feature == feature)

    def taken(self, feature: str, bucket: str, rule: Rule, at: datetime, user: str | None) -> int:
        """Add up what a bucket gave in the window of an instant, the open reservations included."""
        return self.used(feature, bucket, rule, at, user) + sum(
            _units(entry, bucket) for entry in self.held() if _counts(entry, feature, rule, at, user)
        )

    def used(self, feature: str, bucket: str, rule: Rule, at: datetime, user: str | None) -> int:
        """Add up what a bucket gave in the window of an instant."""
        return sum(_units(entry, bucket) for entry in self.entries.values() if _counts(entry, feature, rule, at, user))

    def held(self) -> list[Entry]:
        """List what is set aside."""
        return [reserved.entry for reserved in self.reserved.values() if reserved.state == "open"]

    def expire(self, feature: str, now: datetime) -> None:
        """Let go of what nobody settled in time; the ledger does when it next counts the feature."""
        for key, reserved in self.reserved.items():
            if reserved.state == "open" and reserved.entry.feature == feature and reserved.expires_at <= now:
                self.reserved[key] = replace(reserved, state="expired")

    def days(self) -> dict[tuple[str, str, str], int]:
        """Add up the units of each day in UTC, by feature and user."""
        totals: dict[tuple[str, str, str], int] = defaultdict(int)
        for entry in self.entries.values():
            totals[entry.feature, entry.user or "", f"{entry.at.astimezone(UTC):%Y-%m-%d}"] += entry.units
        return totals

    def _count(self, call: Call, now: datetime, *, units: int, forced: bool) -> Told:
        at = call.at or now
        self.expire(call.feature, now)
        if call.kind is Kind.INCREMENT and self.level(call.feature) + units < 0:
            return Told(granted=False, code="level_below_zero")
        parts = self._take(call, at, units, forced=forced)
        if parts is None:
            if call.kind is Kind.RESERVE:
                nothing = Entry(call.key, call.feature, call.user, at, ())
                self.reserved[call.key] = Reserved(nothing, at, "refused")
            return Told(granted=False)
        entry = Entry(call.key, call.feature, call.user, at, parts)
        if call.kind is Kind.RESERVE:
            self.reserved[call.key] = Reserved(entry, now + timedelta(seconds=call.seconds))
        else:
            self.entries[call.key] = entry
        return Told(granted=True, parts=parts)

    def _take(self, call: Call, at: datetime, units: int, *, forced: bool) -> tuple[tuple[str, int], ...] | None:
        """Take a unit at a time from the first bucket below its limits, else from the first below its ceilings."""
        if units < 0:
            return ((BASE, units),)
        taken: dict[str, int] = defaultdict(int)
        for _ in range(units):
            bucket = next(self._open_buckets(call, at, taken), None)
            if bucket is None and not forced:
                return None
            taken[bucket or BASE] += 1
        order = [bucket for bucket, _ in self._buckets(call.feature, at)]
        return tuple((bucket, taken[bucket]) for bucket in order if taken[bucket])

    def _open_buckets(self, call: Call, at: datetime, taken: dict[str, int]) -> Iterator[str]:
        for with_overage in (False, True):
            for bucket, rules in self._buckets(call.feature, at):
                if all(
                    self.taken(call.feature, bucket, rule, at, call.user) + taken[bucket]
                    < rule.limit + (rule.overage if with_overage else 0)
                    for rule in rules
                ):
                    yield bucket

    def _buckets(self, feature: str, at: datetime) -> list[tuple[str, tuple[Rule, ...]]]:
        """List the buckets with their rules, the one that ends first first."""
        rules = PLANS[self.plan_at(at)][feature]
        ends = [window[1] for rule in rules if (window := rule.window_of(at)) is not None]
        found = [(min(ends, default=datetime.max.replace(tzinfo=UTC)), 0, BASE, rules)]
        found += [
            (gift.ends_at, 1, gift.bucket, (Rule(gift.units, "never"),))
            for gift in self.gifts
            if gift.feature == feature and gift.starts_at <= at < gift.ends_at
        ]
        return [(bucket, rules) for _, _, bucket, rules in sorted(found, key=lambda each: each[:3])]

    def _settle(self, call: Call, now: datetime) -> Told:
        reserved = self.reserved.get(call.key)
        if reserved is None or reserved.state == "refused":
            return Told(granted=False, code="unknown_reservation")
        if reserved.state == "open" and reserved.expires_at <= now:
            self.reserved[call.key] = reserved = replace(reserved, state="expired")
        if reserved.state != "open":
            return Told(granted=False, code=f"reservation_{reserved.state}")
        if call.kind is Kind.RELEASE:
            self.reserved[call.key] = replace(reserved, state="released")
            return Told(granted=True)
        units = call.units or 0
        if units > reserved.entry.units:
            return Told(granted=False, code="beyond_reservation")
        self.reserved[call.key] = replace(reserved, state="committed")
        parts = _first(reserved.entry.parts, units)
        self.entries[call.key] = replace(reserved.entry, parts=parts)
        return Told(granted=True, parts=parts)

    def _refund(self, call: Call) -> Told:
        entry = self.entries.get(call.of)
        if entry is None:
            return Told(granted=False, code="unknown_usage")
        back = [one for one in self.entries.values() if one.of == call.of]
        left = [(bucket, units + sum(_units(one, bucket) for one in back)) for bucket, units in entry.parts]
        there = sum(units for _, units in left)
        units = there if call.units is None else call.units
        if units > there or there == 0:
            return Told(granted=False, code="beyond_refundable")
        parts = tuple((bucket, -units) for bucket, units in _first(tuple(reversed(left)), units))
        self.entries[call.key] = replace(entry, key=call.key, parts=parts, of=call.of)
        return Told(granted=True, parts=parts)


def _units(entry: Entry, bucket: str) -> int:
    return sum(units for of, units in entry.parts if of == bucket)


def _counts(entry: Entry, feature: str, rule: Rule, at: datetime, user: str | None) -> bool:
    window = rule.window_of(at)
    return (
        entry.feature == feature
        and (not rule.by_user or entry.user == user)
        and (window is None or window[0] <= entry.at < window[1])
    )


def _first(parts: tuple[tuple[str, int], ...], units: int) -> tuple[tuple[str, int], ...]:
    taken = []
    for bucket, there in parts:
        some = min(there, units)
        units -= some
        if some:
            taken.append((bucket, some))
    return tuple(taken)
