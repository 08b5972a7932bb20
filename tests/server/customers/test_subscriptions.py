"""Each transition of a subscription, as a claim."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from liftgate.engine.catalogue_model import Recurrence
from liftgate.engine.customer_state import SubscriptionStatus
from liftgate_server.access.queries import Environment
from liftgate_server.customers import queries, service
from liftgate_server.customers import subscription_service as subscriptions
from liftgate_server.customers.facts import Subscription
from liftgate_server.customers.timeline import PlanHolding, When
from liftgate_server.plumbing.clock import FixedClock
from liftgate_server.plumbing.errors import Problem

MONTH, YEAR = Recurrence.MONTH, Recurrence.YEAR
Ledger = Callable[[], list[tuple[str, int, int]]]


class Account:
    """The customer of these tests, with short words for what happens to it."""

    def __init__(self, environment_id: int, customer: str) -> None:
        self.environment_id = environment_id
        self.customer = customer

    def start(self, plan: str = "pro", interval: Recurrence = MONTH, **more: Any) -> Subscription:
        command = subscriptions.StartSubscription(plan, interval, **more)
        return subscriptions.start_subscription(self.environment_id, self.customer, command)

    def change(self, **wanted: Any) -> Subscription:
        command = subscriptions.ChangeSubscription(**wanted)
        return subscriptions.change_subscription(self.environment_id, self.customer, command)

    def addon(self, addon: str, quantity: int) -> Subscription:
        return subscriptions.set_addon(self.environment_id, self.customer, addon=addon, quantity=quantity)

    def cancel(self, when: When) -> Subscription:
        return subscriptions.cancel_subscription(self.environment_id, self.customer, when=when)

    def undo(self) -> Subscription:
        return subscriptions.undo_scheduled_changes(self.environment_id, self.customer)

    def mark(self, status: SubscriptionStatus) -> Subscription:
        return subscriptions.set_status(self.environment_id, self.customer, status)

    def now(self) -> Subscription:
        return queries.subscription(self.environment_id, self.customer)

    def version(self) -> int | None:
        return queries.customer_version(self.environment_id, self.customer)


@pytest.fixture
def account(acme: str, environment: Environment) -> Account:
    return Account(environment.id, acme)


def held(subscription: Subscription) -> PlanHolding:
    assert subscription.current is not None
    return subscription.current


def end_of(subscription: Subscription) -> datetime:
    """The end of the current period."""
    assert subscription.period is not None
    return subscription.period.end


def scheduled(subscription: Subscription) -> PlanHolding:
    assert subscription.scheduled is not None
    return subscription.scheduled


def code_of(action: Callable[[], object]) -> str:
    with pytest.raises(Problem) as failure:
        action()
    return failure.value.code


def test_a_start_pins_the_version_and_the_price(account: Account, ledger: Ledger) -> None:
    subscription = account.start("pro", quantity=5)
    choice = held(subscription).choice
    assert (choice.plan, choice.plan_version, choice.unit_amount, choice.amount) == ("pro", 1, 2900, 14500)
    assert ledger() == [("new", 0, 14500)]


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


def test_a_cancellation_now_ends_plan_and_addons_now(account: Account, clock: FixedClock, ledger: Ledger) -> None:
    account.start("pro")
    account.addon("extra_exports", 2)
    clock.advance(timedelta(days=1))
    subscription = account.cancel(When.NOW)
    assert (subscription.current, subscription.addons) == (None, ())
    assert ledger()[-1] == ("churn", 4700, 0)


def test_undoing_a_cancellation_restores_plan_and_addons(account: Account) -> None:
    account.start("pro")
    before = account.addon("extra_exports", 2)
    account.cancel(When.PERIOD_END)
    after = account.undo()
    assert (after.current, after.addons, after.cancel_at) == (before.current, before.addons, None)


def test_there_is_nothing_to_undo_when_nothing_is_scheduled(account: Account) -> None:
    account.start("pro")
    assert code_of(account.undo) == "nothing_to_undo"


def test_changes_need_a_subscription(account: Account) -> None:
    assert code_of(lambda: account.change(plan="pro")) == "not_subscribed"
    assert code_of(lambda: account.cancel(When.NOW)) == "not_subscribed"
    assert code_of(lambda: account.mark(SubscriptionStatus.PAUSED)) == "not_subscribed"


def test_coming_back_after_a_cancellation_is_a_reactivation(
    account: Account, clock: FixedClock, ledger: Ledger
) -> None:
    account.start("pro")
    clock.set(end_of(account.cancel(When.PERIOD_END)) + timedelta(days=9))
    account.start("business")
    assert ledger() == [("new", 0, 2900), ("churn", 2900, 0), ("reactivation", 0, 9900)]


def test_a_trial_counts_nothing_and_converts_by_itself(account: Account, clock: FixedClock, ledger: Ledger) -> None:
    subscription = account.start("pro", trial_days=14)
    assert held(subscription).status is SubscriptionStatus.TRIALING
    assert (subscription.mrr, subscription.scheduled, ledger()) == (0, None, [])
    clock.advance(timedelta(days=14))
    assert (held(account.now()).status, account.now().mrr) == (SubscriptionStatus.ACTIVE, 2900)
    assert subscriptions.apply_due_changes(clock.now()) == 1
    assert ledger() == [("new", 0, 2900)]


def test_a_trial_that_is_cancelled_never_pays(account: Account, clock: FixedClock, ledger: Ledger) -> None:
    account.start("pro", trial_days=14)
    end = end_of(account.cancel(When.PERIOD_END))
    assert end == clock.now() + timedelta(days=14)
    clock.set(end)
    subscriptions.apply_due_changes(clock.now())
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


def test_more_of_an_addon_applies_at_once_and_less_waits(account: Account, clock: FixedClock, ledger: Ledger) -> None:
    account.start("pro")
    account.addon("extra_exports", 3)
    clock.advance(timedelta(days=1))
    subscription = account.addon("extra_exports", 1)
    (addon,) = subscription.addons
    assert (addon.holding.choice.quantity, addon.scheduled_quantity) == (3, 1)
    assert addon.holding.ends_at == end_of(subscription)
    clock.set(end_of(subscription))
    subscriptions.apply_due_changes(clock.now())
    assert ledger() == [("new", 0, 2900), ("expansion", 2900, 5600), ("contraction", 5600, 3800)]


def test_an_addon_set_to_none_ends_with_its_period(account: Account, clock: FixedClock) -> None:
    account.start("pro")
    account.addon("extra_exports", 3)
    subscription = account.addon("extra_exports", 0)
    assert subscription.addons[0].scheduled_quantity == 0
    clock.set(end_of(subscription))
    assert account.now().addons == ()


def test_setting_an_addon_to_what_is_held_undoes_its_reduction(account: Account) -> None:
    account.start("pro")
    before = account.addon("extra_exports", 3).addons
    account.addon("extra_exports", 1)
    assert account.addon("extra_exports", 3).addons == before


@pytest.mark.parametrize(
    ("addon", "quantity", "code"),
    [
        ("extra_exports", 11, "max_quantity_exceeded"),
        ("extra_exports", 0, "addon_not_held"),
        ("nothing", 1, "unknown_addon"),
    ],
)
def test_an_addon_that_cannot_be_held_is_refused(account: Account, addon: str, quantity: int, code: str) -> None:
    account.start("pro")
    assert code_of(lambda: account.addon(addon, quantity)) == code


def test_an_addon_must_be_allowed_with_the_plan(account: Account) -> None:
    account.start("business")
    assert code_of(lambda: account.addon("extra_exports", 1)) == "addon_not_allowed"


def test_an_addon_can_be_held_with_the_default_plan(account: Account, clock: FixedClock, ledger: Ledger) -> None:
    subscription = account.addon("extra_exports", 1)
    assert (subscription.current, subscription.mrr, ledger()) == (None, 900, [("new", 0, 900)])
    clock.advance(timedelta(days=1))
    end = account.cancel(When.PERIOD_END).addons[0].holding.ends_at
    assert end == datetime(2026, 12, 22, 9, tzinfo=UTC)


def test_an_addon_that_does_not_fit_the_next_plan_ends_with_the_old_one(account: Account, clock: FixedClock) -> None:
    account.start("pro")
    account.addon("extra_exports", 2)
    clock.advance(timedelta(days=1))
    assert account.change(plan="business").addons == ()


def test_an_addon_ends_where_a_scheduled_plan_excludes_it(
    account: Account, publish: Callable[..., None], clock: FixedClock, ledger: Ledger
) -> None:
    publish(lambda document: document["addons"]["extra_exports"].update(plans=["business"]))
    account.start("business")
    account.addon("extra_exports", 2)
    subscription = account.change(plan="pro")
    (addon,) = subscription.addons
    assert (addon.holding.ends_at, addon.holding.ends_with_plan) == (end_of(subscription), True)
    clock.set(end_of(subscription))
    subscriptions.apply_due_changes(clock.now())
    assert ledger()[-1] == ("contraction", 11700, 2900)


def test_keeping_the_plan_keeps_the_addon_but_not_one_that_was_removed(
    account: Account, publish: Callable[..., None]
) -> None:
    publish(lambda document: document["addons"]["extra_exports"].update(plans=["business"]))
    account.start("business")
    account.addon("extra_exports", 2)
    account.addon("support", 1)
    account.addon("support", 0)
    account.change(plan="pro")
    kept = {addon.holding.choice.addon: addon for addon in account.change(plan="business").addons}
    assert kept["extra_exports"].scheduled_quantity is None
    assert kept["support"].scheduled_quantity == 0


def test_a_yearly_addon_counts_a_twelfth_per_month(account: Account) -> None:
    account.start("pro")
    assert account.addon("support", 1).mrr == 2900 + 1000


def test_a_yearly_price_is_rounded_half_to_even(account: Account) -> None:
    assert account.start("pro", YEAR).mrr == 2417


def test_a_customer_has_one_currency_while_it_pays(account: Account, environment: Environment) -> None:
    account.start("pro", currency="USD")
    assert code_of(lambda: account.change(plan="business")) == "no_price"
    euro = service.UpsertCustomer(currency="EUR")
    assert code_of(lambda: service.upsert_customer(environment.id, "acme", euro)) == "currency_in_use"


def test_another_currency_may_be_chosen_after_the_end(account: Account, clock: FixedClock, ledger: Ledger) -> None:
    account.start("pro", currency="USD")
    clock.advance(timedelta(days=1))
    account.cancel(When.NOW)
    account.start("pro", currency="EUR")
    assert ledger() == [("new", 0, 3200), ("churn", 3200, 0), ("reactivation", 0, 2900)]


def test_subscribers_keep_their_version_when_the_plan_is_published_anew(
    account: Account, publish: Callable[..., None]
) -> None:
    account.start("pro")
    publish(lambda document: document["plans"]["pro"]["prices"][0].update(amount=3900))
    choice = held(account.change(quantity=2)).choice
    assert (choice.plan_version, choice.unit_amount) == (1, 2900)


def test_a_plan_that_was_withdrawn_can_still_be_left(account: Account, publish: Callable[..., None]) -> None:
    account.start("business")
    publish(lambda document: document["plans"].pop("business"))
    assert scheduled(account.change(plan="pro")).choice.plan == "pro"
    assert held(account.change(interval=YEAR)).choice.interval is YEAR


def test_a_price_that_cannot_be_stated_is_refused(account: Account, publish: Callable[..., None]) -> None:
    publish(lambda document: document["plans"]["pro"]["prices"][0].update(amount=2**53 - 1))
    assert code_of(lambda: account.start("pro", quantity=2)) == "amount_too_large"


def test_several_changes_in_one_instant_leave_no_phase_of_no_length(account: Account, ledger: Ledger) -> None:
    account.start("pro")
    account.change(quantity=2)
    account.change(plan="business")
    timeline = queries.situation(account.environment_id, account.customer).timeline
    assert [plan.choice.plan for plan in timeline.plans] == ["business"]
    assert ledger()[-1] == ("expansion", 5800, 9900)


def test_a_clock_that_runs_behind_never_turns_history_back(account: Account, clock: FixedClock) -> None:
    account.start("pro")
    clock.advance(timedelta(seconds=-2))
    account.change(plan="business")
    clock.advance(timedelta(seconds=2))
    assert held(account.now()).choice.plan == "business"


def test_each_change_raises_the_version_once_and_no_change_does_not(account: Account) -> None:
    before = account.version() or 0
    account.start("pro")
    account.change(plan="pro")
    account.mark(SubscriptionStatus.ACTIVE)
    assert account.version() == before + 1


def test_due_changes_are_booked_once_at_their_own_instant(account: Account, clock: FixedClock, ledger: Ledger) -> None:
    account.start("business")
    end = end_of(account.change(plan="pro"))
    clock.set(end + timedelta(days=40))
    assert subscriptions.apply_due_changes(clock.now()) == 1
    assert subscriptions.apply_due_changes(clock.now()) == 0
    page = queries.mrr_changes(account.environment_id, customer_id="acme")
    assert [(change.at, change.mrr_after) for change in page.items][1:] == [(end, 2900)]


def test_a_change_books_what_fell_due_before_it(account: Account, clock: FixedClock, ledger: Ledger) -> None:
    account.start("business")
    clock.set(end_of(account.change(plan="pro")) + timedelta(days=1))
    account.change(plan="business")
    assert ledger() == [("new", 0, 9900), ("contraction", 9900, 2900), ("expansion", 2900, 9900)]
