"""Add-ons of a subscription: more at once, less later, and never with a plan that excludes them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from liftgate.engine.catalogue_model import Recurrence
from liftgate_server.customers.due_changes import apply_due_changes
from liftgate_server.customers.timeline import When
from liftgate_server.plumbing.clock import FixedClock
from tests.server.customers.account import Account, Ledger, code_of, end_of

MONTH, YEAR = Recurrence.MONTH, Recurrence.YEAR


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


def test_more_of_an_addon_applies_at_once_and_less_waits(account: Account, clock: FixedClock, ledger: Ledger) -> None:
    account.start("pro")
    account.addon("extra_exports", 3)
    clock.advance(timedelta(days=1))
    subscription = account.addon("extra_exports", 1)
    (addon,) = subscription.addons
    assert (addon.holding.choice.quantity, addon.scheduled_quantity) == (3, 1)
    assert addon.holding.ends_at == end_of(subscription)
    clock.set(end_of(subscription))
    apply_due_changes(clock.now())
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
    apply_due_changes(clock.now())
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
