"""The simulation finds bugs: each mutant of the steps breaks an invariant within the seeds of a short run."""

from __future__ import annotations

import pytest

from tests.simulation.plants import PLANTS
from tests.simulation.posting_subject import PostingLedger, PostingSubject
from tests.simulation.run import find_failure

SEEDS = range(2_000)


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_a_planted_bug_is_found(plant: type[PostingLedger]):
    found = find_failure(SEEDS, lambda: PostingSubject(plant()))

    assert found is not None
    assert found.problem.startswith("Violation")
    assert found.trace, "the seed tells the story again"
