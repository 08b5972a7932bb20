"""What holds of counting whatever is counted: order is of no matter, twice is once, more never denies."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from liftgate.engine.allocation import Part
from liftgate_server.usage import ledger, posting_steps
from liftgate_server.usage import posting_statements as sql
from liftgate_server.usage.batches import record_batch
from liftgate_server.usage.facts import Operation
from tests.server.conftest import START
from tests.server.usage.ledger_rows import NOVEMBER, OCTOBER, Host, base, counted
from tests.server.usage.ledger_setting import counters_of, days_of, do_not_wait_for_the_disk

RECORDS = st.lists(
    st.tuples(st.integers(1, 4), st.sampled_from([0, 1, 21, 22, 30]), st.sampled_from([None, "ann", "ben"])),
    min_size=1,
    max_size=6,
)
CUSTOMERS = (f"customer-{number}" for number in count())
few = hypothesis.settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture
def host(in_app, environment) -> Host:
    do_not_wait_for_the_disk()
    return Host(environment.id)


def record(host: Host, customer: str, key: str, told: tuple[int, int, str | None]) -> Any:
    return ledger.consume(host.environment_id, posting(host, customer, key, told))


def posting(host: Host, customer: str, key: str, told: tuple[int, int, str | None]) -> Any:
    units, days_ago, user = told
    allowance = base(NOVEMBER if days_ago < 22 else OCTOBER)
    at = START - timedelta(days=days_ago)
    return host.posting(key, units, customer=customer, at=at, user=user, allowance=allowance)


def kept(customer: str) -> tuple[Any, Any]:
    rows = sorted((row.user, row.window, row.used, row.held) for row in counters_of(customer))
    return rows, days_of(customer)


@few
@given(records=RECORDS, data=st.data())
def test_the_order_of_records_changes_no_count(host: Host, records: list[Any], data: st.DataObject):
    named = [(f"key-{number}", told) for number, told in enumerate(records)]
    shuffled = data.draw(st.permutations(named))
    in_order, out_of_order, in_one_batch = (next(CUSTOMERS) for _ in range(3))

    for key, told in named:
        record(host, in_order, key, told)
    for key, told in shuffled:
        record(host, out_of_order, key, told)
    record_batch(host.environment_id, [posting(host, in_one_batch, key, told) for key, told in shuffled])

    assert kept(in_order) == kept(out_of_order) == kept(in_one_batch)
    assert counted(in_order) == sum(units for units, _, _ in records)


@few
@given(records=RECORDS, data=st.data())
def test_the_same_event_twice_counts_once(host: Host, records: list[Any], data: st.DataObject):
    customer = next(CUSTOMERS)
    first = [record(host, customer, f"key-{number}", told) for number, told in enumerate(records)]
    once = kept(customer)
    again = data.draw(st.lists(st.sampled_from(range(len(records))), min_size=1, max_size=4))

    for number in again:
        replayed = record(host, customer, f"key-{number}", records[number])
        assert (replayed.replayed, replayed.receipt) == (True, first[number].receipt)
    record_batch(host.environment_id, [posting(host, customer, f"key-{n}", records[n]) for n in again])

    assert kept(customer) == once


@few
@given(records=RECORDS, units=st.integers(1, 9), limit=st.integers(0, 12), more=st.integers(0, 9))
def test_raising_a_limit_never_denies(host: Host, records: list[Any], units: int, limit: int, more: int):
    grants = []
    for allowed in (limit, limit + more):
        customer = next(CUSTOMERS)
        for number, told in enumerate(records):
            record(host, customer, f"key-{number}", told)
        window = replace(NOVEMBER, limit=allowed, ceiling=allowed, shown_limit=allowed)
        asked = host.posting("asked", units, customer=customer, allowance=base(window), operation=Operation.CONSUME)
        grants.append(ledger.consume(host.environment_id, replace(asked, forced=False)).granted)

    used = sum(units for units, days_ago, _ in records if days_ago < 22)
    assert grants == [used + units <= limit, used + units <= limit + more]


def _forgets_keys(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(posting_steps, "answer_on_file", lambda sent: iter(()))
    patch.setattr(sql, "NEW_ENTRY", sql.NEW_ENTRY.replace("INSERT INTO", "INSERT OR REPLACE INTO"))


def _keeps_the_most(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sql, "ADD_TO_BASE", sql.ADD_TO_BASE.replace("used = used + ?", "used = max(used, ?)"))


def _compares_as_texts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(posting_steps, "allocate", _allocate_as_texts)


def _allocate_as_texts(allowance: Any, counters: Any, units: int, *, forced: bool) -> Any:
    (window,) = allowance.windows()
    fits = forced or str(counters[window.counter] + units) <= str(window.ceiling)
    return (Part("base", units),) if fits else None


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize(
    ("plant", "property_that_finds_it"),
    [
        (_forgets_keys, test_the_same_event_twice_counts_once),
        (_keeps_the_most, test_the_order_of_records_changes_no_count),
        (_compares_as_texts, test_raising_a_limit_never_denies),
    ],
)
def test_a_planted_bug_is_found(host: Host, monkeypatch: pytest.MonkeyPatch, plant: Any, property_that_finds_it: Any):
    plant(monkeypatch)

    with pytest.raises(AssertionError):
        property_that_finds_it(host=host)
