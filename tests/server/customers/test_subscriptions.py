"""Starting, changing, cancelling and undoing a subscription, each as a claim."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from liftgate.engine.catalogue_model import Recurrence
from liftgate.engine.customer_state import SubscriptionStatus
from liftgate_server.customers.timeline import When
from liftgate_server.plumbing.clock import FixedClock
from tests.server.customers.account import Account, Ledger, code_of, end_of, held, scheduled

MONTH, YEAR = Recurrence.MONTH, Recurrence.YEAR


def test_a_second_start_is_refused(account: Account) -> None:
    account.start()
    assert code_of(account.start) == "already_subscribed"


def test_periods_start_at_the_first_payment_and_return_to_its_day(account: Account, clock: FixedClock) -> None:
    clock.set(datetime(2027, 1, 31, 10, tzinfo=UTC))
    account.start()
    clock.set(datetime(2027, 3, 1, tzinfo=UTC))
    period = account.now().period
    assert period == (datetime(2027, 2, 28, 10, tzinfo=UTC), datetime(2027, 3, 31, 10, tzinfo=UTC))


def test_a_higher_plan_applies_at_once(account: Account, clock: FixedClock, ledger: Ledger) -> None:
    account.start("pro")
    clock.advance(timedelta(days=3))
    subscription = account.change(plan="business")
    assert held(subscription).choice.plan == "business"
    assert ledger()[-1] == ("expansion", 2900, 9900)


def test_an_upgrade_keeps_the_billing_day(account: Account, clock: FixedClock) -> None:
    period = account.start("pro").period
    clock.advance(timedelta(days=3))
    assert account.change(plan="business").period == period


def test_a_year_runs_from_the_day_it_was_bought(account: Account, clock: FixedClock) -> None:
    account.start("pro")
    clock.advance(timedelta(days=3))
    period = account.change(interval=YEAR).period
    assert period == (clock.now(), clock.now().replace(year=2027))


def test_a_lower_plan_waits_for_the_periods_end(account: Account, clock: FixedClock, ledger: Ledger) -> None:
    end = end_of(account.start("business"))
    subscription = account.change(plan="pro")
    assert held(subscription).choice.plan == "business"
    assert held(subscription).ends_at == end == scheduled(subscription).starts_at
    assert ledger() == [("new", 0, 9900)]


def test_a_scheduled_downgrade_takes_effect_without_a_job(account: Account, clock: FixedClock) -> None:
    end = end_of(account.start("business"))
    account.change(plan="pro")
    clock.set(end - timedelta(microseconds=1))
    assert held(account.now()).choice.plan == "business"
    clock.set(end)
    assert held(account.now()).choice.plan == "pro"


@pytest.mark.parametrize(
    ("begin", "less"),
    [
        ({"plan": "pro", "quantity": 5}, {"quantity": 4}),
        ({"plan": "pro", "interval": YEAR}, {"interval": MONTH}),
        ({"plan": "pro", "interval": YEAR}, {"interval": MONTH, "quantity": 9}),
        ({"plan": "business"}, {"plan": "free"}),
    ],
    ids=["fewer seats", "month after year", "more seats but a month", "free"],
)
def test_less_waits_for_the_periods_end(account: Account, begin: dict[str, Any], less: dict[str, Any]) -> None:
    before = held(account.start(**begin)).choice
    subscription = account.change(**less)
    assert held(subscription).choice == before
    assert scheduled(subscription).starts_at == end_of(subscription)


@pytest.mark.parametrize("more", [{"quantity": 6}, {"interval": YEAR}, {"plan": "business"}])
def test_more_applies_at_once(account: Account, more: dict[str, Any]) -> None:
    account.start("pro", quantity=5)
    subscription = account.change(**more)
    assert {name: getattr(held(subscription).choice, name) for name in more} == more
    assert subscription.scheduled is None


def test_choosing_the_old_plan_again_undoes_a_downgrade(account: Account, clock: FixedClock) -> None:
    before = held(account.start("business"))
    account.change(plan="pro")
    clock.advance(timedelta(days=1))
    subscription = account.change(plan="business")
    assert (subscription.current, subscription.scheduled) == (before, None)


def test_an_upgrade_replaces_a_scheduled_downgrade(account: Account, clock: FixedClock) -> None:
    account.start("pro", quantity=5)
    account.change(quantity=2)
    clock.advance(timedelta(days=1))
    subscription = account.change(plan="business")
    assert (held(subscription).choice.plan, subscription.scheduled) == ("business", None)


def test_a_second_downgrade_replaces_the_first(account: Account) -> None:
    account.start("business")
    account.change(plan="pro")
    subscription = account.change(plan="free")
    assert scheduled(subscription).choice.plan == "free"


def test_a_cancellation_at_the_periods_end_keeps_everything_until_then(account: Account, clock: FixedClock) -> None:
    account.start("pro")
    subscription = account.cancel(When.PERIOD_END)
    assert subscription.cancel_at == end_of(subscription)
    clock.set(end_of(subscription))
    ended = account.now()
    assert (ended.current, ended.last and ended.last.choice.plan, ended.mrr) == (None, "pro", 0)


def test_there_is_nothing_to_undo_when_nothing_is_scheduled(account: Account) -> None:
    account.start("pro")
    assert code_of(account.undo) == "nothing_to_undo"


def test_changes_need_a_subscription(account: Account) -> None:
    assert code_of(lambda: account.change(plan="pro")) == "not_subscribed"
    assert code_of(lambda: account.cancel(When.NOW)) == "not_subscribed"
    assert code_of(lambda: account.mark(SubscriptionStatus.PAUSED)) == "not_subscribed"
