"""Reserving: what is held counts as used until it is committed, released or too old."""

from __future__ import annotations

from datetime import timedelta

import pytest

from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.errors import Conflict, Invalid, NotFound, Problem
from liftgate_server.usage.expiring import expire_reservations
from tests.server.usage.ledger.accounts import DAY, START, allowance, gift, parts, window

MONTHLY, DAILY = "month:2026-11-01T00:00:00Z", "day:2026-11-22T00:00:00Z"


def code_of(call, *arguments):
    with pytest.raises(Problem) as refused:
        call(*arguments)
    return refused.value.code


def test_what_is_held_leaves_no_room_for_others(account):
    posted = account.reserve(2, allowance(window(3)))

    assert posted.granted
    assert posted.receipt.expires_at == START + timedelta(seconds=300)
    assert account.counters() == {MONTHLY: (0, 2)}
    assert not account.consume(2, allowance(window(3))).granted
    assert account.days() == {}


def test_a_commit_counts_what_was_used_and_gives_back_the_rest(account):
    account.reserve(3, allowance(window(3)), key="r")
    posted = account.commit("r", 2)

    assert parts(posted) == [("base", 2)]
    assert posted.receipt.counters == {(MONTHLY, None): 2}
    assert account.counters() == {MONTHLY: (2, 0)}
    assert account.days() == {"2026-11-22": (2, 1)}


def test_a_commit_burns_its_parts_in_their_order(account):
    account.reserve(5, allowance(window(9), beside=(gift(3),)), key="r")
    assert account.counters() == {MONTHLY: (0, 2), "bucket:gift": (0, 3)}

    assert parts(account.commit("r", 4)) == [("bucket:gift", 3), ("base", 1)]
    assert account.counters() == {MONTHLY: (1, 0), "bucket:gift": (3, 0)}


def test_a_commit_counts_when_it_was_reserved(account):
    account.reserve(2, allowance(window(3, DAY)), seconds=86_400, key="r")
    account.now = DAY[1]
    account.commit("r", 2)

    assert account.days() == {"2026-11-22": (2, 1)}
    assert account.counters() == {DAILY: (2, 0)}


def test_a_counter_that_is_made_meanwhile_holds_what_is_reserved(account):
    account.reserve(2, allowance(window(3)), key="r")
    assert not account.consume(2, allowance(window(3, DAY))).granted
    assert account.counters() == {MONTHLY: (0, 2), DAILY: (0, 2)}

    account.commit("r", 1)
    assert account.counters() == {MONTHLY: (1, 0), DAILY: (1, 0)}


def test_a_release_gives_everything_back(account):
    account.reserve(3, allowance(window(3), beside=(gift(1),)), key="r")
    assert account.release("r").granted

    assert account.counters() == {MONTHLY: (0, 0), "bucket:gift": (0, 0)}
    assert account.used() == 0


def test_a_commit_of_nothing_counts_no_use(account):
    account.reserve(3, allowance(window(3)), key="r")
    account.commit("r", 0)

    assert account.counters() == {MONTHLY: (0, 0)}
    assert account.days() == {}


def test_the_same_end_again_is_answered_again(account):
    account.reserve(3, allowance(window(5)), key="r")
    first = account.commit("r", 2)
    account.consume(1, allowance(window(5)))
    again = account.commit("r", 2)
    account.reserve(1, allowance(window(5)), key="s")
    released = account.release("s")
    account.consume(1, allowance(window(5)))
    released_again = account.release("s")

    assert (again.replayed, again.receipt) == (True, first.receipt)
    assert (released_again.replayed, released_again.receipt) == (True, released.receipt)
    assert account.used() == 4


def test_another_end_is_refused(account):
    account.reserve(3, allowance(window(9)), key="committed")
    account.reserve(3, allowance(window(9)), key="released")
    account.commit("committed", 2)
    account.release("released")

    assert code_of(account.commit, "committed", 3) == "reservation_committed"
    assert code_of(account.release, "committed") == "reservation_committed"
    assert code_of(account.commit, "released", 3) == "reservation_released"
    assert account.counters() == {MONTHLY: (2, 0)}


def test_more_than_was_reserved_is_refused(account):
    account.reserve(3, allowance(window(9)), key="r")

    with pytest.raises(Invalid) as refused:
        account.commit("r", 4)
    assert refused.value.code == "beyond_reservation"
    assert account.commit("r", 3).granted


@pytest.mark.parametrize("name", ["commit", "release"])
def test_an_unknown_reservation_is_refused(account, name):
    arguments = ("nobody", 1) if name == "commit" else ("nobody",)
    with pytest.raises(NotFound) as refused:
        getattr(account, name)(*arguments)
    assert refused.value.code == "unknown_reservation"


def test_another_customers_reservation_is_unknown(account):
    account.reserve(1, allowance(window(9)), key="r")
    account.customer = "other"

    assert code_of(account.commit, "r", 1) == "unknown_reservation"


def test_a_refused_reservation_holds_nothing_and_cannot_be_committed(account):
    assert not account.reserve(4, allowance(window(3)), key="r").granted

    assert code_of(account.commit, "r", 1) == "unknown_reservation"
    assert account.reserve(4, allowance(window(9)), key="r").granted is False
    assert account.counters() == {MONTHLY: (0, 0)}


def test_a_reservation_is_answered_again_with_its_own_end(account):
    first = account.reserve(2, allowance(window(3)), key="r")
    account.now = START + timedelta(seconds=10)
    again = account.reserve(2, allowance(window(3)), key="r")

    assert (again.replayed, again.receipt) == (True, first.receipt)
    assert account.counters() == {MONTHLY: (0, 2)}


@pytest.mark.parametrize("first", ["reserve", "consume"])
def test_a_key_is_either_a_reservations_or_an_entrys(account, first):
    second = {"reserve": account.consume, "consume": account.reserve}[first]
    getattr(account, first)(1, allowance(window(9)), key="k")

    with pytest.raises(Conflict) as refused:
        second(1, allowance(window(9)), key="k")
    assert [error.path for error in refused.value.errors] == ["operation"]


def test_a_committed_reservation_keeps_its_key(account):
    account.reserve(1, allowance(window(9)), key="r")
    account.commit("r", 1)

    assert account.reserve(1, allowance(window(9)), key="r").replayed
    with pytest.raises(Conflict):
        account.consume(1, allowance(window(9)), key="r")


def test_the_instant_of_its_end_is_too_late_to_commit(account):
    account.reserve(2, allowance(window(3)), seconds=60, key="r")
    account.now = START + timedelta(seconds=60)

    assert code_of(account.commit, "r", 2) == "reservation_expired"
    assert account.counters() == {MONTHLY: (0, 0)}
    assert account.used() == 0
    assert code_of(account.commit, "r", 2) == "reservation_expired"
    assert code_of(account.release, "r") == "reservation_expired"


def test_a_moment_before_its_end_is_in_time(account):
    account.reserve(2, allowance(window(3)), seconds=60, key="r")
    account.now = START + timedelta(seconds=60, microseconds=-1)

    assert account.commit("r", 2).granted


@pytest.mark.parametrize("name", ["consume", "reserve", "record"])
def test_what_has_expired_makes_room_for_the_next(account, name):
    account.reserve(3, allowance(window(3), beside=(gift(1),)), seconds=60, user="u2")
    account.now = START + timedelta(seconds=60)

    assert getattr(account, name)(4, allowance(window(3), beside=(gift(1),))).granted
    assert sum(used + held for used, held in account.counters().values()) == 4


def test_periodic_work_ends_what_has_expired(account):
    account.reserve(3, allowance(window(3)), seconds=60)

    assert expire_reservations(now() + timedelta(seconds=59)) == 0
    assert expire_reservations(now() + timedelta(seconds=60)) == 1
    assert account.counters() == {MONTHLY: (0, 0)}
    assert expire_reservations(now() + timedelta(seconds=60)) == 0


def test_a_reservation_crosses_thresholds_as_a_use_does(account):
    posted = account.reserve(3, allowance(window(3)), key="r")

    assert [crossing.percent for crossing in posted.crossed] == [100]
    assert account.commit("r", 3).crossed == ()
