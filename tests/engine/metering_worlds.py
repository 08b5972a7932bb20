"""Strategies for customers who use a counted feature: any mix of plans, trials, add-ons and grants, nearly used up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from liftgate.engine.allocation import Counters
from liftgate.engine.allowance import Allowance, allowance_of
from liftgate.engine.catalogue_model import (
    AddOn,
    Anchor,
    Cap,
    Catalogue,
    Enforcement,
    Entitlement,
    Feature,
    FeatureKind,
    OnUpgrade,
    Plan,
    Recurrence,
    Scope,
    Snapshot,
)
from liftgate.engine.customer_state import (
    AddOnPhase,
    CustomerState,
    Grant,
    GrantKind,
    PlanPhase,
    SubscriptionStatus,
)

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
ALICE = "alice"

# Small ones often, so that several limits are used up at once.
_LIMITS = st.one_of(st.integers(1, 4), st.integers(0, 12), st.integers(0, 40), st.none())
_OFTEN = st.sampled_from([True, True, True, False])
_STATUSES = st.sampled_from([SubscriptionStatus.ACTIVE, SubscriptionStatus.TRIALING, SubscriptionStatus.PAUSED])


@dataclass(frozen=True)
class World:
    """A customer at an instant, what they may use of ``thing``, and what is counted of it."""

    snapshot: Snapshot
    state: CustomerState
    at: datetime
    user: str | None
    counters: Counters

    @property
    def allowance(self) -> Allowance:
        """What may be used."""
        return allowance_at(self, self.at)


def allowance_at(world: World, at: datetime) -> Allowance:
    """Return what may be used at another instant."""
    found = allowance_of(world.snapshot, world.state, "thing", at=at, user=world.user)
    assert found is not None
    return found


@st.composite
def caps(draw: st.DrawFn, kind: FeatureKind) -> tuple[Cap, ...]:
    """The caps of one source."""
    if kind is FeatureKind.CAPACITY:
        return (draw(_cap(Recurrence.NEVER)),)
    places = st.tuples(st.sampled_from(Recurrence), st.sampled_from(Scope))
    chosen = draw(st.lists(places, min_size=1, max_size=3, unique=True))
    return tuple(replace(draw(_cap(recurrence)), scope=scope) for recurrence, scope in chosen)


@st.composite
def _cap(draw: st.DrawFn, recurrence: Recurrence) -> Cap:
    soft = draw(st.booleans())
    return Cap(
        draw(_LIMITS),
        recurrence,
        anchor=draw(st.sampled_from(Anchor)),
        enforcement=Enforcement.SOFT if soft else Enforcement.HARD,
        overage=draw(st.none() | st.integers(0, 5)) if soft else None,
        warn_at=tuple(sorted(draw(st.sets(st.integers(1, 100), max_size=3)))),
        display_limit=draw(st.none() | st.integers(0, 50)),
    )


@st.composite
def worlds(draw: st.DrawFn, kinds: tuple[FeatureKind, ...] = (FeatureKind.METERED, FeatureKind.CAPACITY)) -> World:
    """Any customer of a catalogue with two plans and an add-on."""
    kind = draw(st.sampled_from(kinds))
    given = caps(kind).map(lambda drawn: Entitlement("thing", caps=drawn))
    plans = {
        name: Plan(name, {"en": name}, rank, {"thing": draw(given)} if draw(_OFTEN) else {})
        for rank, name in enumerate(["free", "pro"])
    }
    on_upgrade = draw(st.sampled_from(OnUpgrade)) if kind is FeatureKind.METERED else OnUpgrade.KEEP
    catalogue = Catalogue(
        ("en",),
        draw(st.sampled_from(["UTC", "Europe/Berlin"])),
        "free" if draw(_OFTEN) else None,
        {"thing": Feature("thing", kind, {"en": "Thing"}, on_upgrade=on_upgrade)},
        plans,
        {"addon": AddOn("addon", {"en": "Add-on"}, {"thing": draw(given)}, max_quantity=3)},
        {},
    )
    snapshot = Snapshot("test", 1, AT, catalogue, dict.fromkeys(plans, 1), {"addon": 1})
    state = CustomerState(
        "test",
        "acme",
        1,
        billing_anchor=draw(st.sampled_from([None, AT - timedelta(days=301, hours=2)])),
        phases=draw(phases()),
        addons=(AddOnPhase("addon", 1, draw(st.integers(1, 3)), _before(draw, 9)),) if draw(st.booleans()) else (),
        grants=draw(_grants(given)),
    )
    return _used(draw, World(snapshot, state, AT, draw(st.sampled_from([None, ALICE])), {}))


@st.composite
def phases(draw: st.DrawFn, most_days: int = 60) -> tuple[PlanPhase, ...]:
    """A subscription that went up and down, also within the present period."""
    starts = sorted(draw(st.sets(st.integers(0, most_days * 24), max_size=5)), reverse=True)
    begun = [AT - timedelta(hours=hours) for hours in starts]
    ends: list[datetime | None] = [*begun[1:], draw(st.none() | st.just(AT + timedelta(days=3)))]
    return tuple(
        PlanPhase(draw(st.sampled_from(["free", "pro"])), 1, draw(_STATUSES), Recurrence.MONTH, "EUR", 1, start, end)
        for start, end in zip(begun, ends, strict=False)
    )


@st.composite
def _grants(draw: st.DrawFn, given: st.SearchStrategy[Entitlement]) -> tuple[Grant, ...]:
    often = [GrantKind.TRIAL, GrantKind.TRIAL, GrantKind.PROMOTION]
    kinds = draw(st.lists(st.sampled_from([*often, *often, *GrantKind]), max_size=3))
    return tuple(
        Grant(
            f"g{number}",
            kind,
            created_at=AT - timedelta(days=number),
            starts_at=_before(draw, 9),
            ends_at=draw(st.none() | st.integers(1, 9).map(lambda days: AT + timedelta(days=days))),
            feature="thing",
            entitlement=None if kind is GrantKind.REVOKE else draw(given),
            max_uses=draw(st.none() | st.integers(1, 4)) if kind is GrantKind.TRIAL else None,
        )
        for number, kind in enumerate(kinds)
    )


def _before(draw: st.DrawFn, most_days: int) -> datetime:
    return AT - timedelta(days=draw(st.integers(0, most_days)))


def _used(draw: st.DrawFn, world: World) -> World:
    """Count in every window that bears on the answer, most often close to its limit."""
    counters = {}
    for window in world.allowance.windows():
        limit = window.limit or 0
        near = st.integers(max(0, limit - 2), limit + 3)
        counters[window.counter] = draw(st.one_of(near, st.just(0), st.integers(0, 50)))
    usage = {("thing", user, key): used for (key, user), used in counters.items()}
    counted = replace(world, state=replace(world.state, usage=usage))
    # A trial whose uses are used up is gone, and its windows with it.
    return replace(
        counted, counters={name.counter: counters.get(name.counter, 0) for name in counted.allowance.windows()}
    )
