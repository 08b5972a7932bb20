"""What holds for every catalogue, every customer and every instant."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from liftgate.engine.catalogue_model import (
    AddOn,
    Cap,
    Catalogue,
    Enforcement,
    Entitlement,
    Feature,
    FeatureKind,
    Gate,
    GateMode,
    Plan,
    Recurrence,
    Requirement,
    Snapshot,
)
from liftgate.engine.customer_state import AddOnPhase, CustomerState, Grant, GrantKind, PlanPhase, SubscriptionStatus
from liftgate.engine.decision import Reason
from liftgate.engine.evaluate import Evaluator
from liftgate.engine.explain import explain
from liftgate.engine.judging import Asked
from liftgate.engine.periods import Period, period_of, window_key
from tests.engine.strategies import customer_states, snapshots

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
# Small ones often, so that several limits are used up at once.
LIMITS = st.one_of(st.none(), st.integers(0, 3), st.integers(0, 200))
FEW = st.one_of(st.integers(0, 5), st.integers(0, 260))


@st.composite
def caps(draw: st.DrawFn, kind: FeatureKind) -> tuple[Cap, ...]:
    recurrences = [Recurrence.NEVER]
    if kind is FeatureKind.METERED:
        recurrences = draw(st.lists(st.sampled_from([*Recurrence]), min_size=1, max_size=3, unique=True))
    soft = draw(st.booleans())
    overage = draw(st.one_of(st.none(), st.integers(0, 20))) if soft else None
    enforcement = Enforcement.SOFT if soft else Enforcement.HARD
    return tuple(Cap(draw(LIMITS), recurrence, enforcement=enforcement, overage=overage) for recurrence in recurrences)


@st.composite
def held(draw: st.DrawFn, kind: FeatureKind) -> tuple[Snapshot, CustomerState]:
    """A counted feature given by any mix of plan, trials, overrides, add-ons and promotions, with use counted."""
    given_caps = lambda: Entitlement("thing", caps=draw(caps(kind)))  # noqa: E731 - drawn anew at each call
    plan = Plan("plan", {"en": "Plan"}, 1, {"thing": given_caps()} if draw(st.booleans()) else {})
    addon = AddOn("addon", {"en": "Add-on"}, {"thing": given_caps()}, max_quantity=3)
    kinds = draw(st.lists(st.sampled_from([GrantKind.TRIAL, GrantKind.OVERRIDE, GrantKind.PROMOTION]), max_size=4))
    grants = tuple(
        Grant(
            f"g{n}",
            of,
            created_at=AT - timedelta(days=n),
            starts_at=AT - timedelta(days=9),
            ends_at=draw(st.one_of(st.none(), st.integers(1, 9).map(lambda days: AT + timedelta(days=days)))),
            feature="thing",
            entitlement=given_caps(),
        )
        for n, of in enumerate(kinds)
    )
    catalogue = Catalogue(
        ("en",), "UTC", None, {"thing": Feature("thing", kind, {"en": "Thing"})}, {"plan": plan}, {"addon": addon}, {}
    )
    phase = PlanPhase("plan", 1, SubscriptionStatus.ACTIVE, Recurrence.MONTH, "EUR", 1, AT - timedelta(days=40))
    bought = AddOnPhase("addon", 1, draw(st.integers(1, 3)), AT - timedelta(days=3))
    state = CustomerState(
        "test", "acme", 1, phases=(phase,), addons=(bought,) if draw(st.booleans()) else (), grants=grants
    )
    snapshot = Snapshot("test", 1, AT, catalogue, {"plan": 1}, {"addon": 1})
    return snapshot, replace(state, usage=draw(_usage(snapshot, state)))


@st.composite
def _usage(draw: st.DrawFn, snapshot: Snapshot, state: CustomerState) -> dict[tuple[str, str | None, str], int]:
    buckets = [None, *(f"bucket:{grant.id}" for grant in state.grants), "bucket:addon@1"]
    usage: dict[tuple[str, str | None, str], int] = {}
    for recurrence in Recurrence:
        period = _calendar(recurrence, AT)
        for bucket in buckets:
            window = window_key(recurrence, period)
            if bucket is not None:
                window = bucket if period is None else f"{bucket}:{window}"
            usage["thing", None, window] = draw(FEW)
    return usage


COUNTED = st.sampled_from([FeatureKind.METERED, FeatureKind.CAPACITY]).flatmap(held)


@given(COUNTED, st.integers(0, 30), st.integers(1, 100), st.randoms(use_true_random=False))
def test_raising_a_limit_never_denies(
    world: tuple[Snapshot, CustomerState], units: int, more: int, chance: random.Random
) -> None:
    snapshot, state = world
    before = Evaluator(snapshot, state).decide("thing", at=AT, units=units)

    after = Evaluator(*_raise_one_limit(snapshot, state, more, chance)).decide("thing", at=AT, units=units)

    assert after.granted or not before.granted, (before, after)


@given(COUNTED, st.integers(0, 30), st.randoms(use_true_random=False))
def test_the_order_of_grants_is_irrelevant(
    world: tuple[Snapshot, CustomerState], units: int, chance: random.Random
) -> None:
    snapshot, state = world
    shuffled = list(state.grants)
    chance.shuffle(shuffled)

    first = Evaluator(snapshot, state).decide("thing", at=AT, units=units)
    second = Evaluator(snapshot, replace(state, grants=tuple(shuffled))).decide("thing", at=AT, units=units)

    outcome = lambda decision: (decision.granted, decision.reason, decision.used, decision.limit, decision.remaining)  # noqa: E731
    assert outcome(first) == outcome(second)


@given(COUNTED)
def test_what_remains_may_be_taken(world: tuple[Snapshot, CustomerState]) -> None:
    snapshot, state = world
    evaluator = Evaluator(snapshot, state)
    remaining = evaluator.decide("thing", at=AT, units=0).remaining

    if remaining:
        assert evaluator.decide("thing", at=AT, units=remaining).granted


@given(COUNTED, FEW)
def test_a_hard_limit_is_the_last_unit_that_passes(world: tuple[Snapshot, CustomerState], limit: int) -> None:
    snapshot, state = world
    override = Grant(
        "o", GrantKind.OVERRIDE, AT, AT, feature="thing", entitlement=Entitlement("thing", caps=(Cap(limit),))
    )
    alone = replace(state, grants=(override,), addons=())

    evaluator = Evaluator(snapshot, alone)

    assert evaluator.decide("thing", at=AT, used=0, units=limit).granted == (limit > 0)
    assert not evaluator.decide("thing", at=AT, used=0, units=limit + 1).granted


@given(st.data(), st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))
def test_any_valid_snapshot_gets_an_answer_for_every_gate(data: st.DataObject, at: datetime) -> None:
    snapshot = data.draw(snapshots())
    state = data.draw(customer_states(snapshot))
    evaluator = Evaluator(snapshot, state, user="u1")

    for gate in [*snapshot.catalogue.gates, *snapshot.catalogue.features, "no.such.gate"]:
        decision = evaluator.decide(gate, at=at)
        assert decision.gate == gate
        assert decision.unknown == (gate == "no.such.gate")
        assert (decision.offer is None) == (decision.granted or decision.unknown)
        assert explain(snapshot, state, gate, Asked(at=at, user="u1")).decision == decision


@given(st.data(), st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))
def test_in_enforce_mode_a_revoke_always_wins(data: st.DataObject, at: datetime) -> None:
    snapshot = data.draw(snapshots())
    state = data.draw(customer_states(snapshot))
    if not snapshot.catalogue.features:
        return
    feature = data.draw(st.sampled_from(sorted(snapshot.catalogue.features)))
    revoke = Grant("revoked", GrantKind.REVOKE, at - timedelta(days=2), at - timedelta(days=1), feature=feature)
    enforcing = Gate("enforcing", (Requirement(feature),), mode=GateMode.ENFORCE)
    catalogue = replace(snapshot.catalogue, gates={"enforcing": enforcing})

    evaluator = Evaluator(replace(snapshot, catalogue=catalogue), replace(state, grants=(*state.grants, revoke)))

    assert evaluator.decide("enforcing", at=at).reason is Reason.REVOKED


@given(COUNTED, st.sampled_from([AT, AT + timedelta(hours=14, minutes=59, seconds=59)]), st.floats(0, 0.999))
def test_an_answer_holds_until_valid_until(world: tuple[Snapshot, CustomerState], at: datetime, share: float) -> None:
    snapshot, state = world
    decision = Evaluator(snapshot, state).decide("thing", at=at)
    until = decision.valid_until or at + timedelta(days=400)
    # What could change the answer happens where a window starts, so those instants are asked, and one more.
    starts = [period.end for recurrence in Recurrence if (period := _calendar(recurrence, at)) is not None]
    asked = [at + (until - at) * share, *(start for start in starts if start < until)]

    assert [Evaluator(snapshot, state).decide("thing", at=later) for later in asked] == [decision] * len(asked)


def _calendar(recurrence: Recurrence, at: datetime) -> Period | None:
    return period_of(Cap(1, recurrence), at, billing_anchor=None, time_zone="UTC")


def _raise_one_limit(
    snapshot: Snapshot, state: CustomerState, more: int, chance: random.Random
) -> tuple[Snapshot, CustomerState]:
    """Raise one cap of one source, by some units or to no limit at all."""
    plan = snapshot.catalogue.plans["plan"]
    addon = snapshot.catalogue.addons["addon"]
    places = [*(["plan"] if plan.entitlements else []), "addon", *range(len(state.grants))]
    place = chance.choice(places)
    if place == "plan":
        plan = replace(plan, entitlements={"thing": _raised(plan.entitlements["thing"], more, chance)})
    elif place == "addon":
        addon = replace(addon, entitlements={"thing": _raised(addon.entitlements["thing"], more, chance)})
    else:
        assert isinstance(place, int)
        grant = state.grants[place]
        assert grant.entitlement is not None
        raised = replace(grant, entitlement=_raised(grant.entitlement, more, chance))
        state = replace(state, grants=(*state.grants[:place], raised, *state.grants[place + 1 :]))
    catalogue = replace(snapshot.catalogue, plans={"plan": plan}, addons={"addon": addon})
    return replace(snapshot, catalogue=catalogue), state


def _raised(entitlement: Entitlement, more: int, chance: random.Random) -> Entitlement:
    index = chance.randrange(len(entitlement.caps))
    cap = entitlement.caps[index]
    higher = None if cap.limit is None or chance.random() < 0.2 else cap.limit + more
    changed = replace(cap, limit=higher)
    return replace(entitlement, caps=(*entitlement.caps[:index], changed, *entitlement.caps[index + 1 :]))
