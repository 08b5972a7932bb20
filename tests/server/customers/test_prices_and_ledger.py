"""Prices, currencies, pinned versions, and the MRR ledger that follows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from liftgate.engine.catalogue_model import Recurrence
from liftgate.engine.customer_state import SubscriptionStatus
from liftgate_server.access.queries import Environment
from liftgate_server.customers import queries, service
from liftgate_server.customers.due_changes import apply_due_changes
from liftgate_server.customers.timeline import When
from liftgate_server.plumbing.clock import FixedClock
from tests.server.customers.account import Account, Ledger, code_of, end_of, held, scheduled

MONTH, YEAR = Recurrence.MONTH, Recurrence.YEAR


def test_a_start_pins_the_version_and_the_price(account: Account, ledger: Ledger) -> None:
    subscription = account.start("pro", quantity=5)
    choice = held(subscription).choice
    assert (choice.plan, choice.plan_version, choice.unit_amount, choice.amount) == ("pro", 1, 2900, 14500)
    assert ledger() == [("new", 0, 14500)]


def test_coming_back_after_a_cancellation_is_a_reactivation(
    account: Account, clock: FixedClock, ledger: Ledger
) -> None:
    account.start("pro")
    clock.set(end_of(account.cancel(When.PERIOD_END)) + timedelta(days=9))
    account.start("business")
    assert ledger() == [("new", 0, 2900), ("churn", 2900, 0), ("reactivation", 0, 9900)]


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
    assert apply_due_changes(clock.now()) == 1
    assert apply_due_changes(clock.now()) == 0
    page = queries.mrr_changes(account.environment_id, customer_id="acme")
    assert [(change.at, change.mrr_after) for change in page.items][1:] == [(end, 2900)]


def test_a_change_books_what_fell_due_before_it(account: Account, clock: FixedClock, ledger: Ledger) -> None:
    account.start("business")
    clock.set(end_of(account.change(plan="pro")) + timedelta(days=1))
    account.change(plan="business")
    assert ledger() == [("new", 0, 9900), ("contraction", 9900, 2900), ("expansion", 2900, 9900)]
