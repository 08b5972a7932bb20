"""Levels: the entries hold the differences, so that their sum is the level."""

from __future__ import annotations

from datetime import timedelta

import pytest

from liftgate.engine.catalogue_model import FeatureKind
from liftgate_server.plumbing.errors import Conflict
from tests.server.usage.ledger.accounts import EVER, START, allowance, window

SEATS = allowance(window(5, EVER), kind=FeatureKind.CAPACITY)
NO_SEATS = allowance(window(0, EVER), kind=FeatureKind.CAPACITY)


def earlier(**delta):
    return START - timedelta(**delta)


def test_a_level_is_what_was_set_last(account):
    account.set_level(4, SEATS)
    posted = account.set_level(2, SEATS)

    assert posted.receipt.counters == {("never", None): 2}
    assert account.counters() == {"never": (2, 0)}
    assert account.used() == 2


def test_a_level_is_raised_and_lowered(account):
    account.set_level(2, SEATS)
    assert account.add_level(3, SEATS).granted
    assert account.add_level(-4, SEATS).granted

    assert account.counters() == {"never": (1, 0)}


def test_a_level_is_raised_no_further_than_the_limit(account):
    account.set_level(4, SEATS)

    assert not account.add_level(2, SEATS).granted
    assert account.add_level(2, SEATS, forced=True).granted
    assert account.counters() == {"never": (6, 0)}


def test_a_level_that_is_set_is_a_fact_whatever_the_limit(account):
    assert account.set_level(9, SEATS).granted
    assert account.set_level(7, NO_SEATS).granted
    assert account.counters() == {"never": (7, 0)}


def test_no_level_is_below_zero(account):
    account.set_level(2, SEATS)

    with pytest.raises(Conflict) as refused:
        account.add_level(-3, SEATS)
    assert refused.value.code == "level_below_zero"
    assert account.counters() == {"never": (2, 0)}


def test_what_was_said_for_later_stays(account):
    account.set_level(4, SEATS, at=START, sent={"level": 4, "at": "now"})
    posted = account.set_level(9, SEATS, at=earlier(minutes=1), sent={"level": 9, "at": "earlier"}, key="old")

    assert posted.granted
    assert account.counters() == {"never": (4, 0)}
    ((quantity,),) = account.rows("SELECT quantity FROM usage_events WHERE key = 'old'")
    assert quantity == 0


def test_another_servers_slow_clock_loses_no_level(account):
    """Nobody said when it was, so it is now; and now is after what was said before."""
    account.set_level(4, SEATS)
    account.now = earlier(seconds=1)
    account.set_level(3, SEATS)

    assert account.counters() == {"never": (3, 0)}


def test_the_instant_of_a_level_is_found_again_in_the_ledger(account):
    account.set_level(4, SEATS, at=START, sent={"level": 4, "at": "now"})
    account.set_level(0, allowance(window(5, EVER, key="never+x"), kind=FeatureKind.CAPACITY), sent={"level": 0})
    account.set_level(9, SEATS, at=earlier(minutes=1), sent={"level": 9, "at": "earlier"})

    assert account.counters() == {"never": (0, 0), "never+x": (0, 0)}


def test_the_same_level_again_counts_once(account):
    account.set_level(4, SEATS, key="k")
    account.set_level(2, SEATS)

    assert account.set_level(4, SEATS, key="k").replayed
    assert account.counters() == {"never": (2, 0)}


def test_seats_can_be_taken_by_consuming(account):
    account.set_level(4, SEATS)

    assert account.consume(1, SEATS).granted
    assert not account.consume(1, SEATS).granted


def test_users_have_levels_of_their_own_where_the_limit_is_theirs(account):
    def of(user):
        return allowance(window(5, EVER, user=user), kind=FeatureKind.CAPACITY)

    account.set_level(4, of("u1"), user="u1")
    account.set_level(2, of("u2"), user="u2")

    assert account.counters() == {"never/u1": (4, 0), "never/u2": (2, 0)}


def test_the_accounts_level_is_the_accounts_whoever_says_it(account):
    account.set_level(4, SEATS, user="u1")
    account.set_level(3, SEATS, user="u2")

    assert account.counters() == {"never": (3, 0)}


def test_a_level_crosses_thresholds_and_comes_back(account):
    assert [crossing.percent for crossing in account.set_level(5, SEATS).crossed] == [100]
    assert account.set_level(4, SEATS).to_announce
    assert account.fired() == [(100, True)]
