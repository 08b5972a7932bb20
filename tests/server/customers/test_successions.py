"""Versions that end, on the server: told by the clock, written down in batches, once, with the ledger in agreement."""

# size: one story from the publication to the ledger, told by the same few helpers

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from liftgate.engine.catalogue_model import Cap, Entitlement, Incentive, Recurrence
from liftgate.engine.customer_state import GrantKind
from liftgate_server.access.queries import Environment
from liftgate_server.catalog.document import SourceDocument
from liftgate_server.customers import catching_up, grant_service, purchases, queries, service, successions
from liftgate_server.customers.choices import PlanWish
from liftgate_server.customers.due_changes import apply_due_changes
from liftgate_server.customers.endings import endings_of
from liftgate_server.customers.facts import Attribution
from liftgate_server.customers.incentives import Move, give_incentive
from liftgate_server.customers.models import GrantRow, MrrChangeRow, PlanPhaseRow
from liftgate_server.customers.timeline import When
from liftgate_server.entitlements.service import load_customer
from liftgate_server.plumbing import audit
from liftgate_server.plumbing.clock import FixedClock
from liftgate_server.plumbing.db import db, transaction
from liftgate_server.publishing.facts import Audience, Terms
from liftgate_server.publishing.service import publish as publish_on_terms
from tests.server.customers.account import Account, Ledger, code_of, held
from tests.server.customers.conftest import catalogue_document

THANKS = Incentive("exports", Entitlement("exports", caps=(Cap(50, Recurrence.MONTH),)), days=14)
Replace = Callable[..., datetime]


@pytest.fixture
def replace_pro(in_app: Flask, environment: Environment, clock: FixedClock) -> Replace:
    """Publish a dearer and larger Pro for all from a date, and return the date."""

    def publish(
        change: Callable[[dict[str, Any]], None] | None = None, *, days: int = 60, incentive: Incentive | None = None
    ) -> datetime:
        document = catalogue_document()
        pro = document["plans"]["pro"]
        pro["entitlements"]["exports"]["limit"] = 200
        for price in pro["prices"]:
            price["amount"] *= 2
        if change is not None:
            change(document)
        starts_at = clock.now() + timedelta(days=days)
        terms = Terms(audience=Audience.ALL, starts_at=starts_at, incentive=incentive)
        publish_on_terms(environment.id, SourceDocument(document), terms=terms)
        return starts_at

    return publish


def phases() -> list[tuple[int, int, datetime, datetime | None]]:
    db.session.rollback()
    rows = db.session.scalars(db.select(PlanPhaseRow).order_by(PlanPhaseRow.customer, PlanPhaseRow.starts_at))
    return [(row.plan_version, row.unit_amount, row.starts_at, row.ends_at) for row in rows]


def causes() -> list[str]:
    db.session.rollback()
    return list(
        db.session.scalars(db.select(MrrChangeRow.cause).order_by(MrrChangeRow.customer, MrrChangeRow.sequence))
    )


def given() -> list[GrantRow]:
    db.session.rollback()
    return list(db.session.scalars(db.select(GrantRow).where(GrantRow.given_for.is_not(None))))


def test_publishing_for_all_from_a_date_rewrites_nothing(account: Account, replace_pro: Replace) -> None:
    account.start(quantity=3)
    before, version = phases(), account.version()

    replace_pro()

    assert (phases(), account.version()) == (before, version)
    assert held(account.now()).choice.plan_version == 1


def test_from_the_date_on_the_subscription_reads_as_the_new_version_before_anything_is_written(
    account: Account, replace_pro: Replace, clock: FixedClock
) -> None:
    account.start(quantity=3)
    starts_at = replace_pro()
    clock.set(starts_at)

    choice = held(account.now()).choice

    assert (choice.plan_version, choice.unit_amount, account.now().mrr) == (2, 5800, 3 * 5800)
    assert len(phases()) == 1


def test_the_job_cuts_the_phase_at_the_date_and_books_the_difference_there(
    account: Account, replace_pro: Replace, clock: FixedClock, ledger: Ledger
) -> None:
    account.start(quantity=3)
    started, starts_at = clock.now(), replace_pro()
    clock.set(starts_at + timedelta(days=2))
    told = account.now()

    moved = successions.apply_successions(clock.now())

    assert moved == 1
    assert phases() == [(1, 2900, started, starts_at), (2, 5800, starts_at, None)]
    assert ledger() == [("new", 0, 8700), ("expansion", 8700, 17400)]
    assert causes() == ["started", "grandfathering_ended"]
    assert list(db.session.scalars(db.select(MrrChangeRow.at).order_by(MrrChangeRow.sequence))) == [started, starts_at]
    assert account.now().mrr == told.mrr == 17400


def test_nobody_is_moved_twice(account: Account, replace_pro: Replace, clock: FixedClock, ledger: Ledger) -> None:
    account.start()
    clock.set(replace_pro())

    counts = [successions.apply_successions(clock.now()) for _ in range(3)]

    assert counts == [1, 0, 0]
    assert len(ledger()) == 2


def test_nothing_is_moved_before_the_date(account: Account, replace_pro: Replace, clock: FixedClock) -> None:
    account.start()
    clock.set(replace_pro() - timedelta(microseconds=1))

    assert successions.apply_successions(clock.now()) == 0
    assert held(account.now()).choice.plan_version == 1


def test_progress_is_told_and_ends(
    account: Account, replace_pro: Replace, clock: FixedClock, environment: Environment
) -> None:
    account.start()
    for number in range(4):
        customer = service.upsert_customer(environment.id, f"c{number}", service.UpsertCustomer()).id
        Account(environment.id, customer).start()
    clock.set(replace_pro())

    told = []
    for _ in range(4):
        successions.apply_successions(clock.now(), limit=2)
        (progress,) = queries.succession_progress(environment.id)
        told.append((progress.moved, progress.left, progress.finished_at is not None))

    assert told == [(2, 3, False), (4, 1, False), (5, 0, True), (5, 0, True)]


def test_a_run_that_breaks_off_is_gone_on_with(
    account: Account,
    replace_pro: Replace,
    clock: FixedClock,
    environment: Environment,
    ledger: Ledger,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    account.start()
    for name in ("bolt", "core"):
        Account(environment.id, service.upsert_customer(environment.id, name, service.UpsertCustomer()).id).start()
    clock.set(replace_pro())
    monkeypatch.setattr(successions, "_BATCH", 1)
    catch_up, calls = catching_up.catch_up, []

    def crash_at_the_second(*arguments: Any, **more: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return catch_up(*arguments, **more)

    monkeypatch.setattr(successions, "catch_up", crash_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        successions.apply_successions(clock.now())

    assert successions.apply_successions(clock.now()) == 2
    assert [row[0] for row in ledger()] == ["new", "expansion"] * 3
    assert queries.succession_progress(environment.id)[0].moved == 3


def test_an_account_that_fails_holds_up_no_other(
    account: Account, replace_pro: Replace, clock: FixedClock, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.start()
    Account(environment.id, service.upsert_customer(environment.id, "bolt", service.UpsertCustomer()).id).start()
    clock.set(replace_pro())
    catch_up = catching_up.catch_up

    def fail_for_acme(session: Any, row: Any, *rest: Any, **more: Any) -> Any:
        if row.id == "acme":
            raise ValueError("broken")
        return catch_up(session, row, *rest, **more)

    monkeypatch.setattr(successions, "catch_up", fail_for_acme)
    moved = successions.apply_successions(clock.now())

    (progress,) = queries.succession_progress(environment.id)
    assert (moved, progress.moved, progress.left, progress.finished_at) == (1, 1, 1, None)


def test_a_change_after_the_date_starts_from_the_new_version(
    account: Account, replace_pro: Replace, clock: FixedClock, ledger: Ledger
) -> None:
    account.start(quantity=3)
    clock.set(replace_pro() + timedelta(days=1))

    account.change(quantity=4)

    assert held(account.now()).choice.unit_amount == 5800
    assert ledger() == [("new", 0, 8700), ("expansion", 8700, 17400), ("expansion", 17400, 23200)]
    assert successions.apply_successions(clock.now()) == 0


def test_what_falls_due_is_booked_in_the_order_of_the_instants(
    account: Account, replace_pro: Replace, clock: FixedClock, ledger: Ledger
) -> None:
    account.start()
    replace_pro(days=10)
    account.cancel(When.PERIOD_END)
    clock.advance(timedelta(days=40))

    apply_due_changes(clock.now())

    assert ledger() == [("new", 0, 2900), ("expansion", 2900, 5800), ("churn", 5800, 0)]


def test_a_scheduled_phase_in_an_ended_version_begins_in_the_new_one(
    account: Account, replace_pro: Replace, clock: FixedClock
) -> None:
    account.start("business")
    account.change(plan="pro")
    clock.set(replace_pro(days=10))

    successions.apply_successions(clock.now())

    assert [(version, amount) for version, amount, _, _ in phases()] == [(1, 9900), (2, 5800)]


def test_without_a_price_for_it_the_agreed_amount_goes_on(
    account: Account, replace_pro: Replace, clock: FixedClock, ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    account.start(quantity=2)
    starts_at = replace_pro(lambda document: document["plans"]["pro"].update(prices=[]))
    clock.set(starts_at)

    successions.apply_successions(clock.now())

    assert [(version, amount) for version, amount, _, _ in phases()] == [(1, 2900), (2, 2900)]
    assert ledger() == [("new", 0, 5800)]
    assert "agreed_price_kept" in capsys.readouterr().out


def test_the_state_holds_every_version_of_the_chain(
    account: Account, replace_pro: Replace, clock: FixedClock, environment: Environment
) -> None:
    account.start()
    replace_pro(days=10)
    replace_pro(lambda document: document["plans"]["pro"].update(name={"en": "Pro 3"}), days=20)
    replace_pro(lambda document: document["plans"]["pro"].update(name={"en": "Pro 4"}), days=30)

    loaded = load_customer(environment.id, "acme", at=None)

    successors = loaded.snapshot.plan_successions
    assert {"pro@1"} <= loaded.state.pinned_plans.keys()
    assert {f"pro@{one.to_version}" for one in successors.values()} <= {*loaded.state.pinned_plans, "pro@4"}


# ---- moving early ----


def test_moving_early_takes_the_new_version_and_brings_the_incentive_once(
    account: Account, replace_pro: Replace, clock: FixedClock
) -> None:
    account.start(quantity=3)
    replace_pro(incentive=THANKS)

    moved = account.change(to_current_version=True)
    account.change(to_current_version=True)

    grants = given()
    assert (held(moved).choice.plan_version, held(moved).choice.quantity, moved.mrr) == (2, 3, 17400)
    assert [(grant.kind, grant.feature, grant.given_for) for grant in grants] == [("promotion", "exports", "pro@1")]
    assert grants[0].ends_at == clock.now() + timedelta(days=14)
    assert causes() == ["started", "version_changed"]


def test_a_version_is_left_once(
    account: Account, replace_pro: Replace, clock: FixedClock, environment: Environment
) -> None:
    before = held(account.start())
    replace_pro(incentive=THANKS)
    after = held(account.change(to_current_version=True))

    with transaction(environment.id) as session:
        row = service.lock_customer(session, environment.id, "acme")
        give_incentive(session, row, Move(before, after, clock.now()), endings_of(environment.id))

    assert len(given()) == 1


def test_from_the_date_on_nobody_is_thanked(account: Account, replace_pro: Replace, clock: FixedClock) -> None:
    account.start()
    clock.set(replace_pro(incentive=THANKS))

    account.change(to_current_version=True)
    successions.apply_successions(clock.now())

    assert held(account.now()).choice.plan_version == 2
    assert given() == []


def test_the_owner_may_order_the_new_version_of_their_own_plan(
    account: Account, replace_pro: Replace, environment: Environment
) -> None:
    account.start(quantity=3)
    replace_pro(incentive=THANKS)

    choice = purchases.price_plan(environment.id, "acme", PlanWish("pro", Recurrence.MONTH))
    purchases.buy(environment.id, "acme", choice, attribution=Attribution())

    assert (choice.plan_version, choice.amount) == (2, 3 * 5800)
    assert held(account.now()).choice == choice
    assert len(given()) == 1


def test_more_seats_leave_the_version_alone(account: Account, replace_pro: Replace, environment: Environment) -> None:
    account.start(quantity=3)
    replace_pro(incentive=THANKS)

    choice = purchases.price_plan(environment.id, "acme", PlanWish("pro", Recurrence.MONTH, quantity=5))

    assert (choice.plan_version, choice.unit_amount) == (1, 2900)


def test_without_an_end_the_same_plan_is_no_upgrade(
    account: Account, publish: Callable[..., None], environment: Environment
) -> None:
    account.start()
    publish(lambda document: document["plans"]["pro"]["entitlements"]["exports"].update(limit=200))

    wish = PlanWish("pro", Recurrence.MONTH)

    assert code_of(lambda: purchases.price_plan(environment.id, "acme", wish)) == "not_an_upgrade"


def test_an_order_of_an_earlier_version_brings_the_one_that_followed_at_the_price_agreed_on(
    account: Account, replace_pro: Replace, clock: FixedClock, environment: Environment
) -> None:
    choice = purchases.price_plan(environment.id, "acme", PlanWish("pro", Recurrence.MONTH))
    clock.set(replace_pro(days=1))

    purchases.buy(environment.id, "acme", choice, attribution=Attribution())

    assert (held(account.now()).choice.plan_version, account.now().mrr) == (2, 2900)


# ---- archived, and the plan's own trial ----


def archive(document: dict[str, Any]) -> None:
    document["plans"]["pro"]["archived"] = True
    document["addons"]["support"]["archived"] = True


@pytest.mark.parametrize(
    "attempt",
    [
        lambda account: account.start("pro"),
        lambda account: purchases.price_plan(account.environment_id, "acme", PlanWish("pro", Recurrence.MONTH)),
        lambda account: account.addon("support", 1),
        lambda account: grant_service.create_grant(
            account.environment_id, "acme", grant_service.CreateGrant(GrantKind.TRIAL, plan="pro")
        ),
    ],
)
def test_what_is_archived_cannot_be_had(
    account: Account, publish: Callable[..., None], attempt: Callable[[Account], object]
) -> None:
    publish(archive)

    assert code_of(lambda: attempt(account)) == "archived"


def test_who_has_an_archived_plan_may_go_on_changing_it(account: Account, publish: Callable[..., None]) -> None:
    account.start(quantity=2)
    publish(archive)

    assert held(account.change(quantity=3)).choice.quantity == 3


def test_nobody_changes_to_an_archived_plan(account: Account, publish: Callable[..., None]) -> None:
    account.start("business")
    publish(archive)

    assert code_of(lambda: account.change(plan="pro")) == "archived"


def test_the_plans_own_trial_is_as_long_as_it_says(account: Account, publish: Callable[..., None]) -> None:
    publish(lambda document: document["plans"]["pro"].update(trial={"days": 9}))

    started = held(account.start(trial=True))

    assert started.is_trial
    assert started.ends_at == started.starts_at + timedelta(days=9)


def test_a_plan_without_a_trial_has_none_to_take(account: Account) -> None:
    assert code_of(lambda: account.start(trial=True)) == "no_trial"


# ---- seats ----


@pytest.mark.parametrize("quantity", [2, 50])
def test_a_price_by_the_account_is_for_one(account: Account, quantity: int) -> None:
    assert code_of(lambda: account.start("business", quantity=quantity)) == "invalid_request"
    account.start("business")
    assert code_of(lambda: account.change(quantity=quantity)) == "invalid_request"


def test_seats_do_not_follow_to_a_plan_priced_by_the_account(account: Account) -> None:
    account.start("pro", quantity=5)

    assert held(account.change(plan="business")).choice.quantity == 1


def test_a_change_is_in_the_audit_log(account: Account, environment: Environment) -> None:
    account.start(quantity=2)

    entry = _entries(environment)[0]

    assert (entry.action, entry.subject) == ("subscription.changed", "customer:acme")
    assert entry.before["plan"] is None
    assert (entry.after["plan"]["plan"], entry.after["mrr"]) == ("pro@1", 5800)


def _entries(environment: Environment) -> Any:
    db.session.rollback()
    return audit.entries(environment.id).items
