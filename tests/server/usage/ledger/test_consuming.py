"""Counting: what fits is granted and counted, what does not is remembered, and a key counts once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from liftgate_server.customers.service import UpsertCustomer, upsert_customer
from liftgate_server.plumbing.changes import ChangeKind, append_change
from liftgate_server.plumbing.db import transaction
from liftgate_server.plumbing.errors import Conflict, Invalid
from liftgate_server.usage.facts import Proof, StaleTerms
from tests.server.usage.ledger.accounts import DAY, EVER, MONTH, START, allowance, gift, parts, window

MONTHLY, DAILY = "month:2026-11-01T00:00:00Z", "day:2026-11-22T00:00:00Z"


def test_units_within_the_limit_are_granted_and_counted(account):
    posted = account.consume(2, allowance(window(3)))

    assert posted.granted
    assert parts(posted) == [("base", 2)]
    assert posted.receipt.counters == {(MONTHLY, None): 2}
    assert account.counters() == {MONTHLY: (2, 0)}
    assert account.days() == {"2026-11-22": (2, 1)}


def test_units_beyond_the_limit_are_refused_and_not_counted(account):
    account.consume(2, allowance(window(3)))
    posted = account.consume(2, allowance(window(3)))

    assert not posted.granted
    assert posted.receipt.counters == {(MONTHLY, None): 2}
    assert account.counters() == {MONTHLY: (2, 0)}
    assert account.used() == 2
    assert account.days() == {"2026-11-22": (2, 1)}


def test_the_last_unit_is_granted(account):
    assert account.consume(3, allowance(window(3))).granted


def test_a_record_counts_beyond_the_limit(account):
    assert account.record(5, allowance(window(3))).granted
    assert account.counters() == {MONTHLY: (5, 0)}


def test_what_is_forced_counts_beyond_the_limit(account):
    assert account.consume(5, allowance(window(3)), forced=True).granted
    assert account.used() == 5


def test_what_is_never_limited_counts_on_its_day_only(account):
    posted = account.record(40, None)

    assert parts(posted) == [("base", 40)]
    assert account.counters() == {}
    assert account.days() == {"2026-11-22": (40, 1)}


def test_every_window_has_to_admit_the_units(account):
    both = allowance(window(10, DAY), window(100))
    for _ in range(10):
        assert account.consume(1, both).granted

    assert not account.consume(1, both).granted
    assert account.counters() == {DAILY: (10, 0), MONTHLY: (10, 0)}


def test_what_burns_first_is_taken_first_and_counted_apart(account):
    both = allowance(window(5), beside=(gift(3),))

    assert parts(account.consume(2, both)) == [("bucket:gift", 2)]
    assert parts(account.consume(4, both)) == [("bucket:gift", 1), ("base", 3)]
    assert account.counters() == {"bucket:gift": (3, 0), MONTHLY: (3, 0)}
    assert not account.consume(3, both).granted


def test_a_soft_limit_lets_pass_up_to_its_overage(account):
    soft = allowance(window(3, soft=2))

    assert account.consume(5, soft).granted
    assert not account.consume(1, soft).granted


def test_each_user_has_an_own_count_beside_the_accounts(account):
    def of(user):
        return allowance(window(2, DAY, user=user), window(3))

    assert account.consume(2, of("u1"), user="u1").granted
    assert not account.consume(1, of("u1"), user="u1").granted
    assert account.consume(1, of("u2"), user="u2").granted
    assert not account.consume(1, of("u2"), user="u2").granted
    assert account.counters() == {f"{DAILY}/u1": (2, 0), f"{DAILY}/u2": (1, 0), MONTHLY: (3, 0)}


def test_a_key_counts_once_and_has_the_same_answer_whatever_has_changed(account):
    first = account.consume(2, allowance(window(3)), key="k", context={"catalogue": 4})
    account.consume(1, allowance(window(3)))
    again = account.consume(2, allowance(window(1)), key="k", sent={"feature": "exports", "quantity": 2})

    assert again.replayed
    assert (again.granted, again.receipt) == (first.granted, first.receipt)
    assert account.used() == 3


def test_a_refusal_stays_one_when_there_is_room_again(account):
    refused = account.consume(4, allowance(window(3)), key="k")
    again = account.consume(4, allowance(window(9)), key="k")

    assert again.replayed
    assert (again.granted, again.receipt) == (False, refused.receipt)
    assert account.used() == 0


def test_a_repetition_is_answered_although_the_terms_have_changed(account):
    account.consume(2, allowance(window(3)), key="k")
    again = account.consume(2, allowance(window(3)), key="k", proof=Proof(99, 99, 99))

    assert again.replayed


def test_a_key_with_another_payload_is_a_conflict_that_names_what_differs(account):
    account.consume(2, allowance(window(9)), key="k", sent={"feature": "exports", "quantity": 2, "user": "u1"})

    with pytest.raises(Conflict) as refused:
        account.consume(3, allowance(window(9)), key="k", sent={"feature": "exports", "quantity": 3, "language": "de"})

    assert refused.value.code == "idempotency_conflict"
    assert {error.path: error.message for error in refused.value.errors} == {
        "quantity": "It was 2 and is 3 now.",
        "user": 'It was "u1" and is absent now.',
        "language": 'It was absent and is "de" now.',
    }
    assert account.used() == 2


def test_the_same_payload_for_something_else_is_a_conflict(account):
    account.consume(2, allowance(window(9)), key="k")

    with pytest.raises(Conflict) as refused:
        account.record(2, allowance(window(9)), key="k")

    assert [error.path for error in refused.value.errors] == ["operation"]


def test_a_key_belongs_to_its_customer(account):
    account.consume(2, allowance(window(9)), key="k")
    account.customer = "other"

    assert not account.consume(3, allowance(window(9)), key="k").replayed


@pytest.mark.parametrize(("at", "counted"), [(MONTH[1], (1, 0)), (MONTH[1] - timedelta(microseconds=1), (2, 0))])
def test_the_end_of_a_period_is_no_part_of_it(account, at, counted):
    """A counter is made from the entries of its period."""
    account.record(1, None, at=MONTH[0])
    account.record(1, None, at=at)
    account.record(1, None, at=MONTH[0] - timedelta(microseconds=1))

    account.consume(5, allowance(window(0)))

    assert account.counters() == {MONTHLY: counted}


def test_what_comes_late_counts_in_its_own_period(account):
    october = window(3, starts_at=MONTH[0] - timedelta(days=31), ends_at=MONTH[0], key="month:2026-10-01T00:00:00Z")
    account.consume(1, allowance(window(3)))
    account.record(2, allowance(october), at=MONTH[0] - timedelta(microseconds=1))

    assert account.counters() == {MONTHLY: (1, 0), "month:2026-10-01T00:00:00Z": (2, 0)}
    assert account.days() == {"2026-11-22": (1, 1), "2026-10-31": (2, 1)}


def test_a_counter_that_other_terms_made_goes_on_counting(account):
    """From one plan to another and back: what was used in between is in the first plan's count."""
    account.consume(2, allowance(window(5)))
    account.consume(2, allowance(window(9, DAY)))

    assert not account.consume(2, allowance(window(5))).granted
    assert account.counters() == {MONTHLY: (4, 0), DAILY: (4, 0)}


def test_a_counter_that_is_made_counts_what_was_used_before(account):
    account.consume(2, allowance(window(5)), user="u1")
    account.consume(1, allowance(window(5)))

    account.consume(1, allowance(window(9, EVER), window(9, DAY, user="u1")), user="u1")

    assert account.counters() == {MONTHLY: (4, 0), "never": (4, 0), f"{DAILY}/u1": (3, 0)}


def test_a_bucket_begins_at_nothing(account):
    account.consume(2, allowance(window(5)))

    assert parts(account.consume(1, allowance(window(5), beside=(gift(3),)))) == [("bucket:gift", 1)]
    assert account.counters() == {MONTHLY: (2, 0), "bucket:gift": (1, 0)}


def test_uses_of_a_trial_count_beside_the_period(account):
    trial = window(2, EVER, key="trial:t1", starts_at=START)
    account.consume(1, allowance(window(5)))
    assert account.consume(2, allowance(window(5), trial)).granted

    assert not account.consume(1, allowance(window(5), trial)).granted
    assert account.counters() == {MONTHLY: (3, 0), "trial:t1": (2, 0)}


def test_a_publication_makes_terms_stale(account):
    posting_made_before = account.posting(1, allowance(window(3)))
    append_change(account.environment_id, ChangeKind.CATALOGUE, key="catalogue", version=2)

    with pytest.raises(StaleTerms):
        account.consume(1, allowance(window(3)), proof=posting_made_before.proof)
    assert account.used() == 0


def test_a_change_of_the_customer_makes_terms_stale(account):
    before = Proof(0, None, 0)
    upsert_customer(account.environment_id, "acme", UpsertCustomer(name="Acme"))

    with pytest.raises(StaleTerms):
        account.consume(1, allowance(window(3)), proof=before)
    assert account.consume(1, allowance(window(3))).granted


def test_a_change_of_the_credentials_makes_terms_stale_where_they_are_part_of_the_proof(account):
    before = Proof(0, 1, 0)
    assert account.consume(1, allowance(window(3)), proof=before).granted
    append_change(account.environment_id, ChangeKind.ACCESS, key="key:k", version=2)

    with pytest.raises(StaleTerms):
        account.consume(1, allowance(window(3)), proof=before)


def test_a_change_of_another_customer_makes_nothing_stale(account):
    append_change(account.environment_id, ChangeKind.CUSTOMER, key="other", version=2)

    assert account.consume(1, allowance(window(3)), proof=Proof(0, None, 0)).granted


def test_a_threshold_fires_once_in_its_period(account):
    warned = allowance(window(10, warn_at=(50, 80)))
    assert account.consume(4, warned).crossed == ()

    posted = account.consume(4, warned)
    assert [(crossing.percent, crossing.limit, crossing.used) for crossing in posted.crossed] == [
        (50, 10, 8),
        (80, 10, 8),
    ]

    assert account.consume(1, warned).crossed == ()
    assert [crossing.percent for crossing in account.consume(1, warned).crossed] == [100]


def test_a_threshold_that_is_crossed_again_does_not_fire_again(account):
    warned = allowance(window(10, warn_at=(50,)))
    account.consume(5, warned, key="k")
    account.refund("k")

    assert account.consume(5, warned).crossed == ()


def test_a_posting_remembers_its_properties(account):
    account.consume(1, allowance(window(3)), properties={"format": "pdf"}, gate="reports.export")

    ((gate, properties),) = account.rows("SELECT gate, properties FROM usage_events")
    assert gate == "reports.export"
    assert "pdf" in str(properties)


def test_what_no_database_can_count_is_refused(account):
    account.record(2**62, allowance(window(None)))

    with pytest.raises(Invalid) as refused:
        account.record(2**62, allowance(window(None)))
    assert refused.value.code == "out_of_range"
    assert account.used() == 2**62


def test_a_hot_write_cannot_stand_in_a_transaction(account):
    with transaction(account.environment_id), pytest.raises(RuntimeError, match="hot write"):
        account.consume(1, allowance(window(3)))
