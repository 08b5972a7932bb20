"""Random lives of a customer's usage against a model that keeps a list of what happened and adds it up each time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import hypothesis
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from liftgate.engine.allocation import Part
from liftgate_server.access.queries import Environment
from liftgate_server.customers.timeline import When
from liftgate_server.plumbing.clock import FixedClock
from liftgate_server.usage import posting_statements as sql
from liftgate_server.usage import posting_steps, refund_steps
from liftgate_server.usage.facts import Posting
from tests.server.usage.ledger_calls import Account, Call, Kind, Told
from tests.server.usage.ledger_model import ZONE, LedgerModel, Rule
from tests.server.usage.ledger_setting import Holder, counters_of, days_of, do_not_wait_for_the_disk, publish_plans

# Three days before the clocks change, and six before the month ends.
BEGINNING = datetime(2027, 3, 25, 9, tzinfo=UTC)
METERED = st.sampled_from(["exports", "calls"])
UNITS = st.sampled_from([1, 1, 2, 3])
USERS = st.sampled_from(["ann", "ben"])


class UsageMachine(RuleBasedStateMachine):
    environment_id: ClassVar[int]
    clock: ClassVar[FixedClock]
    lives: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).lives += 1
        self.clock.set(BEGINNING)
        self.customer = f"customer-{self.lives}"
        self.holder = Holder(self.environment_id, self.customer)
        self.account = Account(self.environment_id, self.customer)
        self.model = LedgerModel(self.holder.plan_at)
        self.answers: dict[Call, Told] = {}
        self.keys = 0
        self.is_pro = False

    # ---- what happens ----

    @initialize(days=st.sampled_from([2, 2, 20, None]), is_pro=st.booleans())
    def begins(self, days: int | None, is_pro: bool) -> None:
        if days is not None:
            # Two days end before the larger plan's month does, so that what is given is used first.
            self.is_given_something(days)
        if is_pro:
            self.goes_pro_or_back()

    @rule(kind=st.sampled_from([Kind.CONSUME, Kind.CONSUME, Kind.RESERVE]), feature=METERED, units=UNITS, user=USERS)
    def uses(self, kind: Kind, feature: str, units: int, user: str) -> None:
        call = Call(kind, self.key(), feature, units, user, seconds=120)
        is_free = self.account.check(call, self.clock.now())
        told = self.make(call)
        assert told.granted == is_free, "a check says what the ledger then does"

    @rule(feature=METERED, units=UNITS, user=USERS, days=st.sampled_from([0, 0, 1, 20, 33]), to_midnight=st.booleans())
    def tells_late(self, feature: str, units: int, user: str, days: int, to_midnight: bool) -> None:
        at = self.clock.now() - timedelta(days=days)
        if to_midnight:
            at = at.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(at.tzinfo)
        self.make(Call(Kind.RECORD, self.key(), feature, units, user, at=at))

    @precondition(lambda self: self.model.reserved)
    @rule(data=st.data(), units=st.integers(0, 3), is_kept=st.booleans())
    def settles(self, data: st.DataObject, units: int, is_kept: bool) -> None:
        key = data.draw(st.sampled_from(sorted(self.model.reserved)))
        kind = Kind.COMMIT if is_kept else Kind.RELEASE
        call = Call(kind, key, units=units if is_kept else None)
        if call in self.answers and self.answers[call].code is None:
            self.repeats_call(call)
        else:
            self.make(call)

    @precondition(lambda self: self.model.entries)
    @rule(data=st.data(), units=st.sampled_from([None, 1, 2]))
    def gives_back(self, data: st.DataObject, units: int | None) -> None:
        entries = [entry for entry in self.model.entries.values() if not entry.of and entry.feature != "seats"]
        given = [entry for entry in entries if entry.parts and entry.parts[0][0] != "base"]
        names = [entry.key for entry in given or entries] or ["never used"]
        of = data.draw(st.sampled_from(names))
        self.make(Call(Kind.REFUND, self.key(), "", units, of=of))

    @rule(level=st.integers(0, 5))
    def sets_a_level(self, level: int) -> None:
        self.make(Call(Kind.LEVEL, self.key(), "seats", level))

    @rule(by=st.sampled_from([-2, -1, 1, 2]))
    def changes_a_level(self, by: int) -> None:
        self.make(Call(Kind.INCREMENT, self.key(), "seats", by))

    @precondition(lambda self: self.answers)
    @rule(data=st.data())
    def asks_again(self, data: st.DataObject) -> None:
        final = [call for call, told in self.answers.items() if told.code is None]
        if final:
            self.repeats_call(data.draw(st.sampled_from(final)))

    @precondition(lambda self: self.answers)
    @rule(data=st.data())
    def uses_a_key_for_something_else(self, data: st.DataObject) -> None:
        entries = [call for call, told in self.answers.items() if told.code is None and call.kind is Kind.CONSUME]
        if entries:
            call = data.draw(st.sampled_from(entries))
            other = Call(call.kind, call.key, call.feature, (call.units or 0) + 1, call.user)
            assert self.account.make(other, self.clock.now())[0].code == "idempotency_conflict"

    @rule()
    def goes_pro_or_back(self) -> None:
        if self.is_pro:
            self.holder.cancel(When.NOW)
        else:
            self.holder.go_pro()
        self.is_pro = not self.is_pro

    @precondition(lambda self: len(self.model.gifts) < 2)
    @rule(days=st.integers(1, 40))
    def is_given_more(self, days: int) -> None:
        self.is_given_something(days)

    def is_given_something(self, days: int) -> None:
        self.model.gifts.append(self.holder.give(self.clock.now(), days))

    @rule(
        length=st.sampled_from(
            [timedelta(microseconds=1), timedelta(seconds=119), timedelta(hours=1), timedelta(days=1)]
        )
    )
    def time_passes(self, length: timedelta) -> None:
        self.clock.advance(length)

    @rule(ahead=st.sampled_from(["day", "month", "daylight saving"]), microseconds=st.sampled_from([-1, 0, 0]))
    def time_passes_to_an_end(self, ahead: str, microseconds: int) -> None:
        goal = _end_of(ahead, self.clock.now()) + timedelta(microseconds=microseconds)
        if goal > self.clock.now():
            self.clock.set(goal)

    # ---- what must hold ----

    @invariant()
    def every_counter_is_what_the_model_adds_up(self) -> None:
        for row in counters_of(self.customer):
            per, _, _ = row.window.partition(":")
            rule = Rule(0, per if per in {"day", "month"} else "never", by_user=bool(row.user))
            bucket = row.window if per == "bucket" else "base"
            at = row.starts_at if rule.per != "never" else self.clock.now()
            used = self.model.used(row.feature, bucket, rule, at, row.user or None)
            held = self.model.taken(row.feature, bucket, rule, at, row.user or None) - used
            assert (row.used, row.held) == (used, held), row.window

    @invariant()
    def every_day_is_what_the_model_adds_up(self) -> None:
        told, known = days_of(self.customer), self.model.days()
        assert {day: units for day, units in told.items() if units} == {
            day: units for day, units in known.items() if units
        }

    # ---- how it is asked ----

    def key(self) -> str:
        self.keys += 1
        return f"key-{self.keys}"

    def make(self, call: Call) -> Told:
        expected = self.model.make(call, self.clock.now())
        told, _ = self.account.make(call, self.clock.now())
        assert told == expected
        self.answers[call] = told
        return told

    def repeats_call(self, call: Call) -> None:
        told, posted = self.account.make(call, self.clock.now())
        assert told == self.answers[call]
        assert posted is not None
        assert posted.replayed


def _end_of(what: str, now: datetime) -> datetime:
    """Give the next local midnight, first of a month, or morning on which the clocks change."""
    day = now.astimezone(ZONE).date() + timedelta(days=1)
    while not _is_wanted(what, day):
        day += timedelta(days=1)
    midnight = datetime.fromisoformat(f"{day}T00:00:00").replace(tzinfo=ZONE)
    return midnight.astimezone(now.tzinfo)


def _is_wanted(what: str, day: object) -> bool:
    midnight = datetime.fromisoformat(f"{day}T00:00:00").replace(tzinfo=ZONE)
    if what == "month":
        return midnight.day == 1
    return what == "day" or midnight.utcoffset() != (midnight + timedelta(hours=12)).utcoffset()


@pytest.fixture
def machine(in_app, environment: Environment, clock: FixedClock) -> type[UsageMachine]:
    publish_plans(environment.id)
    do_not_wait_for_the_disk()
    return type("Machine", (UsageMachine,), {"environment_id": environment.id, "clock": clock, "lives": 0})


def live(machine: type[UsageMachine], *, lives: int, phases: tuple[hypothesis.Phase, ...] = tuple(hypothesis.Phase)):
    settings = hypothesis.settings(
        max_examples=lives,
        stateful_step_count=30,
        phases=phases,
        report_multiple_bugs=False,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    run_state_machine_as_test(machine, settings=settings)


def test_any_life_of_usage_is_counted_as_the_model_counts_it(machine: type[UsageMachine], *, full_volume: bool):
    live(machine, lives=300 if full_volume else 15)

    assert machine.lives >= 15


def _end_belongs_to_it(text: str) -> str:
    return text.replace("ends_at > ?", "ends_at >= ?")


PLANTS: dict[str, Callable[[pytest.MonkeyPatch], object]] = {
    "inclusive end": lambda patch: [
        patch.setattr(sql, name, _end_belongs_to_it(getattr(sql, name))) for name in ("COUNTERS", "ADD_TO_BASE")
    ],
    "refund to the plan": lambda patch: patch.setattr(
        refund_steps, "_to_give_back", lambda *told, right=refund_steps._to_give_back: _from_base(right(*told))
    ),
    "nothing expires": lambda patch: patch.setattr(sql, "EXPIRED", sql.EXPIRED.replace("<= ?", "> ?")),
    "soft limits refuse": lambda patch: patch.setattr(
        posting_steps, "_judge", lambda posting, before, judge=posting_steps._judge: judge(_hard(posting), before)
    ),
}


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_bug_is_found(machine: type[UsageMachine], monkeypatch: pytest.MonkeyPatch, name: str):
    PLANTS[name](monkeypatch)

    with pytest.raises(AssertionError):
        live(machine, lives=100, phases=(hypothesis.Phase.generate,))


def _from_base(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    return (Part("base", sum(part.units for part in parts)),)


def _hard(posting: Posting) -> Posting:
    assert posting.allowance is not None
    buckets = tuple(
        replace(
            bucket,
            alternatives=tuple(
                tuple(replace(window, ceiling=window.limit) for window in windows) for windows in bucket.alternatives
            ),
        )
        for bucket in posting.allowance.buckets
    )
    return replace(posting, allowance=replace(posting.allowance, buckets=buckets))
