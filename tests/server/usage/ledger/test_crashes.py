"""A process that ends in the middle leaves nothing, and one whose answer is lost is asked again and counts once."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta

import pytest

from liftgate_server.plumbing.db import hot_writes
from liftgate_server.usage.carrying_out import carry_out
from liftgate_server.usage.facts import Operation, Posted
from liftgate_server.usage.level_steps import change_level
from liftgate_server.usage.posting_statements import COMMIT, Steps
from liftgate_server.usage.posting_steps import post
from liftgate_server.usage.refund_steps import refund
from liftgate_server.usage.settling_steps import settle
from tests.server.usage.ledger.accounts import START, Account, allowance, gift, parts, window

LIMITS = allowance(window(6, warn_at=(50,)), beside=(gift(2),))
Make = Callable[[], Steps[Posted]]


class Crash(BaseException):
    """The process ends."""


def consume(account: Account) -> Make:
    posting = account.posting(5, LIMITS)
    return lambda: post(account.environment_id, posting)


def reserve(account: Account) -> Make:
    account.reserve(2, LIMITS, seconds=0)
    posting = account.posting(5, LIMITS)
    return lambda: post(account.environment_id, posting, expires_at=START + timedelta(seconds=60))


def commit(account: Account) -> Make:
    account.reserve(5, LIMITS, key="r")
    return lambda: settle(account.environment_id, "acme", "r", quantity=3, at=START)


def release(account: Account) -> Make:
    account.reserve(5, LIMITS, key="r")
    return lambda: settle(account.environment_id, "acme", "r", quantity=None, at=START)


def give_back(account: Account) -> Make:
    account.consume(5, LIMITS, key="k")
    return lambda: refund(account.environment_id, "acme", "back", of="k", quantity=4, at=START)


def set_level(account: Account) -> Make:
    posting = account.posting(5, allowance(window(6)), operation=Operation.LEVEL)
    return lambda: change_level(account.environment_id, posting)


def crashing_after(statements: int, make: Make) -> Make:
    """Carry out so many statements and then end; after all of them only the answer is lost."""

    def steps() -> Steps[Posted]:
        inner = make()
        statement = next(inner)
        for _ in range(statements):
            rows = yield statement
            if statement is COMMIT:
                break
            statement = inner.send(rows)
        raise Crash

    return steps


def everything(account: Account) -> list[object]:
    tables = ("events", "counters", "reservations", "days", "crossings")
    return [sorted(account.rows(f"SELECT * FROM usage_{table}"), key=repr) for table in tables]  # noqa: S608


@pytest.mark.parametrize("operation", [consume, reserve, commit, release, give_back, set_level])
def test_it_is_done_wholly_or_not_at_all_and_once(account, operation):
    make = operation(account)
    before = everything(account)
    for statements in itertools.count():
        with pytest.raises(Crash):
            carry_out(hot_writes(), crashing_after(statements, make))
        if everything(account) != before:
            break
    after = everything(account)

    told = carry_out(hot_writes(), make)

    assert statements > 3
    assert told.replayed
    assert everything(account) == after
    assert (
        sum(used + held for used, held in account.counters().values())
        == {
            "consume": 5,
            "reserve": 5,
            "commit": 3,
            "release": 0,
            "give_back": 1,
            "set_level": 5,
        }[operation.__name__]
    )


def test_the_answer_that_was_lost_is_the_one_that_is_given(account):
    make = consume(account)
    with pytest.raises(Crash):
        carry_out(hot_writes(), crashing_after(99, make))

    told = carry_out(hot_writes(), make)

    assert (told.granted, told.replayed, parts(told)) == (True, True, [("bucket:gift", 2), ("base", 3)])
