"""A preview says what the change then does, and changes nothing itself."""

from __future__ import annotations

import pytest

from liftgate.engine.catalogue_model import Recurrence
from liftgate_server.customers.previews import preview_change, preview_start
from liftgate_server.customers.subscription_service import ChangeSubscription, StartSubscription
from tests.server.customers.account import Account, code_of, end_of, held, scheduled


@pytest.fixture
def preview(account: Account):
    def make(**wanted):
        return preview_change(account.environment_id, account.customer, ChangeSubscription(**wanted))

    return make


def test_an_upgrade_takes_effect_at_once(account: Account, preview, clock):
    account.start("pro")

    told = preview(plan="business")
    made = account.change(plan="business")

    assert (told.is_immediate, told.takes_effect_at) == (True, clock.now())
    assert told.plan.choice == held(made).choice
    assert (told.mrr_before, told.mrr_after) == (2900, made.mrr)


def test_a_downgrade_waits_for_the_end_of_the_period(account: Account, preview):
    account.start("business")

    told = preview(plan="pro")
    made = account.change(plan="pro")

    assert (told.is_immediate, told.takes_effect_at) == (False, end_of(made))
    assert told.plan.choice == scheduled(made).choice
    assert (told.mrr_before, told.mrr_after) == (9900, 2900)


def test_fewer_seats_wait_too(account: Account, preview):
    account.start("pro", quantity=5)

    assert (preview(quantity=3).is_immediate, preview(quantity=8).is_immediate) == (False, True)


def test_an_addon_that_the_new_plan_cannot_carry_is_named(account: Account, preview):
    account.start("pro")
    account.addon("extra_exports", 2)

    assert preview(plan="business").ending_addons == ("extra_exports",)
    assert preview(interval=Recurrence.YEAR).ending_addons == ()


def test_choosing_what_is_held_is_no_change(account: Account, preview):
    account.start("pro")

    assert preview(plan="pro").is_change is False


def test_a_preview_changes_nothing(account: Account, preview):
    account.start("pro")
    before = account.version()
    preview(plan="business")

    assert (account.version(), held(account.now()).choice.plan) == (before, "pro")


def test_a_trial_is_paid_for_after_its_end(account: Account):
    command = StartSubscription("pro", Recurrence.MONTH, trial_days=14)

    told = preview_start(account.environment_id, account.customer, command)

    assert told.plan.is_trial
    assert (told.mrr_before, told.mrr_after) == (0, 2900)


def test_what_would_be_refused_is_refused_in_the_preview(account: Account, preview):
    assert code_of(lambda: preview(plan="pro")) == "not_subscribed"
