"""What applies above a limit, for any customer: it holds what it says, and a higher limit never takes anything away."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from liftgate.engine.catalogue_model import FeatureKind, OverLimitPolicy, OverLimitRule
from liftgate.engine.customer_state import Crossed
from liftgate.engine.decision import Decision, Reason
from liftgate.engine.evaluate import Evaluator
from liftgate.engine.explain import explain
from liftgate.engine.judging import Asked
from tests.engine.metering_worlds import AT, World, worlds
from tests.engine.upsell import SNAPSHOT, customer

RULES = st.sampled_from(
    [OverLimitRule(), OverLimitRule(OverLimitPolicy.READ_ONLY), OverLimitRule(OverLimitPolicy.GRACE, 3)]
)
USED = st.integers(0, 60)


def _decide(world: World, rule: OverLimitRule, used: int, *, units: int = 0) -> Decision:
    feature = replace(world.snapshot.catalogue.features["thing"], over_limit=rule)
    catalogue = replace(world.snapshot.catalogue, features={"thing": feature})
    evaluator = Evaluator(replace(world.snapshot, catalogue=catalogue), world.state, user=world.user)
    return evaluator.decide("thing", at=world.at, units=units, used=used)


@given(worlds((FeatureKind.CAPACITY,)), RULES, USED)
def test_what_is_over_is_what_is_used_beyond_the_limit(world: World, rule: OverLimitRule, used: int) -> None:
    decision = _decide(world, rule, used)

    if decision.over_limit is not None:
        assert decision.over_limit.policy is rule.policy
        assert 0 < decision.over_limit.over <= used
        # So much less, and it is within.
        assert _decide(world, rule, used - decision.over_limit.over).over_limit is None
        assert _decide(world, rule, used - decision.over_limit.over + 1).over_limit is not None


@given(worlds((FeatureKind.CAPACITY,)), RULES, USED)
def test_only_what_is_over_is_kept_from_what_exists(world: World, rule: OverLimitRule, used: int) -> None:
    decision = _decide(world, rule, used)

    if decision.reason is Reason.OVER_LIMIT:
        assert not decision.granted
        assert rule.policy is not OverLimitPolicy.BLOCK_NEW
    if decision.over_limit is not None and decision.reason is not Reason.REVOKED:
        until = decision.over_limit.until
        within = rule.policy is OverLimitPolicy.GRACE and (until is None or world.at < until)
        assert decision.granted == (rule.policy is OverLimitPolicy.BLOCK_NEW or within)


@given(worlds((FeatureKind.CAPACITY,)), USED, USED)
def test_less_in_use_never_loses_what_exists(world: World, used: int, less: int) -> None:
    rule = OverLimitRule(OverLimitPolicy.GRACE, 3)
    more, fewer = _decide(world, rule, used + less), _decide(world, rule, used)

    assert not (more.granted and fewer.reason is Reason.OVER_LIMIT)


@given(worlds((FeatureKind.CAPACITY,)), RULES, USED)
def test_one_more_is_refused_above_a_limit_whatever_the_policy(world: World, rule: OverLimitRule, used: int) -> None:
    decision = _decide(world, rule, used, units=1)

    assert decision.over_limit is None or not decision.granted


@given(worlds((FeatureKind.CAPACITY,)), USED, st.floats(0, 0.999))
def test_an_answer_about_a_grace_holds_until_it_says(world: World, used: int, share: float) -> None:
    rule = OverLimitRule(OverLimitPolicy.GRACE, 3)
    decision = _decide(world, rule, used)
    until = decision.valid_until or world.at + timedelta(days=400)

    later = replace(world, at=world.at + (until - world.at) * share)

    assert _decide(later, rule, used) == decision


@given(worlds((FeatureKind.CAPACITY,)), RULES, USED)
def test_the_trace_tells_what_lies_above_the_limit(world: World, rule: OverLimitRule, used: int) -> None:
    feature = replace(world.snapshot.catalogue.features["thing"], over_limit=rule)
    snapshot = replace(world.snapshot, catalogue=replace(world.snapshot.catalogue, features={"thing": feature}))
    explained = explain(snapshot, world.state, "thing", Asked(world.at, user=world.user, units=0, reported=used))

    told = [step.detail for step in explained.trace if step.rule == "over_limit"]
    over = explained.decision.over_limit
    assert [detail.split()[0] for detail in told] == ([] if over is None else [str(over.over)])


def test_the_grace_counts_from_when_the_limit_was_reached_where_that_was_later():
    rule = OverLimitRule(OverLimitPolicy.GRACE, 3)
    feature = replace(SNAPSHOT.catalogue.features["boards"], over_limit=rule)
    features = {**SNAPSHOT.catalogue.features, "boards": feature}
    snapshot = replace(SNAPSHOT, catalogue=replace(SNAPSHOT.catalogue, features=features))
    reached = Crossed("boards", None, "never", 100, AT - timedelta(days=1))
    state = replace(customer("free", usage={("boards", None, "never"): 7}), crossings=(reached,))

    decision = Evaluator(snapshot, state).decide("boards", at=AT)

    assert decision.over_limit is not None
    assert decision.over_limit.until == reached.at + timedelta(days=3)
