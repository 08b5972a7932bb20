"""Read by mypy only: what a decorated function looks like to its callers. A line that must not type-check says so."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import assert_type

import liftgate

lg = liftgate.Client("http://liftgate.test", "lgsk_test_k1_secret")


@lg.gate("reports.export")
def export(name: str, *, pages: int = 1) -> bytes:
    return name.encode() * pages


@lg.gate("reports.export", otherwise=lambda name: b"", used=lambda name: 3, on_failure="open")
async def export_later(name: str) -> bytes:
    return name.encode()


@lg.gate("reports.export", units=2, used={"day": 1})
def rows(limit: int) -> Iterator[int]:
    yield limit


@lg.gate("reports.export")
async def rows_later(limit: int) -> AsyncIterator[int]:
    yield limit


@lg.gate("render", consume=1)
def render(name: str, *, pages: int = 1) -> bytes:
    return name.encode() * pages


@lg.gate("render", consume=lambda name, pages=1: pages, otherwise=lambda name, pages=1: b"")
async def render_later(name: str, pages: int = 1) -> bytes:
    return name.encode() * pages


@lg.gate("render", consume=2)
def pages(limit: int) -> Iterator[int]:
    yield limit


@lg.gate("render", consume=2)
async def pages_later(limit: int) -> AsyncIterator[int]:
    yield limit


class Board:
    @lg.gate("boards.create", on_failure=liftgate.FailPolicy.OPEN)
    def rename(self, name: str) -> Board:
        return self


async def use() -> None:
    assert_type(export("a", pages=2), bytes)
    assert_type(await export_later("a"), bytes)
    assert_type(rows(3), Iterator[int])
    assert_type(rows_later(3), AsyncIterator[int])
    assert_type(Board().rename("b"), Board)
    assert_type(lg.check("reports.export"), liftgate.Decision)
    assert_type(lg.check("reports.export").offer, liftgate.Payload | None)
    with lg.customer("acme", user="u1", locale="de", buyer=True) as binding:
        assert_type(binding, liftgate.Binding)
    async with lg.customer("acme") as binding:
        assert_type(binding.user, str | None)
    assert_type(lg.token(), liftgate.Token)


async def count() -> None:
    assert_type(render("a", pages=2), bytes)
    assert_type(await render_later("a"), bytes)
    assert_type(pages(3), Iterator[int])
    assert_type(pages_later(3), AsyncIterator[int])
    consumption = lg.consume("render", 3, user="u1", key="order-7", properties={"format": "pdf"})
    assert_type(consumption, liftgate.Consumption)
    assert_type(consumption.decision, liftgate.Decision)
    assert_type(consumption.offer, liftgate.Payload | None)
    consumption.refund(1)
    assert_type(await lg.aconsume("render"), liftgate.Consumption)
    with lg.reserve("render", 10, ttl_seconds=60) as reservation:
        assert_type(reservation, liftgate.Reservation)
        reservation.commit(7)
    async with lg.reserve("render") as reservation:
        assert_type(reservation, liftgate.Reservation)
        await reservation.acommit()
    assert_type(lg.record("render", 2, at=datetime.now(UTC)), str)
    assert_type(lg.set_level("seats", 12), liftgate.Consumption)
    assert_type(await lg.aadd_level("seats", -1), liftgate.Consumption)
    lg.used("sso")
    assert_type(lg.flush(2.5), bool)


def misuse() -> None:
    render(1)  # type: ignore[arg-type]
    pages("a")  # type: ignore[arg-type]
    lg.consume("render", "3")  # type: ignore[arg-type]
    lg.consume("render", 3, "u1")  # type: ignore[call-arg]
    lg.reserve("render", 3, 60)  # type: ignore[call-arg]
    lg.record("render", at="2026-11-22")  # type: ignore[arg-type]
    export(1)  # type: ignore[arg-type]
    export("a", 2)  # type: ignore[call-arg]
    export_later()  # type: ignore[call-arg, unused-coroutine]
    Board().rename()  # type: ignore[call-arg]
    lg.check(3)  # type: ignore[arg-type]
    lg.customer("acme", "u1", "de")  # type: ignore[call-arg]
