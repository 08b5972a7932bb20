"""The matrix: bounded pages, search, what differs from what is published."""

from __future__ import annotations

from liftgate.engine.catalogue import read_catalogue
from liftgate_server.admin.catalogue.matrix import Wanted, cell_of, matrix_of


def catalogue(*, features: int = 3, plans: int = 2, **given: object):
    return read_catalogue(
        {
            "schema": 1,
            "languages": ["en"],
            "features": {
                f"f{number}": {"kind": "switch", "name": {"en": f"Number {number}"}} for number in range(features)
            },
            "plans": {
                f"p{number}": {"name": {"en": "P"}, "rank": 100 - number, "entitlements": given.get(f"p{number}", {})}
                for number in range(plans)
            },
        }
    )


def test_plans_stand_by_rank_and_features_in_their_order():
    matrix = matrix_of(catalogue(), catalogue(), Wanted())
    assert [plan.key for plan in matrix.plans] == ["p1", "p0"]
    assert [row.feature.key for row in matrix.rows] == ["f0", "f1", "f2"]


def test_a_page_is_bounded_by_its_cells_however_large_the_catalogue():
    large = catalogue(features=2_000, plans=100)
    matrix = matrix_of(large, large, Wanted(page=400))
    assert sum(len(row.cells) for row in matrix.rows) <= 500
    assert (matrix.page, matrix.pages, matrix.found) == (400, 400, 2_000)
    assert matrix.rows[-1].feature.key == "f1999"


def test_a_page_beyond_the_last_is_the_last():
    assert matrix_of(catalogue(), catalogue(), Wanted(page=9)).page == 1


def test_every_word_typed_must_stand_in_key_or_name():
    found = matrix_of(catalogue(), catalogue(), Wanted(words="NUMBER 2"))
    assert [row.feature.key for row in found.rows] == ["f2"]


def test_a_cell_that_differs_from_what_is_published_is_marked():
    after, before = catalogue(p0={"f0": True}), catalogue(p0={"f1": True})
    assert [cell_of(after, before, "plans", "p0", key).is_changed for key in ("f0", "f1", "f2")] == [True, True, False]


def test_an_off_that_is_written_down_is_no_change():
    assert not cell_of(catalogue(p0={"f0": False}), catalogue(), "plans", "p0", "f0").is_changed


def test_archived_plans_and_features_are_counted_and_hidden():
    document = {
        "schema": 1,
        "languages": ["en"],
        "features": {"old": {"kind": "switch", "name": {"en": "Old"}, "archived": True}},
        "plans": {"gone": {"name": {"en": "Gone"}, "rank": 1, "archived": True}},
    }
    archived = read_catalogue(document)
    hidden = matrix_of(archived, archived, Wanted())
    assert (hidden.plans, hidden.rows, hidden.hidden) == ((), (), 2)
    assert len(matrix_of(archived, archived, Wanted(with_archived=True)).rows) == 1
