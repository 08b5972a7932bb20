"""The functions of migration 0007 take units as the engine does, whatever the allowance."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liftgate.engine.allowance_model import BASE, Allowance, Bucket, Window
from liftgate.engine.catalogue_model import FeatureKind
from liftgate_server.plumbing.db import hot_writes
from liftgate_server.usage import ledger
from liftgate_server.usage.carrying_out import carry_out
from liftgate_server.usage.crossings import announce_now
from liftgate_server.usage.facts import Operation
from liftgate_server.usage.posting_steps import post
from tests.server.usage.ledger.accounts import START, Account, parts

limits = st.none() | st.integers(0, 6)
keys = st.sampled_from(["day:x", "month:x", "never"])


@st.composite
def windows(draw: Any, key: str) -> Window:
    limit = draw(limits)
    ceiling = None if limit is None else draw(st.none() | st.integers(limit, limit + 3))
    user = draw(st.sampled_from([None, "u1"]))
    warn_at = tuple(draw(st.sets(st.sampled_from([10, 50, 80]))))
    return Window(key, user, START - timedelta(days=1), None, limit, ceiling, limit, warn_at)


@st.composite
def buckets(draw: Any, key: str) -> Bucket:
    own = ["trial:t", *(["day:x", "month:x", "never"])] if key == BASE else [key, f"{key}:day:x"]
    names_of_one = st.lists(st.sampled_from(own), min_size=1, max_size=3, unique=True)
    alternatives = draw(st.lists(names_of_one, min_size=1, max_size=2))
    return Bucket(key, tuple(tuple(draw(windows(name)) for name in names) for names in alternatives), None)


@st.composite
def allowances(draw: Any) -> Allowance:
    names = draw(st.permutations([BASE, "bucket:a", "bucket:b"]))
    some = names[: draw(st.integers(1, 3))]
    return Allowance("exports", FeatureKind.METERED, tuple(draw(buckets(name)) for name in some))


postings = st.tuples(st.integers(1, 5), st.sampled_from(["consume", "record", "reserve"]), st.integers(0, 5))
customers = itertools.count()

# On SQLite both are the same.
pytestmark = pytest.mark.only_on("postgresql")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(allowed=allowances(), wanted=st.lists(postings, min_size=1, max_size=6))
def test_both_ways_of_counting_come_to_the_same(account, allowed, wanted):
    """By the door of this database, and step by step: the same answers, counters, days and thresholds."""
    number = next(customers)
    by_door, by_steps = (
        Account(account.environment_id, f"door-{number}"),
        Account(account.environment_id, f"steps-{number}"),
    )

    told = [[_do(own, allowed, *it, is_door=own is by_door) for it in wanted] for own in (by_door, by_steps)]

    assert told[0] == told[1]
    for look in (Account.counters, Account.days, Account.fired, Account.used):
        assert look(by_door) == look(by_steps)


def _do(own: Account, allowed: Allowance, units: int, kind: str, actual: int, *, is_door: bool) -> Any:
    operation = Operation.RECORD if kind == "record" else Operation.CONSUME
    posting = own.posting(units, allowed, operation=operation, user="u1")
    until = START + timedelta(seconds=60) if kind == "reserve" else None
    if is_door:
        posted = (
            ledger.consume(own.environment_id, posting)
            if until is None
            else ledger.reserve(own.environment_id, posting, expires_at=until)
        )
    else:
        posted = _by_steps(own, posting, until)
    told = (posted.granted, parts(posted), posted.receipt.counters, posted.crossed)
    if until is None or not posted.granted:
        return told
    ended = own.commit(posting.key, min(actual, units)) if actual else own.release(posting.key)
    return (*told, parts(ended), ended.receipt.counters)


def _by_steps(own: Account, posting: Any, until: Any) -> Any:
    posted = carry_out(hot_writes(), lambda: post(own.environment_id, posting, expires_at=until))
    if posted.to_announce:
        announce_now(own.environment_id, own.customer)
    return posted
