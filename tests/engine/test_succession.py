"""Versions end by the clock: who is pinned to one that has ended holds the one that follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liftgate.engine.catalogue_model import Cap, Entitlement, Recurrence, Snapshot, Succession
from liftgate.engine.customer_state import AddOnPhase, CustomerState, PlanPhase, SubscriptionStatus
from liftgate.engine.evaluate import Evaluator
from liftgate.engine.explain import explain
from liftgate.engine.judging import Asked
from liftgate.engine.succession import later_versions, standing
from tests.engine.strategies import customer_states, instants, snapshots
from tests.engine.upsell import AT, SNAPSHOT, customer

DAY = timedelta(days=1)
NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)


def ending(plan_version: int = 2, *, to_version: int = 3, at: datetime = NEW_YEAR, **fields: object) -> Snapshot:
    succession = Succession(to_version, at, **fields)  # type: ignore[arg-type]  # any of its fields
    return replace(SNAPSHOT, plan_successions={f"pro@{plan_version}": succession})


def holder(version: int = 2, *, boards: int = 20) -> CustomerState:
    """A customer pinned to an earlier version of Pro, which gave fewer boards."""
    entitlements = {
        **SNAPSHOT.catalogue.plans["pro"].entitlements,
        "boards": Entitlement("boards", caps=(Cap(boards),)),
    }
    then = replace(SNAPSHOT.catalogue.plans["pro"], entitlements=entitlements)
    phase = replace(customer("pro").phases[0], plan_version=version)
    return replace(customer(), phases=(phase,), pinned_plans={f"pro@{version}": then})


@pytest.mark.parametrize(
    ("at", "limit"), [(NEW_YEAR - INSTANT, 20), (NEW_YEAR, 25), (NEW_YEAR + INSTANT, 25), (NEW_YEAR + 400 * DAY, 25)]
)
def test_the_version_that_follows_is_held_from_the_very_instant(at: datetime, limit: int) -> None:
    assert Evaluator(ending(), holder()).decide("boards", at=at).limit == limit


def test_an_answer_holds_until_the_version_ends() -> None:
    evaluator = Evaluator(ending(), holder())

    before = evaluator.decide("boards", at=AT)

    assert before.valid_until == NEW_YEAR
    assert evaluator.decide("boards", at=NEW_YEAR).limit == 25


def test_a_refusal_holds_until_the_customer_has_to_be_told() -> None:
    told_from = NEW_YEAR - 30 * DAY

    decision = Evaluator(ending(notice_at=told_from), holder()).decide("boards", at=AT, used=20)

    assert decision.valid_until == told_from


def test_a_version_that_can_no_longer_be_found_gives_nothing_and_no_error() -> None:
    decision = Evaluator(ending(to_version=9), holder()).decide("boards", at=NEW_YEAR)

    assert not decision.granted


def test_an_add_on_follows_too() -> None:
    addon = SNAPSHOT.catalogue.addons["more_exports"]
    then = replace(addon, entitlements={"exports": Entitlement("exports", caps=(Cap(7, Recurrence.MONTH),))})
    snapshot = replace(
        SNAPSHOT, addon_versions={"more_exports": 2}, addon_successions={"more_exports@1": Succession(2, NEW_YEAR)}
    )
    held = AddOnPhase("more_exports", 1, 1, starts_at=datetime(2026, 1, 1, tzinfo=UTC))
    state = replace(customer("pro"), addons=(held,), pinned_addons={"more_exports@1": then})
    evaluator = Evaluator(snapshot, state)

    limits = [evaluator.decide("exports", at=at).limit for at in (NEW_YEAR - INSTANT, NEW_YEAR)]

    assert limits == [507, 600]


def test_the_trace_says_which_version_was_followed() -> None:
    explanation = explain(ending(), holder(), "boards", Asked(NEW_YEAR))

    steps = [step for step in explanation.trace if step.rule == "succession"]
    assert [step.detail for step in steps] == ["pro@2 has ended and pro@3 follows it"]


def test_the_trace_of_a_version_that_goes_on_says_nothing_about_it() -> None:
    explanation = explain(ending(), holder(), "boards", Asked(AT))

    assert "succession" not in {step.rule for step in explanation.trace}


# ---- chains and circles ----

numbers = st.integers(1, 6)
chains = st.dictionaries(numbers.map("pro@{}".format), st.builds(Succession, numbers, instants()), max_size=6)


def walked(successions: Mapping[str, Succession], version: int, at: datetime) -> int:
    """The rule said again, step by step."""
    succession = successions.get(f"pro@{version}")
    if succession is None or succession.at > at or succession.to_version <= version:
        return version
    return walked(successions, succession.to_version, at)


@given(chains, numbers, instants())
def test_every_chain_ends_and_leads_where_its_due_steps_lead(
    successions: dict[str, Succession], version: int, at: datetime
) -> None:
    assert standing(successions, "pro", version, at=at).version == walked(successions, version, at)


@given(chains, numbers, instants())
def test_what_will_end_a_version_lies_ahead_and_the_version_is_held_until_then(
    successions: dict[str, Succession], version: int, at: datetime
) -> None:
    held, ends_by = standing(successions, "pro", version, at=at)

    if ends_by is not None:
        assert ends_by.at > at
        assert standing(successions, "pro", version, at=ends_by.at - INSTANT).version == held
        assert standing(successions, "pro", version, at=ends_by.at).version != held


@given(chains, numbers, instants(), instants())
def test_it_makes_no_difference_when_the_version_is_written_down(
    successions: dict[str, Succession], version: int, one: datetime, another: datetime
) -> None:
    earlier, later = sorted((one, another))
    written = standing(successions, "pro", version, at=earlier).version

    assert standing(successions, "pro", written, at=later) == standing(successions, "pro", version, at=later)


@given(chains, numbers, instants())
def test_every_version_ever_held_is_known_beforehand(
    successions: dict[str, Succession], version: int, at: datetime
) -> None:
    held = standing(successions, "pro", version, at=at).version

    assert held in {version, *later_versions(successions, "pro", version)}


# ---- any snapshot and customer ----


@given(st.data())
def test_before_its_end_a_version_decides_as_if_it_never_ended_and_then_as_the_next_one(data: st.DataObject) -> None:
    snapshot = replace(data.draw(snapshots().filter(lambda one: one.catalogue.plans)), plan_successions={})
    state = data.draw(customer_states(snapshot))
    key = data.draw(st.sampled_from(sorted(snapshot.catalogue.plans)))
    at, earlier = data.draw(instants()), snapshot.plan_versions[key]
    snapshot = replace(snapshot, plan_versions={**snapshot.plan_versions, key: earlier + 1})
    then, now = (_subscribed(state, snapshot, key, version) for version in (earlier, earlier + 1))
    ends = replace(snapshot, plan_successions={f"{key}@{earlier}": Succession(earlier + 1, at)})

    for gate in (*snapshot.catalogue.gates, *snapshot.catalogue.features):
        before = [Evaluator(one, then).decide(gate, at=at - INSTANT) for one in (snapshot, ends)]
        after = [Evaluator(one, held).decide(gate, at=at) for one, held in ((snapshot, now), (ends, then))]
        assert _substance(before[0]) == _substance(before[1])
        assert _substance(after[0]) == _substance(after[1])


def _subscribed(state: CustomerState, snapshot: Snapshot, key: str, version: int) -> CustomerState:
    """The customer on a version of the plan; one that the snapshot lacks includes nothing."""
    phase = PlanPhase(
        key, version, SubscriptionStatus.ACTIVE, Recurrence.MONTH, "EUR", 1, datetime(1970, 1, 1, tzinfo=UTC)
    )
    bare = replace(snapshot.catalogue.plans[key], entitlements={})
    pinned = {} if version == snapshot.plan_versions[key] else {f"{key}@{version}": bare}
    grants = tuple(grant for grant in state.grants if grant.plan is None)
    return replace(state, phases=(phase,), grants=grants, pinned_plans=pinned)


def _substance(decision: object) -> object:
    return replace(decision, valid_until=None, _build_offer=None)  # type: ignore[type-var]  # a decision
