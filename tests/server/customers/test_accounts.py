"""Lists of accounts: who has which plan in which state, found by search, plan and status."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import event

from liftgate.engine.catalogue_model import Recurrence
from liftgate.engine.customer_state import SubscriptionStatus
from liftgate_server.customers import service
from liftgate_server.customers import subscription_service as subscriptions
from liftgate_server.customers.accounts import AccountFilter, AccountStatus, accounts
from liftgate_server.customers.timeline import When
from liftgate_server.plumbing.db import db

Listed = Callable[..., list[str]]


@pytest.fixture
def customer(publish, environment) -> Callable[..., str]:
    """Make a customer, with a plan where one is named."""
    publish()

    def make(id: str, plan: str | None = None, **more) -> str:
        service.upsert_customer(environment.id, id, service.UpsertCustomer(name=f"The {id}"))
        if plan is not None:
            command = subscriptions.StartSubscription(plan, Recurrence.MONTH, **more)
            subscriptions.start_subscription(environment.id, id, command)
        return id

    return make


@pytest.fixture
def listed(environment) -> Listed:
    return lambda **wanted: [account.customer.id for account in accounts(environment.id, AccountFilter(**wanted)).items]


@pytest.fixture
def statements(in_app) -> Iterator[list[str]]:
    """The statements sent to the database."""
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield sent
    event.remove(db.engine, "before_cursor_execute", note)


def test_an_account_is_listed_with_its_plan_status_and_revenue(environment, customer):
    customer("acme", "pro", quantity=3)
    subscriptions.set_addon(environment.id, "acme", addon="extra_exports", quantity=1)

    (account,) = accounts(environment.id, AccountFilter()).items

    assert account.plan is not None
    assert (account.plan.choice.plan, account.status, account.mrr, account.currency) == (
        "pro",
        AccountStatus.ACTIVE,
        3 * 2900 + 900,
        "EUR",
    )


def test_an_account_without_a_subscription_pays_nothing(environment, customer):
    customer("acme")

    (account,) = accounts(environment.id, AccountFilter()).items

    assert (account.plan, account.status, account.mrr) == (None, AccountStatus.NONE, 0)


def test_accounts_are_found_by_plan(customer, listed):
    customer("a", "pro")
    customer("b", "business")
    customer("c", "pro")

    assert listed(plan="pro") == ["a", "c"]


def test_who_holds_the_default_plan_is_found_by_it(customer, listed):
    customer("a", "pro")
    customer("b")
    customer("c", "free")

    assert listed(plan="free", or_no_subscription=True) == ["b", "c"]


def test_accounts_are_found_by_status(environment, customer, listed):
    customer("a", "pro", trial_days=14)
    customer("b", "pro")
    customer("c", "pro")
    customer("d")
    subscriptions.set_status(environment.id, "c", SubscriptionStatus.PAST_DUE)

    found = {status: listed(status=status) for status in AccountStatus}

    assert found == {
        AccountStatus.TRIALING: ["a"],
        AccountStatus.ACTIVE: ["b"],
        AccountStatus.PAST_DUE: ["c"],
        AccountStatus.PAUSED: [],
        AccountStatus.NONE: ["d"],
    }


def test_a_subscription_that_ended_is_found_no_more(environment, customer, listed):
    customer("acme", "pro")
    subscriptions.cancel_subscription(environment.id, "acme", when=When.NOW)

    assert (listed(plan="pro"), listed(status=AccountStatus.NONE)) == ([], ["acme"])


def test_search_plan_and_status_hold_together(customer, listed):
    customer("acme", "pro")
    customer("acre", "business")
    customer("bolt", "pro")

    assert listed(search="AC", plan="pro", status=AccountStatus.ACTIVE) == ["acme"]
    assert listed(search="the b", plan="pro") == ["bolt"]


@pytest.mark.parametrize("wanted", [{}, {"plan": "pro"}, {"status": AccountStatus.NONE}, {"search": "a"}])
def test_pages_follow_each_other_without_gap(environment, customer, wanted):
    for number in range(5):
        customer(f"a{number}", None if "status" in wanted else "pro")

    first = accounts(environment.id, AccountFilter(**wanted), limit=3)
    second = accounts(environment.id, AccountFilter(**wanted), limit=3, cursor=first.next_cursor)

    assert [account.customer.id for account in (*first.items, *second.items)] == ["a0", "a1", "a2", "a3", "a4"]
    assert second.next_cursor is None


def test_a_longer_list_takes_no_more_statements(environment, customer, statements):
    customer("a0", "pro")
    statements.clear()
    accounts(environment.id, AccountFilter())
    for_one = len(statements)
    for number in range(1, 12):
        customer(f"a{number}", "pro")
    statements.clear()

    accounts(environment.id, AccountFilter())

    assert len(statements) == for_one


@pytest.mark.parametrize(
    ("wanted", "index"), [({"plan": "pro"}, "ix_plan_phases_plan"), ({"status": "active"}, "ix_plan_phases_status")]
)
def test_a_filter_is_read_by_its_index(environment, customer, statements, wanted, index):
    customer("acme", "pro")
    statements.clear()
    accounts(environment.id, AccountFilter(plan=wanted.get("plan"), status=_status(wanted)))
    if db.engine.dialect.name != "sqlite":
        return
    paged = next(statement for statement in statements if "page_key_0" in statement)

    plan = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {paged}", _nothing_for(paged)).all()

    assert index in str(plan)
    assert "TEMP B-TREE" not in str(plan)


def _status(wanted: dict[str, str]) -> AccountStatus | None:
    return AccountStatus(wanted["status"]) if "status" in wanted else None


def _nothing_for(statement: str) -> tuple[None, ...]:
    return (None,) * statement.count("?")
