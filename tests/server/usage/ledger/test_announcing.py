"""Telling a customer's readers that a limit was reached or is reached no longer; what a crash left is told later."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from liftgate_server.customers.service import UpsertCustomer, upsert_customer
from liftgate_server.plumbing.changes import changes_after, latest_number
from liftgate_server.usage import crossings, ledger
from liftgate_server.usage.crossings import announce_crossings
from tests.server.usage.ledger.accounts import START, allowance, window

LIMIT = allowance(window(3, warn_at=(50,)))


@pytest.fixture
def told(account):
    """Give what changed since the last look, as kind, key and version."""
    upsert_customer(account.environment_id, "acme", UpsertCustomer(name="Acme"))
    seen = [latest_number(account.environment_id)]

    def look() -> list[tuple[str, str, int]]:
        page = changes_after(account.environment_id, seen[0])
        seen[0] = page.latest
        return [(change.kind.value, change.key, change.version) for change in page.changes]

    return look


@pytest.fixture
def announces_nothing(monkeypatch):
    """Be a server that ends as soon as it has counted."""
    monkeypatch.setattr(ledger, "announce_now", lambda *_: None)


def test_a_use_below_every_threshold_changes_nothing(account, told):
    account.consume(1, LIMIT)

    assert told() == []


def test_each_crossing_is_a_change_of_the_customer(account, told):
    account.consume(2, LIMIT)
    assert told() == [("customer", "acme", 2)]

    account.consume(1, LIMIT)
    assert told() == [("customer", "acme", 3)]
    assert account.fired() == [(50, True), (100, True)]


def test_a_customer_that_nobody_told_of_keeps_its_version(account):
    number = latest_number(account.environment_id)
    account.consume(3, LIMIT)

    (change,) = changes_after(account.environment_id, number).changes
    assert (change.key, change.version) == ("acme", 0)
    assert account.consume(1, LIMIT).granted is False


@pytest.mark.parametrize("end", ["refund", "release", "commit"])
def test_a_limit_that_is_reached_no_longer_is_announced(account, told, end):
    if end == "refund":
        account.consume(3, LIMIT, key="k")
    else:
        account.reserve(3, LIMIT, key="k")
    told()
    {"refund": account.refund, "release": account.release, "commit": lambda key: account.commit(key, 1)}[end]("k")

    assert told() == [("customer", "acme", 3)]


def test_a_refund_below_the_limit_is_no_news(account, told):
    account.consume(1, LIMIT, key="k")
    account.refund("k")

    assert told() == []


def test_a_limit_that_is_reached_again_is_announced_again(account, told):
    account.consume(3, LIMIT, key="k")
    account.refund("k", 1)
    told()
    posted = account.consume(1, LIMIT)

    assert posted.crossed == ()
    assert told() == [("customer", "acme", 4)]


def test_an_expired_reservation_is_announced(account, told):
    account.reserve(3, LIMIT, seconds=1)
    told()
    ledger.expire(account.environment_id, "acme", "exports", at=START.replace(hour=10))

    assert told() == [("customer", "acme", 3)]


def test_what_a_crash_left_is_announced_by_the_periodic_work(account, told, announces_nothing):
    account.consume(3, LIMIT)
    assert told() == []

    assert announce_crossings(START) == 1
    assert told() == [("customer", "acme", 2)]
    assert announce_crossings(START) == 0


def test_a_database_that_cannot_announce_does_not_fail_what_was_counted(account, told, monkeypatch):
    def fail(*_: Any) -> bool:
        raise OperationalError("a statement", {}, Exception("busy"))

    monkeypatch.setattr(crossings, "announce", fail)

    assert account.consume(3, LIMIT).granted
    assert account.fired() == [(50, False), (100, False)]
