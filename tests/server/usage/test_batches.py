"""Batches: each entry exactly once, into its own windows, whatever comes at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from liftgate_server.plumbing.changes import ChangeKind, append_change
from liftgate_server.plumbing.errors import Conflict
from liftgate_server.usage import ledger
from liftgate_server.usage.batches import StaleBatch, record_batch
from liftgate_server.usage.examination import examine_customer
from liftgate_server.usage.facts import Operation, Posted, Refusal
from liftgate_server.usage.models import UsageCounterRow
from liftgate_server.usage.standing import crossings_of
from tests.server.conftest import START
from tests.server.usage.ledger_rows import (
    EVER,
    NOVEMBER,
    OCTOBER,
    Host,
    base,
    counted,
    days,
    fresh,
    gift_first,
    taken,
    used,
)

pytestmark = pytest.mark.usefixtures("in_app")


@pytest.fixture
def host(environment) -> Host:
    return Host(environment.id)


def differences(host: Host, customer: str = "acme") -> tuple[object, ...]:
    return examine_customer(host.environment_id, customer).differences


def test_entries_of_many_customers_count_into_their_own_counters_and_days(host):
    batch = [host.posting(f"k{n}", n, customer=f"c{n % 3}", user="u1") for n in range(1, 10)]

    outcomes = record_batch(host.environment_id, batch)

    assert all(isinstance(it, Posted) and it.granted and not it.replayed for it in outcomes)
    assert {name: used(name) for name in ("c0", "c1", "c2")} == {
        "c0": {NOVEMBER.key: 18},
        "c1": {NOVEMBER.key: 12},
        "c2": {NOVEMBER.key: 15},
    }
    assert days("c0") == {("2026-11-22", "u1"): (18, 3)}


def test_a_batch_that_is_sent_again_counts_nothing_and_says_so(host):
    batch = host.postings(["a", "b"])
    taken(host.environment_id, batch)

    again = taken(host.environment_id, [*batch, host.posting("c")])

    assert [it.replayed for it in again] == [True, True, False]
    assert (counted(), used(), days()) == (3, {NOVEMBER.key: 3}, {("2026-11-22", ""): (3, 3)})


def test_a_key_with_another_payload_is_refused_and_says_what_differs(host):
    record_batch(host.environment_id, [host.posting("a", 1), host.posting("b", 1)])

    refused, taken = record_batch(host.environment_id, [host.posting("a", 2, user="u1"), host.posting("c")])

    assert isinstance(refused, Refusal)
    assert (refused.code, [error.path for error in refused.errors]) == ("idempotency_conflict", ["quantity", "user"])
    assert "It was 1 and is 2 now." in {error.message for error in refused.errors}
    assert isinstance(taken, Posted)
    assert counted() == 3


def test_a_key_twice_in_one_batch_counts_once(host):
    same, other = host.posting("a", 2), host.posting("a", 3)

    outcomes: Any = record_batch(host.environment_id, [same, host.posting("a", 2), other])

    first, second, third = outcomes
    assert (first.replayed, second.replayed) == (False, True)
    assert isinstance(third, Refusal)
    assert counted() == 2


def test_the_same_key_of_two_customers_counts_for_both(host):
    record_batch(host.environment_id, [host.posting("a"), host.posting("a", customer="other")])

    assert (counted(), counted("other")) == (1, 1)


def test_a_late_entry_counts_into_its_own_window_and_day(host):
    late = START - timedelta(days=30)
    batch = [host.posting("now"), host.posting("late", 5, at=late, allowance=base(OCTOBER))]

    record_batch(host.environment_id, batch)

    assert used() == {NOVEMBER.key: 1, OCTOBER.key: 5}
    assert days() == {("2026-11-22", ""): (1, 1), ("2026-10-23", ""): (5, 1)}


def test_an_entry_counts_into_every_counter_that_it_lies_within(host):
    record_batch(host.environment_id, [host.posting("a", allowance=base(EVER))])

    record_batch(host.environment_id, [host.posting("b", 2), host.posting("c", 4, at=START - timedelta(days=30))])

    assert used() == {EVER.key: 7, NOVEMBER.key: 3}


def test_a_users_counter_counts_that_user_alone(host):
    mine, yours = replace(NOVEMBER, user="u1"), replace(NOVEMBER, user="u2")
    batch = [
        host.posting("a", 1, user="u1", allowance=base(NOVEMBER, mine)),
        host.posting("b", 2, user="u2", allowance=base(NOVEMBER, yours)),
        host.posting("c", 4),
    ]

    record_batch(host.environment_id, batch)

    assert (used(), used(user="u1"), used(user="u2")) == ({NOVEMBER.key: 7}, {NOVEMBER.key: 1}, {NOVEMBER.key: 2})


def test_a_counter_that_is_missing_is_made_from_the_ledger(host):
    record_batch(host.environment_id, [host.posting("a", 3)])
    session = fresh()
    session.query(UsageCounterRow).delete()
    session.commit()

    record_batch(host.environment_id, [host.posting("b", 2)])

    assert used() == {NOVEMBER.key: 5}


def test_what_is_never_limited_has_days_and_no_counter(host):
    record_batch(host.environment_id, [host.posting("a", 12, feature="minutes_saved", allowance=None)])

    assert used(feature="minutes_saved") == {}
    assert days(feature="minutes_saved") == {("2026-11-22", ""): (12, 1)}


def test_a_threshold_fires_once_and_recording_goes_on_beyond_the_limit(host):
    first = taken(host.environment_id, [host.posting("a", 79)])
    second = taken(host.environment_id, [host.posting("b", 1), host.posting("c", 40)])
    third = taken(host.environment_id, [host.posting("d", 1)])

    fired = [{crossing.percent for it in outcomes for crossing in it.crossed} for outcomes in (first, second, third)]
    assert fired == [set(), {80, 100}, set()]
    kept = crossings_of(host.environment_id, "acme").items
    assert {(it.percent, it.limit, it.used) for it in kept} == {(80, 100, 120), (100, 100, 120)}
    assert used() == {NOVEMBER.key: 121}


def test_a_bucket_of_its_own_burns_before_the_plan(host):
    host.allowance = gift_first(NOVEMBER)

    outcomes = taken(host.environment_id, [host.posting("a", 4), host.posting("b", 4)])

    assert [[(part.bucket, part.units) for part in it.receipt.parts] for it in outcomes] == [
        [("gift", 4)],
        [("gift", 1), ("base", 3)],
    ]
    assert used() == {"bucket:gift": 5, NOVEMBER.key: 3}


def test_a_batch_made_from_old_terms_names_whose_and_counts_none_of_them(host):
    batch = [
        host.posting("a"),
        replace(host.posting("a", customer="old"), proof=replace(host.posting("x").proof, customer_version=7)),
    ]

    with pytest.raises(StaleBatch) as stale:
        record_batch(host.environment_id, batch)

    assert stale.value.customers == {"old"}
    assert (counted("old"), used("old")) == (0, {})


def test_a_catalogue_that_was_published_meanwhile_makes_the_whole_batch_stale(host):
    batch = host.postings(["a", "b"])
    append_change(host.environment_id, ChangeKind.CATALOGUE, key="", version=2)

    with pytest.raises(StaleBatch):
        record_batch(host.environment_id, batch)

    assert counted() == 0


def test_what_is_known_is_answered_although_the_terms_have_changed(host):
    batch = host.postings(["a", "b"])
    taken(host.environment_id, batch)
    append_change(host.environment_id, ChangeKind.CATALOGUE, key="", version=2)

    assert [it.replayed for it in taken(host.environment_id, batch)] == [True, True]


def test_a_single_posting_and_a_batch_share_their_keys(host):
    ledger.consume(host.environment_id, host.posting("a", 2))
    taken(host.environment_id, [host.posting("b", 3)])

    (again,) = taken(host.environment_id, [host.posting("a", 2)])
    single = ledger.consume(host.environment_id, host.posting("b", 3))

    assert (again.replayed, single.replayed) == (True, True)
    assert counted() == 5


def test_a_key_of_a_batch_is_refused_for_another_single_posting(host):
    record_batch(host.environment_id, [host.posting("a", 2)])
    other = replace(host.posting("a", 3), operation=Operation.CONSUME)

    with pytest.raises(Conflict) as refused:
        ledger.consume(host.environment_id, other)

    assert [(error.path, error.message) for error in refused.value.errors] == [
        ("operation", 'It was "record" and is "consume" now.')
    ]
    assert counted() == 2


def test_a_key_that_holds_a_reservation_is_refused(host):
    held = replace(host.posting("a", 2), operation=Operation.CONSUME, forced=False)
    ledger.reserve(host.environment_id, held, expires_at=START + timedelta(minutes=5))

    (refused,) = record_batch(host.environment_id, [host.posting("a", 2)])

    assert isinstance(refused, Refusal)
    assert refused.code == "idempotency_conflict"


def test_what_a_batch_recorded_can_be_given_back(host):
    record_batch(host.environment_id, [host.posting("a", 5)])

    ledger.refund(host.environment_id, "acme", "r", of="a", quantity=2, at=START)

    assert (counted(), used()) == (3, {NOVEMBER.key: 3})


def test_an_expired_reservation_holds_nothing_against_a_batch(host):
    held = replace(host.posting("a", 90), operation=Operation.CONSUME, forced=False)
    ledger.reserve(host.environment_id, held, expires_at=START + timedelta(minutes=5))
    host.received_at = START + timedelta(minutes=10)

    (posted,) = taken(host.environment_id, [host.posting("b", 20)])

    assert posted.crossed == ()
    assert differences(host) == ()


def test_very_many_customers_are_taken_in_parts(host):
    batch = [host.posting("a", n, customer=f"c{n}") for n in range(1, 451)]

    outcomes = taken(host.environment_id, batch)

    assert sum(it.receipt.parts[0].units for it in outcomes) == sum(range(1, 451))
    assert used("c450") == {NOVEMBER.key: 450}


def test_batches_and_single_postings_at_once_lose_and_double_nothing(app, host):
    """Four threads send overlapping batches and consumes of new counters; every key counts once."""
    customers = [f"c{n}" for n in range(4)]

    def send(turn: int) -> None:
        with app.app_context():
            for round_ in range(6):
                names = [f"{round_}-{n}" for n in range(8)]
                batch = [host.posting(name, customer=customer) for customer in customers for name in names]
                record_batch(host.environment_id, batch if turn % 2 else batch[::-1])
                for customer in customers:
                    ledger.consume(host.environment_id, host.posting(f"{turn}-{round_}-own", customer=customer))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(send, range(4)))

    assert {customer: counted(customer) for customer in customers} == dict.fromkeys(customers, 6 * 8 + 4 * 6)
    assert [differences(host, customer) for customer in customers] == [()] * 4
    assert used("c0") == {NOVEMBER.key: 72}
