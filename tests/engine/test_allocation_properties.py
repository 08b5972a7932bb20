"""Taking units and checking them say the same, and the counters never say more than was taken."""

from __future__ import annotations

import json
import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from liftgate.engine.allocation import Crossing, Part, allocate, count, crossings, room
from liftgate.engine.allowance import Allowance
from liftgate.engine.catalogue_model import FeatureKind
from liftgate.engine.decision import Reason
from liftgate.engine.evaluate import Evaluator
from tests.engine.metering_worlds import World, worlds

UNITS = st.integers(1, 8)


@given(worlds(), UNITS)
def test_what_a_check_grants_can_be_taken_and_nothing_else(world: World, units: int) -> None:
    decision = Evaluator(world.snapshot, world.state, user=world.user).decide("thing", at=world.at, units=units)

    assert (allocate(world.allowance, world.counters, units) is not None) == decision.granted


@given(worlds(), UNITS)
def test_a_balance_tells_what_a_check_tells(world: World, units: int) -> None:
    decision = Evaluator(world.snapshot, world.state, user=world.user).decide("thing", at=world.at, units=units)
    balance = room(world.allowance, world.counters, units)

    assert balance.granted == decision.granted
    if decision.reason not in (Reason.REVOKED, Reason.NOT_INCLUDED):
        told = (decision.reason, decision.used, decision.limit, decision.remaining, decision.resets_at)
        assert (balance.reason, balance.used, balance.limit, balance.remaining, balance.resets_at) == told
        assert balance.decided_by == decision.decided_by
    if decision.reason is Reason.NOT_INCLUDED:
        # What is there all the same, as after a downgrade, is told as well.
        assert (balance.reason, balance.used, balance.limit) == (decision.reason, decision.used, decision.limit)


@given(worlds(), UNITS)
def test_taking_at_once_and_one_by_one_is_the_same(world: World, units: int) -> None:
    at_once = allocate(world.allowance, world.counters, units)
    counters, taken = world.counters, 0
    while taken < units and (part := allocate(world.allowance, counters, 1)) is not None:
        counters, taken = count(world.allowance, counters, part), taken + 1

    assert (taken == units) == (at_once is not None)
    if at_once is not None:
        assert counters == count(world.allowance, world.counters, at_once)


@given(worlds(), UNITS)
def test_an_allowance_tells_the_same_after_a_use_as_one_that_is_made_anew(world: World, units: int) -> None:
    remembered = world.allowance
    after = count(remembered, world.counters, allocate(remembered, world.counters, units) or ())
    usage = {**world.state.usage, **{("thing", user, key): used for (key, user), used in after.items()}}
    anew = replace(world, state=replace(world.state, usage=usage)).allowance

    assert room(anew, after, units) == room(remembered, after, units)
    assert (allocate(anew, after, units) is None) == (allocate(remembered, after, units) is None)


@given(worlds(), UNITS)
def test_what_is_taken_stays_below_the_ceilings(world: World, units: int) -> None:
    parts = allocate(world.allowance, world.counters, units) or ()
    after = count(world.allowance, world.counters, parts)

    for bucket in world.allowance.buckets:
        if bucket.key in {part.bucket for part in parts}:
            assert any(
                all(window.ceiling is None or after[window.counter] <= window.ceiling for window in alternative)
                for alternative in bucket.alternatives
            )


@given(worlds(), st.integers(-8, 8), st.booleans())
def test_the_parts_add_up_to_what_was_asked(world: World, units: int, forced: bool) -> None:
    parts = allocate(world.allowance, world.counters, units, forced=forced)

    assert parts is not None or not (forced or units <= 0)
    assert parts is None or sum(part.units for part in parts) == units


@given(worlds(), UNITS, st.booleans())
def test_giving_back_what_was_taken_restores_the_counters(world: World, units: int, forced: bool) -> None:
    parts = allocate(world.allowance, world.counters, units, forced=forced) or ()
    taken = count(world.allowance, world.counters, parts)

    given_back = count(world.allowance, taken, tuple(Part(part.bucket, -part.units) for part in parts))

    assert given_back == world.counters


@given(worlds(), UNITS, st.randoms(use_true_random=False))
def test_the_order_of_grants_changes_nothing(world: World, units: int, chance: random.Random) -> None:
    shuffled = list(world.state.grants)
    chance.shuffle(shuffled)
    other = replace(world, state=replace(world.state, grants=tuple(shuffled)))

    assert other.allowance == world.allowance
    assert allocate(other.allowance, world.counters, units) == allocate(world.allowance, world.counters, units)


@given(worlds(), UNITS)
def test_an_allowance_survives_the_way_through_a_document(world: World, units: int) -> None:
    sent = world.allowance
    received = Allowance.from_document(json.loads(json.dumps(sent.as_document())))
    after = count(sent, world.counters, allocate(sent, world.counters, units, forced=True) or ())

    assert received.as_document() == sent.as_document()
    assert allocate(received, world.counters, units) == allocate(sent, world.counters, units)
    assert room(received, world.counters, units) == room(sent, world.counters, units)
    assert crossings(received, world.counters, after) == crossings(sent, world.counters, after)


@given(worlds(), st.lists(UNITS, max_size=6))
def test_a_threshold_is_crossed_once_however_the_use_is_split(world: World, uses: list[int]) -> None:
    allowance, before = world.allowance, world.counters
    crossed: list[Crossing] = []
    for units in uses:
        after = count(allowance, before, allocate(allowance, before, units, forced=True) or ())
        crossed += crossings(allowance, before, after)
        before = after

    named = [(crossing.user, crossing.window, crossing.percent) for crossing in crossed]
    at_once = crossings(allowance, world.counters, before)
    assert len(named) == len(set(named))
    assert set(named) == {(crossing.user, crossing.window, crossing.percent) for crossing in at_once}


@given(worlds((FeatureKind.METERED,)), st.floats(0, 0.999))
def test_an_allowance_holds_until_it_says(world: World, share: float) -> None:
    allowance = world.allowance
    until = allowance.valid_until
    if until is None:
        return
    later = replace(world, at=world.at + (until - world.at) * share)

    assert later.allowance == allowance


@given(worlds())
def test_a_document_names_each_counter_once_and_in_the_order_of_locking(world: World) -> None:
    counters = [(window.key, window.user or "") for window in world.allowance.windows()]

    assert counters == sorted(set(counters))
