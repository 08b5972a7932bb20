"""A host app counts use through the SDK: the ledger, the checks of each process, and the answers agree."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import liftgate
from tests.scenarios.conftest import Stack
from tests.sdk.conftest import eventually

ACCOUNT = "tall-pines"
"""On the plan Free: three AI texts a day for each user, three boards."""


def ledger(stack: Stack, feature: str) -> list[dict[str, Any]]:
    page = stack.manage("GET", f"/v1/customers/{ACCOUNT}/usage/events?feature={feature}&limit=100")
    return list(page["items"])


def told(stack: Stack, feature: str, user: str | None = None) -> dict[str, Any]:
    page = stack.manage("GET", f"/v1/customers/{ACCOUNT}/usage" + (f"?user={user}" if user else ""))
    return next(row for row in page["features"] if row["feature"] == feature)


def test_what_the_sdk_consumed_is_what_the_server_tells(stack: Stack, lg: liftgate.Client) -> None:
    with lg.customer(ACCOUNT, user="u1"):
        first, refused = lg.consume("ai_texts", 2), lg.consume("ai_texts", 2)

        assert (first.granted, refused.granted) == (True, False)
        assert refused.decision.reason is liftgate.Reason.LIMIT_REACHED
        assert (refused.decision.used, refused.decision.limit) == (2, 3)
        assert refused.offer is not None
        assert lg.check("ai_texts").used == 2
    assert told(stack, "ai_texts", "u1")["used"] == 2
    with lg.customer(ACCOUNT, user="u2"):
        assert lg.check("ai_texts").used == 0


def test_another_process_sees_it_when_it_asks(start_host: Callable[[], liftgate.Client]) -> None:
    one, other = start_host(), start_host()
    with one.customer(ACCOUNT, user="u1"):
        one.consume("ai_texts", 3)
    with other.customer(ACCOUNT, user="u1"):
        other.refresh(ACCOUNT)

        assert not other.check("ai_texts")
        assert not other.consume("ai_texts")


def test_a_key_counts_once_and_names_what_differs(stack: Stack, lg: liftgate.Client) -> None:
    with lg.customer(ACCOUNT, user="u1"):
        assert not lg.consume("ai_texts", key="order-7").replayed
        assert lg.consume("ai_texts", key="order-7").replayed
        with pytest.raises(liftgate.ApiError) as caught:
            lg.consume("ai_texts", 2, key="order-7")

    assert caught.value.code == "idempotency_conflict"
    assert "quantity" in {error.path for error in caught.value.errors}
    assert [entry["key"] for entry in ledger(stack, "ai_texts")].count("order-7") == 1


def test_a_reservation_counts_what_was_used(stack: Stack, lg: liftgate.Client) -> None:
    with lg.customer(ACCOUNT, user="u1"):
        with lg.reserve("ai_texts", 3) as reservation:
            assert not lg.check("ai_texts")
            reservation.commit(1)
        assert lg.check("ai_texts").used == 1
        with pytest.raises(LookupError), lg.reserve("ai_texts", 2):
            raise LookupError
        assert lg.check("ai_texts").used == 1
        with pytest.raises(liftgate.UpgradeRequired), lg.reserve("ai_texts", 3):
            raise AssertionError

    row = told(stack, "ai_texts", "u1")
    assert (row["used"], row["held"]) == (1, 0)


def test_what_was_taken_can_be_given_back(stack: Stack, lg: liftgate.Client) -> None:
    with lg.customer(ACCOUNT, user="u1"):
        consumption = lg.consume("ai_texts", 3)
        consumption.refund(2)
        assert lg.check("ai_texts").used == 1
        lg.refund(consumption.key)
        assert lg.check("ai_texts").used == 0
        with pytest.raises(liftgate.ApiError) as caught:
            consumption.refund(1)

    assert caught.value.code == "beyond_refundable"
    assert told(stack, "ai_texts", "u1")["used"] == 0


def test_levels_have_their_limit(stack: Stack, lg: liftgate.Client) -> None:
    with lg.customer(ACCOUNT):
        assert lg.set_level("boards", 2)
        assert lg.add_level("boards", 1)
        refused = lg.add_level("boards", 1)

        assert (refused.granted, refused.decision.used, refused.decision.limit) == (False, 3, 3)
        assert refused.offer is not None
        assert not lg.check("boards.create")
        assert lg.add_level("boards", -1)
        assert lg.check("boards.create")
    assert told(stack, "boards")["used"] == 2


def test_what_was_recorded_arrives_and_is_never_refused(stack: Stack, lg: liftgate.Client) -> None:
    with lg.customer(ACCOUNT, user="u1"):
        for number in range(5):
            lg.record("ai_texts", properties={"number": number})
        assert lg.flush(20)

        assert not lg.check("ai_texts")
    assert told(stack, "ai_texts", "u1")["used"] == 5
    assert len(ledger(stack, "ai_texts")) == 5


def test_what_a_gate_let_through_is_counted_if_it_succeeds(stack: Stack, lg: liftgate.Client) -> None:
    @lg.gate("ai_texts", consume=1)
    def write(topic: str) -> str:
        if not topic:
            raise LookupError
        return topic

    @lg.gate("ai_texts", consume=len)
    async def write_all(topics: list[str]) -> int:
        return len(topics)

    with lg.customer(ACCOUNT, user="u1"):
        assert write("apples") == "apples"
        with pytest.raises(LookupError):
            write("")
        assert asyncio.run(write_all(["pears", "plums"])) == 2
        with pytest.raises(liftgate.UpgradeRequired):
            write("quinces")

    assert told(stack, "ai_texts", "u1")["used"] == 3


def test_what_cannot_be_consumed_is_an_error(lg: liftgate.Client) -> None:
    with lg.customer(ACCOUNT, user="u1"):
        for subject, code in (("nothing.like.it", "unknown_gate"), ("boards", "wrong_kind")):
            with pytest.raises(liftgate.ApiError) as caught:
                lg.consume(subject)
            assert caught.value.code == code
    with lg.customer(ACCOUNT), pytest.raises(liftgate.ApiError) as caught:
        lg.consume("ai_texts")
    assert caught.value.code == "user_required"


def test_what_was_left_in_the_spool_is_counted_by_the_next_start(stack: Stack, tmp_path: Path) -> None:
    folder = tmp_path / "spool"
    away = liftgate.Client(stack.url, stack.keys.secret, spool_dir=folder, load_budget_seconds=10)
    with away.customer(ACCOUNT, user="u1"):
        away._feed._transport.close()
        away.record("ai_texts", 2, key="line-1")
    away.close()
    assert len(list(folder.iterdir())) == 1

    following = liftgate.Client(stack.url, stack.keys.secret, spool_dir=folder, load_budget_seconds=10)
    with following, following.customer(ACCOUNT, user="u1"):
        assert eventually(lambda: list(folder.glob("*.usage")) == [])
    assert [(entry["key"], entry["quantity"]) for entry in ledger(stack, "ai_texts")] == [("line-1", 2)]


def test_what_ran_behind_a_gate_is_a_use_and_no_unit(stack: Stack, lg: liftgate.Client) -> None:
    create = lg.gate("boards.create")(lambda: None)
    lg.upsert_customer("newcomer")
    with lg.customer("newcomer", user="u1"):
        create()
        create()
        lg.used("boards")
        assert lg.flush(20)

        assert lg.check("boards").used == 0
    page = stack.manage("GET", "/v1/customers/newcomer/usage/history?feature=boards&by=user")
    assert [(row["user"], row["uses"], row["units"]) for row in page["items"]] == [("u1", 3, 0)]
