"""Windows that an upgrade begins anew: they tile time like all windows, and going down and up wins nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liftgate.engine.allocation import allocate
from liftgate.engine.allowance import Allowance, Window, allowance_of
from liftgate.engine.catalogue_model import (
    Cap,
    Catalogue,
    Entitlement,
    Feature,
    FeatureKind,
    OnUpgrade,
    Plan,
    Recurrence,
    Snapshot,
)
from liftgate.engine.customer_state import CustomerState, Grant, GrantKind, PlanPhase, SubscriptionStatus
from liftgate.engine.periods import Period
from liftgate.engine.restarts import last_increase, rungs_of
from tests.engine.metering_worlds import AT, World, allowance_at, phases, worlds

NOVEMBER = Period(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
RANKS = ["small", "middle", "large"]


def _snapshot(*, on_upgrade: OnUpgrade = OnUpgrade.RESET, recurrence: Recurrence = Recurrence.MONTH) -> Snapshot:
    plans = {
        key: Plan(key, {"en": key}, rank, {"thing": Entitlement("thing", caps=(Cap(10 * (rank + 1), recurrence),))})
        for rank, key in enumerate(RANKS)
    }
    feature = Feature("thing", FeatureKind.METERED, {"en": "Thing"}, on_upgrade=on_upgrade)
    catalogue = Catalogue(("en",), "UTC", "small", {"thing": feature}, plans, {}, {})
    return Snapshot("test", 1, AT, catalogue, dict.fromkeys(plans, 1), {})


def _held(*held: tuple[int, str]) -> CustomerState:
    """Return a customer who changed plan at noon of those days of November."""
    starts = [datetime(2026, 11, day, 12, tzinfo=UTC) for day, _ in held]
    ends = [*starts[1:], None][: len(starts)]
    return CustomerState(
        "test",
        "acme",
        1,
        phases=tuple(
            PlanPhase(plan, 1, SubscriptionStatus.ACTIVE, Recurrence.MONTH, "EUR", 1, start, end)
            for (_, plan), start, end in zip(held, starts, ends, strict=True)
        ),
    )


def _window(state: CustomerState, snapshot: Snapshot | None = None, *, at: datetime = AT) -> Window:
    (window,) = _allowance(state, snapshot, at=at).windows()
    return window


def _allowance(state: CustomerState, snapshot: Snapshot | None = None, *, at: datetime = AT) -> Allowance:
    found = allowance_of(snapshot or _snapshot(), state, "thing", at=at, user=None)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("held", "since"),
    [
        ([], None),
        ([(3, "small")], None),
        ([(3, "middle")], 3),
        ([(3, "middle"), (9, "large")], 9),
        ([(3, "large"), (9, "middle")], 3),
        ([(3, "middle"), (5, "small"), (9, "middle")], 3),
        ([(3, "middle"), (5, "small"), (9, "large")], 9),
        ([(3, "large"), (5, "small"), (9, "middle"), (11, "large")], 3),
    ],
)
def test_a_period_begins_anew_with_the_last_plan_above_all_earlier_ones(held, since):
    window = _window(_held(*held))

    assert window.starts_at == (NOVEMBER.start if since is None else datetime(2026, 11, since, 12, tzinfo=UTC))
    assert window.ends_at == NOVEMBER.end
    assert ("+" in window.key) == (since is not None)


def test_what_was_held_in_an_earlier_period_is_where_this_one_begins():
    state = _held((3, "large"), (9, "small"))
    later = replace(state, phases=(*state.phases[:1], replace(state.phases[1], plan="middle")))

    assert _window(later, at=AT + timedelta(days=20)).key == "month:2026-12-01T00:00:00Z"


def test_a_pause_is_no_way_to_a_fresh_allowance():
    state = _held((3, "middle"), (5, "middle"), (9, "middle"))
    paused = replace(state.phases[1], status=SubscriptionStatus.PAUSED)

    starts_at = _window(replace(state, phases=(state.phases[0], paused, state.phases[2]))).starts_at
    assert starts_at is not None
    assert starts_at.day == 3


def test_only_features_that_say_so_begin_anew():
    assert _window(_held((3, "large")), _snapshot(on_upgrade=OnUpgrade.KEEP)).starts_at == NOVEMBER.start


def test_a_limit_that_never_starts_anew_does_not_by_an_upgrade_either():
    assert _window(_held((3, "large")), _snapshot(recurrence=Recurrence.NEVER)).key == "never"


def test_an_override_is_not_begun_anew_by_an_upgrade():
    override = Grant(
        "o",
        GrantKind.OVERRIDE,
        AT,
        AT,
        feature="thing",
        entitlement=Entitlement("thing", caps=(Cap(5, Recurrence.MONTH),)),
    )

    assert _window(replace(_held((3, "large")), grants=(override,))).key == "month:2026-11-01T00:00:00Z"


def test_a_plan_that_is_tried_beside_the_subscription_is_not_begun_anew_by_it():
    trial = Grant("t", GrantKind.TRIAL, AT, AT - timedelta(days=1), plan="large", plan_version=1)
    windows = _allowance(replace(_held((3, "middle")), grants=(trial,))).windows()

    assert [window.key for window in windows] == [
        "month:2026-11-01T00:00:00Z",
        "month:2026-11-01T00:00:00Z+2026-11-03T12:00:00Z",
    ]


@given(phases(most_days=20))
def test_a_period_begins_anew_no_oftener_than_plans_rise(held: tuple[PlanPhase, ...]) -> None:
    snapshot, state = _snapshot(), CustomerState("test", "acme", 1, phases=())
    renamed = tuple(replace(phase, plan={"free": "small", "pro": "large"}[phase.plan]) for phase in held)
    state = replace(state, phases=renamed)
    starts = {
        _window(state, snapshot, at=phase.starts_at).starts_at for phase in renamed if phase.starts_at >= NOVEMBER.start
    }

    # Two plans: one rise, however often somebody goes back and forth.
    assert len(starts - {NOVEMBER.start}) <= 1


@given(st.lists(st.sampled_from(RANKS), max_size=8))
def test_going_back_and_forth_gives_no_more_than_every_plan_once(changes: list[str]) -> None:
    state = _held(*enumerate(changes, start=2))
    used: dict[str, int] = {}
    for day in range(2, 2 + len(changes)):
        allowance = _allowance(state, at=datetime(2026, 11, day, 13, tzinfo=UTC))
        (window,) = allowance.windows()
        while allocate(allowance, {window.counter: used.get(window.key, 0)}, 1):
            used[window.key] = used.get(window.key, 0) + 1

    assert sum(used.values()) <= sum(10 * (rank + 1) for rank in range(len(RANKS)))


@given(worlds((FeatureKind.METERED,)), st.integers(0, 60 * 24 * 60))
def test_windows_hold_their_instant_and_follow_on_each_other(world: World, minutes: int) -> None:
    at = AT - timedelta(days=30) + timedelta(minutes=minutes)

    for window in allowance_at(world, at).windows():
        assert window.starts_at is None or window.starts_at <= at or window.key.startswith("trial:")
        if window.ends_at is not None and not window.key.startswith("bucket:"):
            assert at < window.ends_at
            following = {(it.key, it.user) for it in allowance_at(world, window.ends_at).windows()}
            assert window.counter not in following


@given(st.lists(st.sampled_from(RANKS), max_size=6), st.integers(0, 29 * 24 * 60))
def test_a_window_is_the_same_from_its_start_to_its_end(changes: list[str], minutes: int) -> None:
    state = _held(*enumerate(changes, start=2))
    window = _window(state, at=NOVEMBER.start + timedelta(minutes=minutes))

    assert window.starts_at is not None
    assert _window(state, at=window.starts_at).key == window.key


@given(phases())
def test_an_increase_lies_within_the_period_and_is_the_beginning_of_a_phase(held: tuple[PlanPhase, ...]) -> None:
    snapshot = _snapshot()
    state = CustomerState("test", "acme", 1, phases=tuple(replace(it, plan="large") for it in held))

    since = last_increase(rungs_of(snapshot, state, AT), NOVEMBER)

    assert since is None or (NOVEMBER.start < since <= AT and since in {phase.starts_at for phase in held})
