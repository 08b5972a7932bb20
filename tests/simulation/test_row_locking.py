"""The functions of PostgreSQL, thousands of seeds of others who write at the same time."""

from __future__ import annotations

import pytest

from tests.simulation.regressions import ROW_LOCKING_SEEDS
from tests.simulation.row_locking import RowLocking
from tests.simulation.row_locking_plants import ROW_LOCKING_PLANTS
from tests.simulation.row_locking_subject import RowLockingSubject
from tests.simulation.run import find_failure, replay

_CHUNKS = 8


@pytest.mark.parametrize("chunk", range(_CHUNKS))
def test_no_seed_breaks_an_invariant_or_waits_for_ever(chunk: int, *, full_volume: bool):
    size = (8_000 if full_volume else 800) // _CHUNKS

    found = find_failure(range(chunk * size, (chunk + 1) * size), RowLockingSubject)

    assert found is None, str(found)


@pytest.mark.parametrize("seed", ROW_LOCKING_SEEDS)
def test_what_once_failed_holds(seed: int):
    assert str(replay(seed, RowLockingSubject) or "") == ""


@pytest.mark.parametrize("plant", ROW_LOCKING_PLANTS, ids=lambda plant: plant.__name__)
def test_a_planted_bug_is_found(plant: type[RowLocking]):
    found = find_failure(range(2_000), lambda: RowLockingSubject(plant()))

    assert found is not None
    assert found.problem.startswith("Violation")
