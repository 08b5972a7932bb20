"""Read by mypy only: what a decorated function looks like to its callers. A line that must not type-check says so."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
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


def misuse() -> None:
    export(1)  # type: ignore[arg-type]
    export("a", 2)  # type: ignore[call-arg]
    export_later()  # type: ignore[call-arg, unused-coroutine]
    Board().rename()  # type: ignore[call-arg]
    lg.check(3)  # type: ignore[arg-type]
    lg.customer("acme", "u1", "de")  # type: ignore[call-arg]
