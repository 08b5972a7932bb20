"""p05: a free user has so many uses a day; each shows what is left; the next one opens the modal; next day it works.

The browser's part is `tests/browser/test_p05_metered_taste.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

import liftgate
from liftgate_server.plumbing.clock import FixedClock

PER_DAY = 3


class Writer:
    """What a host sells a taste of; the gate counts, so the host needs no counter of its own."""

    def __init__(self, lg: liftgate.Client) -> None:
        self.texts: list[str] = []
        self.write = lg.gate("texts.write", consume=1)(self.texts.append)


def test_each_use_shows_what_is_left_and_the_one_too_many_opens_the_modal(lg: liftgate.Client) -> None:
    writer, left = Writer(lg), []

    with lg.customer("blue-kite", user="owner", buyer=True):
        for topic in ("one", "two", "three"):
            writer.write(topic)
            left.append(lg.check("texts.write").remaining)
        with pytest.raises(liftgate.UpgradeRequired) as refusal:
            writer.write("four")

    assert left == [2, 1, 0]
    assert writer.texts == ["one", "two", "three"]
    payload = refusal.value.payload
    assert payload is not None
    assert payload.content.usage is not None
    assert (payload.content.usage.used, payload.content.usage.limit) == (PER_DAY, PER_DAY)
    assert payload.content.options[0].plan == "pro"


def test_every_person_has_an_own_taste(lg: liftgate.Client) -> None:
    writer = Writer(lg)
    with lg.customer("blue-kite", user="owner"):
        for topic in ("one", "two", "three"):
            writer.write(topic)

    with lg.customer("blue-kite", user="member"):
        writer.write("four")

    assert len(writer.texts) == PER_DAY + 1


def test_several_processes_share_one_taste(start_host: Callable[[], liftgate.Client]) -> None:
    granted = 0
    for host in (start_host(), start_host(), start_host()):
        with host.customer("blue-kite", user="owner"):
            granted += sum(bool(host.consume("texts.write")) for _ in range(2))

    assert granted == PER_DAY


def test_a_text_that_fails_is_not_counted(lg: liftgate.Client) -> None:
    @lg.gate("texts.write", consume=1)
    def write() -> None:
        raise RuntimeError("the model is away")

    with lg.customer("blue-kite", user="owner"):
        with pytest.raises(RuntimeError, match="away"):
            write()
        assert lg.check("texts.write").remaining == PER_DAY


def test_the_next_day_it_works_again(lg: liftgate.Client, clock: FixedClock) -> None:
    with lg.customer("blue-kite", user="owner"):
        assert [bool(lg.consume("texts.write")) for _ in range(PER_DAY + 1)] == [True, True, True, False]

        clock.advance(timedelta(days=1))

        assert lg.consume("texts.write")
        assert lg.check("texts.write").remaining == PER_DAY - 1
