"""The verdict finds everything in which journals and database can disagree, and nothing where they agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from loadtests.storm import scene
from loadtests.storm.evidence import CounterFact, DayFact, EventFact, Evidence, ReservationFact
from loadtests.storm.journal import Act, Attempt, Outcome
from loadtests.storm.verdict import judge
from loadtests.storm.verdict_on_limits import PlanChange, Plans
from loadtests.storm.violations import Wrong

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
MONTH = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
WINDOW = "month:2026-11-01T00:00:00Z"
CUSTOMER = "tight-1"

CONSUMED = Attempt(
    Act.CONSUME,
    CUSTOMER,
    "k1",
    feature="tokens",
    user="ada",
    units=3,
    asked_at=AT.timestamp(),
    outcome=Outcome.DONE,
    answered_at=AT.timestamp() + 1,
    answer={"receipt": [["base", 3]], "used": 3, "replayed": False},
)
EVENT = EventFact(CUSTOMER, "k1", "consume", "tokens", "ada", 3, 3, AT, AT, refused=False)
COUNTER = CounterFact(CUSTOMER, "tokens", "", WINDOW, 3, 0, *MONTH)
DAY = DayFact(CUSTOMER, "tokens", "ada", date(2026, 11, 22), 3)
SOUND = Evidence((EVENT,), (), (COUNTER,), (DAY,))

RESERVED = replace(CONSUMED, act=Act.RESERVE, key="r1", answer={})
OPEN = ReservationFact(CUSTOMER, "r1", "tokens", "ada", 3, 3, "open", None, AT)


def wrongs(attempts: Sequence[Attempt], evidence: Evidence, changes: Sequence[PlanChange] = ()) -> set[Wrong]:
    return {violation.wrong for violation in judge(attempts, evidence, changes)}


def with_event(**changes: Any) -> Evidence:
    """Give evidence in which the event differs and everything made from it follows."""
    event = replace(EVENT, **changes)
    counter = replace(COUNTER, used=event.base_quantity)
    return Evidence((event,), (), (counter,), (replace(DAY, units=event.quantity),))


def test_what_fits_together_is_not_violated():
    assert judge([CONSUMED], SOUND, []) == []


def test_an_unanswered_call_may_have_been_counted_or_not():
    unanswered = replace(CONSUMED, outcome=Outcome.UNKNOWN, answered_at=None, answer={})

    assert wrongs([unanswered], SOUND) == set()
    assert wrongs([unanswered], Evidence()) == set()


@pytest.mark.parametrize(
    ("evidence", "wrong"),
    [
        (Evidence(), Wrong.LOST),
        (with_event(quantity=2, base_quantity=2), Wrong.MISCOUNTED),
        (with_event(quantity=0, base_quantity=0, refused=True), Wrong.MISCOUNTED),
        (replace(SOUND, events=(EVENT, replace(EVENT, key="k2", quantity=0, base_quantity=0))), Wrong.UNASKED),
        (replace(SOUND, counters=(replace(COUNTER, used=6),)), Wrong.COUNTER),
        (replace(SOUND, counters=(replace(COUNTER, held=1),)), Wrong.HELD),
        (replace(SOUND, days=()), Wrong.DAYS),
        (replace(SOUND, days=(replace(DAY, day=date(2026, 11, 21)),)), Wrong.DAYS),
        (replace(SOUND, reservations=(OPEN,), counters=(replace(COUNTER, held=3),)), Wrong.UNASKED),
    ],
)
def test_each_way_to_differ_from_an_acknowledged_unit_is_found(evidence: Evidence, wrong: Wrong):
    assert wrong in wrongs([CONSUMED], evidence)


def test_what_was_refused_and_counted_is_found():
    refused = replace(CONSUMED, outcome=Outcome.REFUSED)

    assert wrongs([refused], SOUND) == {Wrong.REFUSED_COUNTED}
    assert wrongs([refused], with_event(quantity=0, base_quantity=0, refused=True)) == set()


def test_another_answer_to_the_same_request_is_found():
    again = replace(CONSUMED, answer={**CONSUMED.answer, "receipt": [["promotion", 3]]})

    assert wrongs([CONSUMED, replace(CONSUMED)], SOUND) == set()
    assert wrongs([CONSUMED, again], SOUND) == {Wrong.CHANGED}


def test_a_conflict_with_another_payload_is_right_and_with_the_same_one_is_not():
    conflict = replace(CONSUMED, outcome=Outcome.CONFLICT, answer={})

    assert wrongs([CONSUMED, replace(conflict, units=4)], SOUND) == set()
    assert wrongs([CONSUMED, conflict], SOUND) == {Wrong.CHANGED}


def test_more_than_the_limit_in_a_window_is_found():
    most = scene.LIMITS[scene.FREE][scene.TOKENS]["month"]
    too_many = [replace(CONSUMED, units=most + 1)]

    assert wrongs(too_many, with_event(quantity=most + 1, base_quantity=most + 1)) == {Wrong.OVERSOLD}
    assert wrongs([replace(CONSUMED, units=most)], with_event(quantity=most, base_quantity=most)) == set()


def test_units_that_are_held_count_towards_the_limit():
    events = with_event(quantity=28, base_quantity=28)
    evidence = replace(events, reservations=(OPEN,), counters=(replace(COUNTER, used=28, held=3),))

    assert wrongs([replace(CONSUMED, units=28), RESERVED], evidence) == {Wrong.OVERSOLD}


def test_a_grant_that_only_a_plan_of_before_allowed_is_found():
    early, late = AT.timestamp() - 20, AT.timestamp() - 10
    moved = [PlanChange("moving-1", "pro", early, early + 1), PlanChange("moving-1", "free", late, late + 1)]
    granted = replace(CONSUMED, customer="moving-1", answer={**CONSUMED.answer, "used": 61})
    evidence = Evidence(
        tuple(replace(fact, customer="moving-1") for fact in SOUND.events),
        counters=tuple(replace(fact, customer="moving-1") for fact in SOUND.counters),
        days=tuple(replace(fact, customer="moving-1") for fact in SOUND.days),
    )

    assert wrongs([granted], evidence, moved) == {Wrong.OVERSOLD}
    assert wrongs([granted], evidence, moved[:1]) == set()


def test_a_plan_may_be_in_force_from_the_asking_until_another_is_confirmed():
    plans = Plans([PlanChange("a", "pro", 10, 12), PlanChange("a", "free", 20, None), PlanChange("a", "pro", 30, 31)])

    assert plans.between("a", 0, 9) == {"free"}
    assert plans.between("a", 11, 11) == {"free", "pro"}
    assert plans.between("a", 13, 19) == {"pro"}
    assert plans.between("a", 25, 25) == {"free", "pro"}
    assert plans.between("a", 32, 40) == {"pro"}


def test_a_commit_that_was_acknowledged_and_not_counted_is_found():
    committed = replace(RESERVED, act=Act.COMMIT, units=2)
    settled = replace(OPEN, state="committed", settled=2)
    counted = replace(EVENT, key="r1", operation="commit", quantity=2, base_quantity=2)
    evidence = Evidence((counted,), (settled,), (replace(COUNTER, used=2),), (replace(DAY, units=2),))

    assert wrongs([RESERVED, committed], evidence) == set()
    assert wrongs([RESERVED, committed], Evidence(reservations=(settled,))) == {Wrong.LOST}


def test_units_of_a_reservation_that_was_let_go_and_counted_are_found():
    counted = replace(EVENT, key="r1", operation="commit")
    expired = replace(OPEN, state="expired")

    assert wrongs([RESERVED], replace(SOUND, events=(counted,), reservations=(expired,))) == {Wrong.REFUSED_COUNTED}


def given_back(units: int) -> Evidence:
    refund = replace(EVENT, key="x", operation="refund", quantity=-units, base_quantity=-units, of_key="k1")
    left = 3 - units
    return Evidence((EVENT, refund), (), (replace(COUNTER, used=left),), (replace(DAY, units=left),))


@pytest.mark.parametrize(
    ("told", "found", "expected"),
    [
        (2, given_back(2), set()),
        (2, SOUND, {Wrong.MISCOUNTED}),
        (1, given_back(2), {Wrong.MISCOUNTED}),
        (4, given_back(4), {Wrong.OVERREFUNDED}),
    ],
)
def test_what_is_given_back_is_what_was_told_and_no_more_than_was_taken(
    told: int, found: Evidence, expected: set[Wrong]
):
    refund = Attempt(Act.REFUND, CUSTOMER, "k1/1", units=told, of="k1", outcome=Outcome.DONE)

    assert wrongs([CONSUMED, refund], found) == expected
