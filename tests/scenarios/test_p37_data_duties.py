"""p37: one customer or user is handed out and forgotten; the ledger keeps its counts, and every SDK forgets too."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

import liftgate
from tests.scenarios.conftest import Stack


def is_closed(host: liftgate.Client, gate: str) -> bool:
    return not host.check(gate).granted


def test_everything_about_a_customer_is_handed_out(stack: Stack, lg: liftgate.Client) -> None:
    lg.upsert_customer("harbour", attributes={"industry": "food"})

    lines = stack.lines("/v1/customers/harbour/export")

    first, *_rows, last = lines
    assert (first["kind"], first["schema"], first["customer"]) == ("export", 1, "harbour")
    assert last["kind"] == "end"
    assert last["rows"]["usage_event"] > 30
    (customer,) = [line["row"] for line in lines if line["kind"] == "customer"]
    assert customer["attributes"] == {"industry": "food"}


def test_a_forgotten_customer_leaves_the_counts_and_every_sdk(
    stack: Stack, lg: liftgate.Client, start_host: Callable[[], liftgate.Client]
) -> None:
    other = start_host()
    for host in (lg, other):
        with host.customer("harbour", user="owner"):
            assert host.check("boards.export").granted
    used = units_of(stack, "harbour")

    erasure = stack.manage("POST", "/v1/customers/harbour/erase", {"confirm": "harbour"})

    assert erasure["state"] == "done"
    for host in (lg, other):
        with host.customer("harbour", user="owner"):
            # What only a subscriber has is gone, without a restart: the account is one that nobody knows.
            wait_until(partial(is_closed, host, "boards.export"))
            assert host.check("boards.export").customer_version == 0
    assert stack.manage("GET", "/v1/customers/harbour")["code"] == "unknown_customer"
    assert units_of(stack, erasure["pseudonym"]) == used
    assert used > 99


def test_the_ledger_of_a_forgotten_customer_names_nobody(stack: Stack) -> None:
    pseudonym = stack.manage("POST", "/v1/customers/harbour/erase", {"confirm": "harbour"})["pseudonym"]

    kept = json.dumps(stack.lines(f"/v1/customers/{pseudonym}/export"))

    assert "usage_event" in kept
    assert not any(f'"{name}"' in kept for name in ("harbour", "owner", "member", "crew-1", "Harbour Lights"))


def test_a_forgotten_user_leaves_the_account_its_use(stack: Stack, lg: liftgate.Client) -> None:
    used = units_of(stack, "harbour")

    erasure = stack.manage("POST", "/v1/customers/harbour/users/member/erase", {"confirm": "member"})

    assert units_of(stack, "harbour") == used
    people = stack.manage("GET", "/v1/customers/harbour/usage/history?feature=exports&by=user")["items"]
    assert {row["user"] for row in people} == {"owner", "crew-1", erasure["pseudonym"]}
    with lg.customer("harbour", user="owner"):
        assert lg.check("boards.export").granted


def test_without_the_id_again_nothing_is_forgotten(stack: Stack) -> None:
    answer = stack.manage("POST", "/v1/customers/harbour/erase", {"confirm": "lantern"})

    assert answer["code"] == "not_confirmed"
    assert stack.manage("GET", "/v1/customers/harbour")["name"] == "Harbour Lights"


def units_of(stack: Stack, customer: str) -> Any:
    month = stack.lines(f"/v1/customers/{customer}/export")
    counters = [line["row"] for line in month if line["kind"] == "usage_counter"]
    return sum(row["used"] for row in counters if row["feature"] == "exports" and row["window"].startswith("month:"))


def wait_until(is_so: Callable[[], bool], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            pytest.fail("It did not come to that.")
        time.sleep(0.02)
