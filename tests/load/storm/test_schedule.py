"""The schedule of a storm comes from its seed, and hits everything."""

from __future__ import annotations

import pytest

from loadtests.storm.schedule import Blow, schedule


def test_the_same_seed_gives_the_same_schedule():
    assert schedule(7, 60) == schedule(7, 60)
    assert schedule(7, 60) != schedule(8, 60)


@pytest.mark.parametrize("seconds", [5, 15, 60])
def test_every_kind_of_blow_comes_in_every_storm_and_within_it(seconds: int):
    strikes = schedule(1, seconds)

    assert {strike.blow for strike in strikes} == set(Blow)
    assert all(0 < strike.at_seconds <= seconds for strike in strikes)
    assert strikes == sorted(strikes, key=lambda strike: strike.at_seconds)
