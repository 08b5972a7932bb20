"""The operations of the case files through the first door: the engine's own functions."""

from __future__ import annotations

import pytest

from liftgate.engine import wire
from tests.case_files import OperationsCase, assert_counted, assert_holds, named, read_operations_cases
from tests.engine.operations_player import Player


@pytest.mark.parametrize("case", read_operations_cases(), ids=lambda case: case.name)
def test_the_engine_counts_as_the_case_says(case: OperationsCase) -> None:
    player = Player(case)

    for operation in case.operations:
        assert_holds(operation["expect"], player.play(operation), f"{named(operation)} at {operation['at']}")

    assert_counted(case, wire.encode_state(player.state()))
