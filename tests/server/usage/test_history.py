"""What was used, by day, by user and by feature; the ledger a page at a time; where a customer stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from liftgate_server.usage import ledger, ledger_pages
from liftgate_server.usage.batches import record_batch
from liftgate_server.usage.facts import Operation
from liftgate_server.usage.history import days_of_use, feature_uses, features_used, top_users, users_of_feature
from liftgate_server.usage.ledger_pages import LedgerFilter, every_ledger_entry, ledger_page
from liftgate_server.usage.readings import DaysWanted
from liftgate_server.usage.standing import counters_now, crossings_of
from tests.server.conftest import START
from tests.server.usage.ledger_rows import NOVEMBER, OCTOBER, Host, base, fresh

pytestmark = pytest.mark.usefixtures("in_app")

LAST_DAYS = DaysWanted("exports", date(2026, 11, 1), date(2026, 11, 22))


@pytest.fixture
def acme(environment) -> int:
    """Nine entries of acme over three days and two users, one without a user, and one of another customer."""
    host = Host(environment.id)
    batch = [
        host.posting(f"k{n}", n, user=f"u{n % 2}", at=START - timedelta(days=n % 3), properties={"n": n})
        for n in range(1, 9)
    ]
    batch.append(host.posting("nobody", 10, at=START - timedelta(hours=1)))
    batch.append(host.posting("minutes", 30, feature="minutes_saved", allowance=None, user="u1"))
    batch.append(host.posting("k1", 50, customer="other"))
    record_batch(environment.id, batch)
    fresh()
    return environment.id


def test_days_add_up_units_uses_and_users(acme):
    found = days_of_use(acme, "acme", LAST_DAYS)

    assert [(day.day.day, day.units, day.uses, day.users) for day in found.items] == [
        (20, 15, 3, 2),
        (21, 12, 3, 2),
        (22, 19, 3, 2),
    ]
    assert found.items[-1].last_at == START


def test_days_of_one_user_are_that_users_alone(acme):
    found = days_of_use(acme, "acme", replace(LAST_DAYS, user="u1", first=date(2026, 11, 21)))

    assert [(day.day.day, day.units, day.uses) for day in found.items] == [(21, 8, 2), (22, 3, 1)]


def test_days_come_in_pages(acme):
    first = days_of_use(acme, "acme", LAST_DAYS, limit=2)
    rest = days_of_use(acme, "acme", LAST_DAYS, limit=2, cursor=first.next_cursor)

    assert [day.day.day for day in (*first.items, *rest.items)] == [20, 21, 22]
    assert rest.next_cursor is None


def test_users_come_by_name_and_the_first_is_nobody(acme):
    found = users_of_feature(acme, "acme", LAST_DAYS)

    assert [(user.user, user.units, user.uses) for user in found.items] == [(None, 10, 1), ("u0", 20, 4), ("u1", 16, 4)]


def test_top_users_used_most(acme):
    assert [user.user for user in top_users(acme, "acme", LAST_DAYS)] == ["u0", "u1"]
    assert [user.user for user in top_users(acme, "acme", LAST_DAYS, most=1)] == ["u0"]


def test_what_was_used_since_says_how_often_by_how_many_and_when_last(acme):
    found = {use.feature: use for use in feature_uses(acme, "acme", since=START - timedelta(days=1))}

    assert {(key, use.units, use.uses, use.users) for key, use in found.items()} == {
        ("exports", 31, 6, 2),
        ("minutes_saved", 30, 1, 1),
    }
    assert found["exports"].last_at == START
    assert feature_uses(acme, "acme", since=START, features=()) == ()


def test_the_features_ever_used_are_listed_once(acme):
    assert features_used(acme, "acme") == ("exports", "minutes_saved")
    assert features_used(acme, "nobody") == ()


def test_the_ledger_comes_in_pages_the_latest_first(acme):
    first = ledger_page(acme, "acme", limit=4)
    second = ledger_page(acme, "acme", limit=4, cursor=first.next_cursor)
    third = ledger_page(acme, "acme", limit=4, cursor=second.next_cursor)

    entries = [*first.items, *second.items, *third.items]
    assert [entry.key for entry in entries] == ["minutes", "k6", "k3", "nobody", "k7", "k4", "k1", "k8", "k5", "k2"]
    assert third.next_cursor is None
    assert (entries[1].quantity, entries[1].user, dict(entries[1].properties)) == (6, "u0", {"n": 6})
    assert entries[1].receipt == (("base", 6),)


@pytest.mark.parametrize(
    ("wanted", "keys"),
    [
        (LedgerFilter(feature="minutes_saved"), ["minutes"]),
        (LedgerFilter(user="u1", feature="exports"), ["k3", "k7", "k1", "k5"]),
        (LedgerFilter(user=""), ["nobody"]),
        (LedgerFilter(operation="refund"), []),
        (LedgerFilter(since=START - timedelta(days=1), until=START), ["nobody", "k7", "k4", "k1"]),
    ],
)
def test_the_ledger_can_be_filtered(acme, wanted, keys):
    assert [entry.key for entry in ledger_page(acme, "acme", wanted=wanted).items] == keys
    assert [entry.key for entry in every_ledger_entry(acme, "acme", wanted=wanted)] == keys


def test_a_rare_filter_gives_up_for_now_and_goes_on_by_its_cursor(acme, monkeypatch):
    monkeypatch.setattr(ledger_pages, "_LOOKED_AT_ONCE", 2)
    monkeypatch.setattr(ledger_pages, "_MOST_LOOKED_AT", 4)
    wanted = LedgerFilter(user="u0", feature="exports")

    first = ledger_page(acme, "acme", wanted=wanted, limit=3)
    found = [entry.key for entry in every_ledger_entry(acme, "acme", wanted=wanted)]

    assert ([entry.key for entry in first.items], found) == (["k6"], ["k6", "k4", "k8", "k2"])
    assert first.next_cursor is not None


def test_counters_now_are_those_of_the_windows_that_run(environment):
    host = Host(environment.id)
    mine = replace(NOVEMBER, user="u1")
    late = host.posting("late", 4, at=START - timedelta(days=30), allowance=base(OCTOBER))
    record_batch(host.environment_id, [host.posting("a", 5, user="u1", allowance=base(NOVEMBER, mine)), late])
    fresh()

    account = counters_now(host.environment_id, "acme", at=START)
    with_user = counters_now(host.environment_id, "acme", at=START, user="u1")

    assert [(it.window, it.user, it.used, it.ends_at) for it in account] == [(NOVEMBER.key, None, 5, NOVEMBER.ends_at)]
    assert [(it.user, it.used) for it in with_user] == [(None, 5), ("u1", 5)]


def test_what_an_expired_reservation_held_is_not_held_any_more(environment):
    host = Host(environment.id)
    for key, minutes in (("soon", 5), ("late", 60)):
        held = replace(host.posting(key, minutes), operation=Operation.CONSUME, forced=False)
        ledger.reserve(host.environment_id, held, expires_at=START + timedelta(minutes=minutes))
    fresh()

    def held_at(minutes: int) -> int:
        (counter,) = counters_now(host.environment_id, "acme", at=START + timedelta(minutes=minutes))
        return counter.held

    assert (held_at(4), held_at(5), held_at(60)) == (65, 60, 0)


def test_crossings_come_the_latest_first_with_the_limit_of_that_time(environment):
    host = Host(environment.id)
    for key, quantity, minutes in (("a", 80, 0), ("b", 30, 1)):
        host.received_at = START + timedelta(minutes=minutes)
        record_batch(host.environment_id, [host.posting(key, quantity)])
        host.received_at = START
    fresh()

    found = crossings_of(host.environment_id, "acme").items

    assert [(it.percent, it.limit, it.used) for it in found] == [(100, 100, 110), (80, 100, 80)]
    assert crossings_of(host.environment_id, "acme", feature="boards").items == ()
