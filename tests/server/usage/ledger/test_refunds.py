"""Giving back: to the buckets and windows that the units were taken from, never more than was taken."""

from __future__ import annotations

from datetime import timedelta

import pytest

from liftgate_server.plumbing.errors import Conflict, NotFound
from tests.server.usage.ledger.accounts import DAY, START, allowance, gift, parts, window

MONTHLY, DAILY = "month:2026-11-01T00:00:00Z", "day:2026-11-22T00:00:00Z"
BOTH = allowance(window(9), beside=(gift(3),))


def test_a_refund_makes_room_again(account):
    account.consume(3, allowance(window(3)), key="k")
    posted = account.refund("k")

    assert parts(posted) == [("base", -3)]
    assert posted.receipt.counters == {(MONTHLY, None): 0}
    assert account.counters() == {MONTHLY: (0, 0)}
    assert account.days() == {"2026-11-22": (0, 1)}
    assert account.consume(3, allowance(window(3))).granted


def test_what_was_taken_last_goes_back_first(account):
    account.consume(5, BOTH, key="k")

    assert parts(account.refund("k", 3)) == [("base", -2), ("bucket:gift", -1)]
    assert account.counters() == {MONTHLY: (0, 0), "bucket:gift": (2, 0)}
    assert parts(account.refund("k", 1)) == [("bucket:gift", -1)]
    assert parts(account.refund("k")) == [("bucket:gift", -1)]


def test_a_refund_goes_to_the_period_of_the_use(account):
    account.consume(2, allowance(window(3, DAY), window(9)), key="k")
    account.now = START + timedelta(days=1)
    account.refund("k")

    assert account.counters() == {DAILY: (0, 0), MONTHLY: (0, 0)}
    assert account.days() == {"2026-11-22": (0, 1)}


def test_a_refund_goes_to_counters_that_came_later_too(account):
    account.consume(2, allowance(window(9)), key="k")
    account.consume(1, allowance(window(9, DAY)))
    account.refund("k")

    assert account.counters() == {MONTHLY: (1, 0), DAILY: (1, 0)}


def test_no_more_is_given_back_than_was_taken(account):
    account.consume(3, BOTH, key="k")
    account.refund("k", 2)

    with pytest.raises(Conflict) as refused:
        account.refund("k", 2)
    assert refused.value.code == "beyond_refundable"
    account.refund("k", 1)
    with pytest.raises(Conflict):
        account.refund("k")
    assert account.used() == 0


def test_a_commit_can_be_refunded_and_an_open_reservation_cannot(account):
    account.reserve(3, BOTH, key="r")
    with pytest.raises(NotFound) as refused:
        account.refund("r")
    assert refused.value.code == "unknown_usage"

    account.commit("r", 2)
    assert parts(account.refund("r")) == [("bucket:gift", -2)]


@pytest.mark.parametrize("of", ["nothing", "refused", "refund", "foreign"])
def test_what_was_not_counted_cannot_be_given_back(account, of):
    account.consume(99, BOTH, key="refused")
    account.consume(1, BOTH, key="k")
    account.refund("k", key="refund")
    account.customer = "other"
    account.consume(1, BOTH, key="foreign")
    account.customer = "acme"

    with pytest.raises(NotFound):
        account.refund(of)


def test_a_refund_has_a_key_of_its_own(account):
    account.consume(3, BOTH, key="k")
    first = account.refund("k", 2, key="back")
    again = account.refund("k", 2, key="back")

    assert (again.replayed, again.receipt) == (True, first.receipt)
    assert account.used() == 1
    with pytest.raises(Conflict) as refused:
        account.refund("k", 1, key="back")
    assert [(error.path, error.message) for error in refused.value.errors] == [("quantity", "It was 2 and is 1 now.")]


def test_a_refund_of_what_is_never_limited_lowers_its_day(account):
    account.record(40, None, key="k")
    account.refund("k", 15)

    assert account.days() == {"2026-11-22": (25, 1)}
