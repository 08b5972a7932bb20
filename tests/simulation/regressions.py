"""Seeds that once showed a bug, each with what it was; they run every time.

A seed tells the same story only while simulation and steps draw the same, so what it showed is kept as a mutant as well
(``plants``, ``row_locking_plants``) or as a plain test.
"""

from __future__ import annotations

SEEDS: dict[int, str] = {
    1: "a release that was asked for twice told the counters of its reservation (ReleaseToldOfItsReservation)",
}

ROW_LOCKING_SEEDS: dict[int, str] = {
    8: "a reservation and its commit at the same time waited for each other (test_stores: an insert of a known key)",
}
