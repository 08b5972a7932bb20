"""Seeds that once showed a bug, each with what it was; they run every time."""

from __future__ import annotations

# A seed tells the same story only while the simulation draws the same, so beside it stands what the story was.
SEEDS: dict[int, str] = {
    1: "a release that was asked for twice told the counters of its reservation the second time",
    8: "a reservation and its commit, made at the same time, must not wait for each other",
}
