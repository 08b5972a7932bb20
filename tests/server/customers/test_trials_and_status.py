"""Trials that count nothing, and subscriptions that are past due or paused."""

from __future__ import annotations

from datetime import timedelta

from liftgate.engine.catalogue_model import Recurrence
from liftgate.engine.customer_state import SubscriptionStatus
from liftgate_server.customers.due_changes import apply_due_changes
from liftgate_server.customers.timeline import When
from liftgate_server.plumbing.clock import FixedClock
from tests.server.customers.account import Account, Ledger, code_of, end_of, held

MONTH, YEAR = Recurrence.MONTH, Recurrence.YEAR


def test_a_trial_counts_nothing_and_converts_by_itself(account: Account, clock: FixedClock, ledger: Ledger) -> None:
    subscription = account.start("pro", trial_days=14)
    assert held(subscription).status is SubscriptionStatus.TRIALING
    assert (subscription.mrr, subscription.scheduled, ledger()) == (0, None, [])
    clock.advance(timedelta(days=14))
    assert (held(account.now()).status, account.now().mrr) == (SubscriptionStatus.ACTIVE, 2900)
    assert apply_due_changes(clock.now()) == 1
    assert ledger() == [("new", 0, 2900)]


def test_a_trial_that_is_cancelled_never_pays(account: Account, clock: FixedClock, ledger: Ledger) -> None:
    account.start("pro", trial_days=14)
    end = end_of(account.cancel(When.PERIOD_END))
    assert end == clock.now() + timedelta(days=14)
    clock.set(end)
    apply_due_changes(clock.now())
    assert (account.now().current, ledger()) == (None, [])


def test_undoing_the_cancellation_of_a_trial_lets_it_convert_again(account: Account) -> None:
    before = account.start("pro", trial_days=14)
    account.cancel(When.PERIOD_END)
    after = account.undo()
    assert (after.current, after.cancel_at) == (before.current, None)


def test_an_upgrade_during_a_trial_keeps_the_trial(account: Account, clock: FixedClock) -> None:
    end = end_of(account.start("pro", trial_days=14))
    clock.advance(timedelta(days=2))
    subscription = account.change(plan="business")
    assert (held(subscription).choice.plan, held(subscription).status) == ("business", SubscriptionStatus.TRIALING)
    assert (held(subscription).ends_at, subscription.mrr) == (end, 0)


def test_past_due_keeps_counting_and_paused_does_not(account: Account, clock: FixedClock, ledger: Ledger) -> None:
    account.start("pro")
    assert account.mark(SubscriptionStatus.PAST_DUE).mrr == 2900
    clock.advance(timedelta(days=1))
    assert account.mark(SubscriptionStatus.PAUSED).mrr == 0
    account.mark(SubscriptionStatus.ACTIVE)
    assert ledger() == [("new", 0, 2900), ("churn", 2900, 0), ("reactivation", 0, 2900)]


def test_a_status_outlives_a_scheduled_downgrade(account: Account, clock: FixedClock) -> None:
    end = end_of(account.start("business"))
    account.change(plan="pro")
    account.mark(SubscriptionStatus.PAST_DUE)
    clock.set(end)
    assert (held(account.now()).choice.plan, held(account.now()).status) == ("pro", SubscriptionStatus.PAST_DUE)


def test_a_trial_cannot_be_paused(account: Account) -> None:
    account.start("pro", trial_days=14)
    assert code_of(lambda: account.mark(SubscriptionStatus.PAUSED)) == "subscription_trialing"
