"""The steps of the ledger, thousands of seeds of crashes, lost answers, repetitions and clocks that jump."""

from __future__ import annotations

import pytest

from tests.simulation.posting_subject import PostingSubject
from tests.simulation.regressions import SEEDS
from tests.simulation.run import find_failure, replay, simulate

_CHUNKS = 20


@pytest.mark.parametrize("chunk", range(_CHUNKS))
def test_no_seed_breaks_an_invariant(chunk: int, *, full_volume: bool):
    size = (20_000 if full_volume else 2_000) // _CHUNKS

    found = find_failure(range(chunk * size, (chunk + 1) * size), PostingSubject)

    assert found is None, str(found)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_once_failed_holds(seed: int):
    assert str(replay(seed, PostingSubject) or "") == ""


def test_a_seed_always_tells_the_same_story():
    first: list[str] = []
    second: list[str] = []

    simulate(7, PostingSubject, first)
    simulate(7, PostingSubject, second)

    assert first == second
    assert len(first) > 100
