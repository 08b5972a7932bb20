"""Many at once: never a unit too many, never one lost, whatever waits for whatever."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from liftgate_server.customers.service import UpsertCustomer, mark_changed, upsert_customer
from liftgate_server.plumbing.errors import Conflict, Problem
from liftgate_server.usage.facts import Proof, StaleTerms
from tests.server.usage.ledger.accounts import DAY, Account, allowance, gift, window

AT_ONCE = 8
MONTHLY, DAILY = "month:2026-11-01T00:00:00Z", "day:2026-11-22T00:00:00Z"


@pytest.fixture
def together(make_app, environment) -> Callable[..., list[Any]]:
    """Do a work in eight threads and two servers, released together."""

    def run(work: Callable[[Account], Any]) -> list[Any]:
        barrier = threading.Barrier(AT_ONCE)

        def one(number: int, app: Flask) -> Any:
            with app.app_context():
                account = Account(environment.id, keys=(f"{number}-{place}" for place in itertools.count()))
                account.version()
                barrier.wait(timeout=30)
                return work(account)

        apps = [make_app(), make_app()]
        with ThreadPoolExecutor(AT_ONCE) as threads:
            running = [threads.submit(one, number, apps[number % 2]) for number in range(AT_ONCE)]
            return [done.result() for done in running]

    return run


def test_a_limit_is_used_up_to_the_last_unit_and_no_further(together, account):
    """The counter does not exist at first, so all of them begin by making it."""
    allowed = allowance(window(50), window(40, DAY))

    granted = together(lambda own: sum(own.consume(1, allowed).granted for _ in range(10)))

    assert sum(granted) == 40
    assert account.counters() == {MONTHLY: (40, 0), DAILY: (40, 0)}
    assert account.used() == 40
    assert account.days() == {"2026-11-22": (40, 40)}


def test_buckets_and_users_are_used_up_exactly(together, account):
    def work(own: Account) -> int:
        user = f"u{int(next(own.keys)[0]) % 4}"
        allowed = allowance(window(7, DAY, user=user), window(20), beside=(gift(10),))
        return sum(own.consume(2, allowed, user=user).granted for _ in range(8))

    granted = together(work)

    counters = account.counters()
    assert sum(granted) == 15
    assert counters[MONTHLY] == (20, 0)
    assert counters["bucket:gift"] == (10, 0)
    assert sum(used for name, (used, _) in counters.items() if name.startswith(DAILY)) == 20


def test_the_same_key_at_once_counts_once_with_one_answer(together, account):
    posted = together(lambda own: [own.consume(1, allowance(window(5)), key=f"k{key}") for key in range(8)])

    for key in range(8):
        assert len({(it[key].granted, str(it[key].receipt)) for it in posted}) == 1
        assert sum(not it[key].replayed for it in posted) == 1
    assert account.used() == 5
    assert account.counters() == {MONTHLY: (5, 0)}


def test_one_key_with_two_payloads_at_once_counts_one_of_them(together, account):
    def work(own: Account) -> Any:
        units = 1 + int(next(own.keys)[0]) % 2
        try:
            return own.consume(units, allowance(window(9)), key="k").receipt.parts[0].units
        except Conflict as refused:
            return refused.code

    told = together(work)

    assert set(told) == {"idempotency_conflict", account.used()}


def test_reservations_and_their_ends_at_once_leave_nothing_behind(together, account):
    """What is left free is taken by others at once, and in the end nothing is held."""
    allowed = allowance(window(20), beside=(gift(4),))

    def work(own: Account) -> int:
        committed = 0
        for place in range(8):
            key = next(own.keys)
            if own.reserve(3, allowed, key=key).granted:
                if place % 3 == 0:
                    own.release(key)
                else:
                    own.commit(key, 2)
                    committed += 2
        return committed

    committed = sum(together(work))

    counters = account.counters()
    assert all(held == 0 for _, held in counters.values())
    assert sum(used for used, _ in counters.values()) == account.used() == committed <= 24


def test_one_reservation_is_ended_once(together, account):
    account.reserve(5, allowance(window(5)), key="r")

    def work(own: Account) -> str:
        try:
            return "replayed" if own.commit("r", 1 + int(next(own.keys)[0]) % 2).replayed else "committed"
        except Problem as refused:
            return refused.code

    told = together(work)

    assert told.count("committed") == 1
    assert set(told) <= {"committed", "replayed", "reservation_committed"}
    assert account.counters() == {MONTHLY: (account.used(), 0)}


def test_no_more_is_refunded_at_once_than_was_taken(together, account):
    account.consume(5, allowance(window(9), beside=(gift(2),)), key="k")

    def work(own: Account) -> int:
        try:
            return -sum(part.units for part in own.refund("k", 2).receipt.parts)
        except Conflict:
            return 0

    assert sum(together(work)) == 4
    assert account.used() == 1


def test_levels_at_once_add_up(together, account):
    allowed = allowance(window(None, (None, None)))

    together(lambda own: [own.add_level(1, allowed) for _ in range(5)])

    assert account.counters() == {"never": (40, 0)}


def test_expired_reservations_are_given_back_once(together, account):
    account.reserve(6, allowance(window(9)), seconds=0)

    granted = together(lambda own: sum(own.consume(1, allowance(window(9))).granted for _ in range(3)))

    assert sum(granted) == 9
    assert account.counters() == {MONTHLY: (9, 0)}


def test_no_unit_is_granted_by_terms_that_no_longer_hold(together, account):
    """One thread changes the plan again and again while the others consume by whatever holds."""
    upsert_customer(account.environment_id, "acme", UpsertCustomer(name="Acme"))
    is_taken = threading.Lock()

    def limit_of(version: int) -> int:
        return version % 3 * 12

    def consume(own: Account) -> list[tuple[int, int]]:
        version = own.version()
        try:
            posted = own.consume(1, allowance(window(limit_of(version))), proof=Proof(0, None, version))
        except StaleTerms:
            return []
        return [(posted.receipt.counters[MONTHLY, None], limit_of(version))] if posted.granted else []

    def work(own: Account) -> list[tuple[int, int]]:
        if is_taken.acquire(blocking=False):
            for _ in range(30):
                mark_changed(own.environment_id, "acme")
            return []
        return [it for _ in range(25) for it in consume(own)]

    granted = [it for told in together(work) for it in told]

    assert all(stands <= limit for stands, limit in granted)
    assert account.used() == len(granted) <= 24


def test_terms_do_not_change_while_somebody_counts_by_them(together, account):
    """Everybody consumes, and changes the customer in between: nobody waits for ever, and the counts are right."""
    upsert_customer(account.environment_id, "acme", UpsertCustomer(name="Acme"))
    allowed = allowance(window(1000, warn_at=(1, 2, 3)))

    def work(own: Account) -> int:
        granted = 0
        for place in range(10):
            if place % 4 == 3:
                mark_changed(own.environment_id, "acme")
            try:
                granted += own.consume(1, allowed).granted
            except StaleTerms:
                continue
        return granted

    granted = sum(together(work))

    assert granted == account.used()
    assert account.counters() == {MONTHLY: (granted, 0)}
