"""Random lives of a subscription against a model without phases: only what is held and what comes next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from typing import Any, ClassVar

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
from sqlalchemy import select

from liftgate.engine.catalogue_model import Recurrence
from liftgate.engine.customer_state import SubscriptionStatus
from liftgate.engine.periods import period_bounds
from liftgate_server.access.queries import Environment
from liftgate_server.customers import queries, service
from liftgate_server.customers import subscription_service as subscriptions
from liftgate_server.customers.due_changes import apply_due_changes
from liftgate_server.customers.models import MrrChangeRow
from liftgate_server.customers.mrr import mrr_at
from liftgate_server.customers.timeline import AddOnHolding, PlanHolding, Timeline, When
from liftgate_server.plumbing.clock import FixedClock
from liftgate_server.plumbing.db import db
from liftgate_server.plumbing.errors import Problem

RANKS = {"free": 0, "pro": 10, "business": 20}
MONTHLY = {("pro", "month"): 2900, ("business", "month"): 9900, ("pro", "year"): 29000, ("business", "year"): 99000}
ACTIVE, TRIALING, PAUSED = SubscriptionStatus.ACTIVE, SubscriptionStatus.TRIALING, SubscriptionStatus.PAUSED


@dataclass(frozen=True)
class Held:
    plan: str
    interval: str
    quantity: int
    status: SubscriptionStatus

    @property
    def rank(self) -> tuple[int, int, int]:
        return RANKS[self.plan], int(self.interval == "year"), self.quantity

    def is_less_than(self, other: Held) -> bool:
        if self.plan != other.plan:
            return RANKS[self.plan] < RANKS[other.plan]
        return any(mine < theirs for mine, theirs in zip(self.rank, other.rank, strict=True))

    @property
    def mrr(self) -> int:
        if self.plan == "free" or self.status in {TRIALING, PAUSED}:
            return 0
        amount = MONTHLY[self.plan, self.interval] * (self.quantity if self.plan == "pro" else 1)
        return amount if self.interval == "month" else round(amount / 12)


BEGINNINGS = st.fixed_dictionaries(
    {
        "plan": st.sampled_from(["pro", "business", "free"]),
        "interval": st.sampled_from(["month", "year"]),
        "quantity": st.integers(1, 3),
        "trial_days": st.sampled_from([None, 14]),
    }
)
# Mostly one thing at a time: what changes everything at once rarely meets a rule of one field.
WISHES = st.one_of(
    st.fixed_dictionaries({"plan": st.sampled_from(list(RANKS))}),
    st.fixed_dictionaries({"interval": st.sampled_from(["month", "year"])}),
    st.fixed_dictionaries({"quantity": st.integers(1, 3)}),
    st.fixed_dictionaries(
        {
            "plan": st.sampled_from(list(RANKS)),
            "interval": st.sampled_from(["month", "year"]),
            "quantity": st.integers(1, 3),
        }
    ),
)


class SubscriptionMachine(RuleBasedStateMachine):
    environment_id: ClassVar[int]
    clock: ClassVar[FixedClock]
    lives: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).lives += 1
        self.customer = f"customer-{self.lives}"
        service.upsert_customer(self.environment_id, self.customer, service.UpsertCustomer(currency="EUR"))
        self.held: Held | None = None
        self.until: datetime | None = None  # when the model moves on to `following`
        self.following: Held | None = None
        self.anchor = self.clock.now()
        self.seen: list[tuple[datetime, str | None, int]] = []

    # ---- what the model does ----

    def period_end(self) -> datetime:
        assert self.held is not None
        if self.held.status is TRIALING and self.until is not None:
            return self.until
        return period_bounds(Recurrence(self.held.interval), self.clock.now(), anchor=self.anchor).end

    def settle(self) -> None:
        """Let pass what lies behind us."""
        while self.until is not None and self.until <= self.clock.now():
            self.held, self.following, self.until = self.following, None, None

    def keep(self) -> None:
        """Nothing is scheduled any more, but the end of a trial."""
        assert self.held is not None
        if self.held.status is TRIALING:
            self.following = replace(self.held, status=ACTIVE)
        else:
            self.following, self.until = None, None

    # ---- what happens ----

    @rule(days=st.sampled_from([0, 1, 13, 31, 400]), microseconds=st.sampled_from([0, 1]))
    def time_passes(self, days: int, microseconds: int) -> None:
        self.clock.advance(timedelta(days=days, microseconds=microseconds))
        self.settle()

    @rule()
    def time_passes_to_the_next_boundary(self) -> None:
        if self.until is not None:
            self.clock.set(self.until)
            self.settle()

    @initialize(wanted=BEGINNINGS)
    def begins(self, wanted: dict[str, Any]) -> None:
        self.starts(**wanted)

    @rule(wanted=BEGINNINGS)
    def begins_again(self, wanted: dict[str, Any]) -> None:
        self.starts(**wanted)

    def starts(self, plan: str, interval: str, quantity: int, trial_days: int | None) -> None:
        command = subscriptions.StartSubscription(plan, Recurrence(interval), quantity=quantity, trial_days=trial_days)
        begin = self.attempt(lambda: subscriptions.start_subscription(self.environment_id, self.customer, command))
        assert begin == (self.held is None and not _has_no_seats(plan, quantity))
        if begin:
            self.anchor = self.clock.now() + timedelta(days=trial_days or 0)
            self.held = Held(plan, interval, quantity, TRIALING if trial_days else ACTIVE)
            self.until = self.anchor if trial_days else None
            self.keep()

    @precondition(lambda self: self.held is not None)
    @rule(wish=WISHES)
    def changes(self, wish: dict[str, Any]) -> None:
        interval = Recurrence(wish["interval"]) if "interval" in wish else None
        command = subscriptions.ChangeSubscription(**{**wish, "interval": interval})
        assert self.held is not None
        before = self.held
        wanted = replace(before, **wish)
        is_made = self.attempt(lambda: subscriptions.change_subscription(self.environment_id, self.customer, command))
        assert is_made == (not _has_no_seats(wanted.plan, wish.get("quantity", 1)))
        if not is_made:
            return
        if wanted.plan == "business":
            wanted = replace(wanted, quantity=1)
        self.keep()
        if wanted.is_less_than(before):
            self.until = self.period_end()
            self.following = replace(wanted, status=ACTIVE) if wanted.status is TRIALING else wanted
        elif wanted != before:
            if before.status is not TRIALING and wanted.interval != before.interval:
                self.anchor = self.clock.now()
            self.held = wanted
            self.keep()

    @rule(quantity=st.integers(0, 3))
    def sets_an_addon(self, quantity: int) -> None:
        self.attempt(
            lambda: subscriptions.set_addon(
                self.environment_id, self.customer, addon="extra_exports", quantity=quantity
            )
        )

    @precondition(lambda self: self.held is not None)
    @rule(when=st.sampled_from(When))
    def cancels(self, when: When) -> None:
        subscriptions.cancel_subscription(self.environment_id, self.customer, when=when)
        if when is When.NOW:
            self.held, self.until = None, None
        else:
            self.until = self.period_end()
        self.following = None

    @precondition(lambda self: self.held is not None)
    @rule()
    def undoes(self) -> None:
        self.attempt(lambda: subscriptions.undo_scheduled_changes(self.environment_id, self.customer))
        self.keep()

    @precondition(lambda self: self.held is not None and self.held.status is not TRIALING)
    @rule(status=st.sampled_from([ACTIVE, SubscriptionStatus.PAST_DUE, PAUSED]))
    def is_marked(self, status: SubscriptionStatus) -> None:
        subscriptions.set_status(self.environment_id, self.customer, status)
        assert self.held is not None
        if status is not self.held.status:
            self.held = replace(self.held, status=status)
            self.following = replace(self.following, status=status) if self.following else None

    @rule()
    def the_job_runs(self) -> None:
        apply_due_changes(self.clock.now())

    # ---- what must hold ----

    @invariant()
    def the_model_agrees(self) -> None:
        timeline = self.timeline()
        current = timeline.plan_at(self.clock.now())
        assert _told(current) == self.held
        assert (current.ends_at if current else None) == self.until
        if self.until is not None:
            assert _told(timeline.plan_at(self.until)) == self.following
        addons = sum(addon.choice.amount for addon in timeline.addons_at(self.clock.now()))
        assert mrr_at(timeline, self.clock.now()) == (self.held.mrr if self.held else 0) + addons

    @invariant()
    def at_most_one_phase_holds_at_any_instant(self) -> None:
        timeline = self.timeline()
        lines: tuple[tuple[PlanHolding | AddOnHolding, ...], ...] = (timeline.plans, timeline.addons)
        for phases in lines:
            ordered = sorted(phases, key=lambda phase: phase.starts_at)
            assert all(phase.ends_at is None or phase.starts_at < phase.ends_at for phase in ordered)
            assert all(one.ends_at is not None and one.ends_at <= two.starts_at for one, two in pairwise(ordered))

    @invariant()
    def what_follows_begins_where_the_plan_ends(self) -> None:
        now = self.clock.now()
        to_come = [plan for plan in self.timeline().plans if plan.ends_at is None or plan.ends_at > now]
        assert all(one.ends_at == two.starts_at for one, two in pairwise(to_come))

    @invariant()
    def the_ledger_adds_up_to_what_is_paid(self) -> None:
        apply_due_changes(self.clock.now())
        rows = self.ledger()
        assert all(one.mrr_after == two.mrr_before for one, two in pairwise(rows))
        assert all(one.at <= two.at for one, two in pairwise(rows))
        paid = mrr_at(self.timeline(), self.clock.now())
        assert sum(row.mrr_after - row.mrr_before for row in rows) == paid
        self.seen.append((self.clock.now(), self.held.plan if self.held else None, paid))

    def teardown(self) -> None:
        """History is never rewritten, and the ledger tells the MRR of every instant that was seen."""
        timeline, rows = self.timeline(), self.ledger()
        last_at = {at: (plan, mrr) for at, plan, mrr in self.seen}
        for at, (plan, mrr) in last_at.items():
            held = timeline.plan_at(at)
            assert (held.choice.plan if held else None, mrr_at(timeline, at)) == (plan, mrr)
            assert next((row.mrr_after for row in reversed(rows) if row.at <= at), 0) == mrr
        for instant, changes in groupby(rows, key=lambda row: row.at):
            assert mrr_at(timeline, instant - timedelta(microseconds=1)) == next(changes).mrr_before

    # ---- access to the rooms ----

    def attempt(self, action: Callable[[], Any]) -> bool:
        try:
            action()
        except Problem:
            return False
        return True

    def timeline(self) -> Timeline:
        db.session.rollback()
        return queries.situation(self.environment_id, self.customer).timeline

    def ledger(self) -> list[MrrChangeRow]:
        db.session.rollback()
        return list(
            db.session.scalars(
                select(MrrChangeRow).where(MrrChangeRow.customer == self.customer).order_by(MrrChangeRow.sequence)
            )
        )


def _has_no_seats(plan: str, quantity: int) -> bool:
    """Whether it is refused: Business is priced by the account, so there is one of it."""
    return plan == "business" and quantity != 1


def _told(phase: PlanHolding | None) -> Held | None:
    if phase is None:
        return None
    return Held(phase.choice.plan, phase.choice.interval.value, phase.choice.quantity, phase.status)


@pytest.fixture
def machine(publish: Callable[..., None], environment: Environment, clock: FixedClock) -> type[SubscriptionMachine]:
    publish()
    db.session.rollback()
    if db.engine.dialect.name == "sqlite":
        connection = db.engine.raw_connection()
        # Nobody pulls the plug here, and waiting for the disk is most of the time.
        connection.cursor().execute("PRAGMA synchronous = OFF")
        connection.close()
    return type("Machine", (SubscriptionMachine,), {"environment_id": environment.id, "clock": clock, "lives": 0})


def test_any_life_of_a_subscription_keeps_phases_and_ledger_true(
    machine: type[SubscriptionMachine], *, full_volume: bool
) -> None:
    settings = hypothesis.settings(
        max_examples=2_000 if full_volume else 25,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    run_state_machine_as_test(machine, settings=settings)
