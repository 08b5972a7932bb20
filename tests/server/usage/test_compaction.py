"""Compaction: fewer rows, the same counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from liftgate.engine.allowance_model import Allowance
from liftgate_server.usage import compaction, ledger
from liftgate_server.usage.batches import record_batch
from liftgate_server.usage.compaction import compact_usage
from liftgate_server.usage.examination import examine_customer
from liftgate_server.usage.facts import Operation
from liftgate_server.usage.history import feature_uses
from liftgate_server.usage.models import (
    UsageCounterRow,
    UsageCrossingRow,
    UsageEventRow,
    UsageReservationRow,
)
from tests.server.conftest import START
from tests.server.usage.ledger_rows import (
    EVER,
    GIFT,
    NOVEMBER,
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

LATER = START + timedelta(days=401)
BILLING = replace(
    NOVEMBER, key="month:2026-11-22T09:30:00Z", starts_at=START + timedelta(minutes=30), ends_at=START + timedelta(30)
)


@pytest.fixture
def host(environment) -> Host:
    return Host(environment.id)


@pytest.fixture
def record(host):
    """Count so many units a number of minutes after the start."""

    def record_one(key: str, quantity: int = 1, *, minutes: int = 0, **changes: Any) -> None:
        at = START + timedelta(minutes=minutes)
        record_batch(host.environment_id, [host.posting(key, quantity, **({"at": at} | changes))])

    return record_one


def rows(table: Any = UsageEventRow) -> int:
    return int(fresh().scalar(select(func.count()).select_from(table)))


def compact(at: datetime = LATER) -> None:
    """Do turns until there is nothing more to do."""
    fresh()
    while compact_usage(at):
        fresh()
    fresh()


def allowance_ever() -> Allowance:
    return base(EVER, NOVEMBER)


def test_the_entries_of_an_hour_become_one_that_counts_the_same(host, record):
    for minute in range(10):
        record(f"a{minute}", minute + 1, minutes=minute, allowance=allowance_ever())
    record("later", 7, minutes=61, allowance=allowance_ever())
    before = (counted(), days(), feature_uses(host.environment_id, "acme", since=START))

    compact()

    assert rows() == 2
    assert (counted(), days(), feature_uses(host.environment_id, "acme", since=START)) == before
    merged = fresh().scalars(select(UsageEventRow).order_by(UsageEventRow.at)).first()
    assert (merged.quantity, merged.base_quantity, merged.uses, merged.at) == (55, 55, 10, START)
    assert merged.operation == Operation.ADJUST.value


def test_users_stay_apart(record):
    for key, user in (("a", "u1"), ("b", "u2"), ("c", "u1"), ("d", None)):
        record(key, user=user)

    compact()

    found = fresh().execute(select(UsageEventRow.user, UsageEventRow.uses).order_by(UsageEventRow.user)).all()
    assert [tuple(row) for row in found] == [("", 1), ("u1", 2), ("u2", 1)]


def test_a_counter_made_again_from_what_was_merged_says_the_same(host, record):
    for minute in (5, 25, 35, 55):
        record(f"a{minute}", minute, minutes=minute, allowance=base(EVER, BILLING) if minute > 30 else allowance_ever())
    said = used()
    compact(START + timedelta(days=401))

    session = fresh()
    session.query(UsageCounterRow).delete()
    session.commit()
    ledger.consume(host.environment_id, host.posting("now", 1, at=LATER, allowance=base(EVER, BILLING)))

    assert (said[EVER.key] + 1, said[BILLING.key]) == (used()[EVER.key], used()[BILLING.key]) == (121, 90)


def test_the_doctor_finds_nothing_after_compaction(host, record):
    record("a", 3, allowance=gift_first(EVER))
    record("b", 4, minutes=5, allowance=gift_first(EVER))
    record("c", 2, minutes=9, allowance=allowance_ever())

    compact()

    assert examine_customer(host.environment_id, "acme").differences == ()
    assert used() == {GIFT.key: 5, EVER.key: 4}
    assert rows() == 2


def test_what_a_bucket_gave_survives_several_batches(host, record, monkeypatch):
    monkeypatch.setattr(compaction, "_ENTRIES_AT_ONCE", 2)
    for number in range(5):
        record(f"a{number}", 1, minutes=number, allowance=gift_first(EVER))

    compact()

    (merged,) = fresh().scalars(select(UsageEventRow))
    assert (merged.quantity, merged.uses, merged.receipt["parts"]) == (5, 5, [["gift", 5]])
    assert examine_customer(host.environment_id, "acme").differences == ()


def test_a_refund_is_merged_with_what_it_gives_back(host, record):
    record("a", 5, allowance=allowance_ever())
    ledger.refund(host.environment_id, "acme", "r", of="a", quantity=2, at=START)

    compact()

    assert (rows(), counted(), used()) == (1, 3, {EVER.key: 3})
    assert fresh().scalar(select(UsageEventRow.uses)) == 1
    assert examine_customer(host.environment_id, "acme").differences == ()


def test_what_is_young_or_came_lately_keeps_its_key(host, record):
    record("young", minutes=60 * 24 * 2, allowance=allowance_ever())
    host.received_at = LATER - timedelta(days=35)
    record("late", allowance=allowance_ever())

    compact()

    assert {row.key for row in fresh().scalars(select(UsageEventRow))} == {"young", "late"}
    again = taken(host.environment_id, [host.posting("late", allowance=allowance_ever())])
    assert again[0].replayed


def test_what_came_late_is_merged_by_a_later_run(host, record):
    record("a", allowance=allowance_ever())
    host.received_at = LATER - timedelta(days=35)
    record("late", allowance=allowance_ever())
    compact()

    compact(LATER + timedelta(days=3))

    (merged,) = fresh().scalars(select(UsageEventRow))
    assert (merged.quantity, merged.uses) == (2, 2)


def test_a_refusal_goes_and_counts_nothing(host):
    full = replace(host.posting("a", 101), operation=Operation.CONSUME, forced=False)
    assert not ledger.consume(host.environment_id, full).granted

    compact()

    assert (rows(), counted()) == (0, 0)


def test_an_interrupted_run_goes_on_and_counts_once(host, record, monkeypatch):
    monkeypatch.setattr(compaction, "_ENTRIES_AT_ONCE", 3)
    monkeypatch.setattr(compaction, "_BATCHES_A_TURN", 1)
    for customer in ("acme", "other"):
        for number in range(8):
            record(f"a{number}", 1, minutes=number, customer=customer, allowance=allowance_ever())
    merge_some, calls = compaction._merge_some, []

    def fail_once(*arguments: Any) -> int:
        calls.append(merge_some(*arguments))
        if len(calls) == 2:
            raise RuntimeError("the process ends here")
        return calls[-1]

    monkeypatch.setattr(compaction, "_merge_some", fail_once)
    assert compact_usage(LATER) == 3
    with pytest.raises(RuntimeError, match="ends here"):
        compact_usage(LATER)
    compact()

    assert (rows(), counted(), counted("other"), used()) == (2, 8, 8, {EVER.key: 8})


def test_counters_and_thresholds_of_windows_that_are_over_go(host, record):
    record("a", 100, allowance=allowance_ever())
    assert rows(UsageCrossingRow) == 2

    compact(datetime(2027, 1, 5, tzinfo=UTC))
    kept = (set(used()), rows(UsageCrossingRow))
    compact(datetime(2027, 1, 7, tzinfo=UTC))

    assert kept == ({EVER.key, NOVEMBER.key}, 2)
    assert (set(used()), rows(UsageCrossingRow)) == ({EVER.key}, 0)
    assert counted() == 100


def test_counters_of_minutes_go_sooner_than_their_thresholds_and_can_be_made_again(host, record):
    minute = replace(NOVEMBER, key="minute:2026-11-22T09:00:00Z", ends_at=START + timedelta(minutes=1), starts_at=START)
    record("a", 100, allowance=base(EVER, minute))
    crossed = rows(UsageCrossingRow)

    compact(START + timedelta(days=2))
    kept = set(used())
    compact(START + timedelta(days=3))
    left = set(used())
    host.received_at = START + timedelta(days=3)
    record("late", 1, allowance=base(EVER, minute))

    assert (kept, left) == ({EVER.key, minute.key}, {EVER.key})
    assert (used()[minute.key], rows(UsageCrossingRow)) == (101, crossed)


def test_a_settled_reservation_goes_when_its_key_may_be_forgotten(host):
    for key in ("done", "open"):
        held = replace(host.posting(key, 2, allowance=allowance_ever()), operation=Operation.CONSUME)
        ledger.reserve(host.environment_id, held, expires_at=START + timedelta(days=300))
    ledger.commit(host.environment_id, "acme", "done", quantity=1, at=START)

    compact(START + timedelta(days=35))
    assert rows(UsageReservationRow) == 2
    compact(START + timedelta(days=38))

    (left,) = fresh().scalars(select(UsageReservationRow))
    assert left.key == "open"
    assert examine_customer(host.environment_id, "acme").differences == ()


def test_there_is_something_to_do_once_a_day(record):
    record("a")
    compact()

    assert compact_usage(LATER + timedelta(hours=1)) == 0
