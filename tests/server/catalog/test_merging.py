"""Two people's changes of one document: nothing is lost, and what both changed is said."""

from __future__ import annotations

import itertools

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liftgate_server.catalog.merging import REMOVED, Edit, PathError, apply_edits, merge

KEYS = st.sampled_from(["a", "b", "c", "d"])
LEAVES = st.one_of(st.integers(0, 3), st.booleans(), st.lists(st.integers(0, 2), max_size=2), st.sampled_from("xyz"))
DOCUMENTS = st.dictionaries(
    KEYS,
    st.recursive(LEAVES, lambda inner: st.dictionaries(KEYS, inner, min_size=1, max_size=3), max_leaves=6),
    max_size=4,
)


def text(value: object) -> bytes:
    """The value with its keys sorted: their order means nothing in these documents."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def leaves(value: object, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], bytes]:
    """Every field that has no fields of its own."""
    if not isinstance(value, dict):
        return {path: text(value)}
    return {inner: leaf for key, part in value.items() for inner, leaf in leaves(part, (*path, key)).items()}


def is_told(path, collisions):
    """Whether a collision is about the field, about what it is in, or about what is in it."""
    return any(path[: len(one.path)] == one.path[: len(path)] for one in collisions)


def lost(base, side, merged):
    """What one side changed and the merged document neither has nor tells."""
    before, wanted, got = leaves(base), leaves(side), leaves(merged.document)
    kept = {path: leaf for path, leaf in wanted.items() if before.get(path) != leaf}
    gone = before.keys() - wanted.keys()
    missing = {path for path, leaf in kept.items() if got.get(path) != leaf} | (gone & got.keys())
    return {path for path in missing if not is_told(path, merged.collisions)}


@given(base=DOCUMENTS, theirs=DOCUMENTS, yours=DOCUMENTS)
def test_no_change_of_either_side_is_lost_silently(base, theirs, yours):
    merged = merge(base, theirs, yours)

    assert lost(base, theirs, merged) == set()
    assert lost(base, yours, merged) == set()


@given(base=DOCUMENTS, one=DOCUMENTS, other=DOCUMENTS)
def test_it_does_not_matter_who_comes_first(base, one, other):
    forth, back = merge(base, one, other), merge(base, other, one)

    assert {collision.path for collision in forth.collisions} == {collision.path for collision in back.collisions}
    if not forth.collisions:
        assert text(forth.document) == text(back.document)


@given(base=DOCUMENTS, one=DOCUMENTS)
def test_what_only_one_side_changed_is_taken_as_it_is(base, one):
    assert (text(merge(base, base, one).document), text(merge(base, one, base).document)) == (text(one), text(one))
    assert merge(base, one, one).collisions == ()


@given(
    base=st.fixed_dictionaries({key: st.fixed_dictionaries({"x": LEAVES, "y": LEAVES}) for key in "abc"}),
    edits=st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), LEAVES), max_size=5, unique_by=lambda e: e[:2]
    ),
)
def test_disjoint_edits_in_any_order_give_the_same_document(base, edits):
    steps = [Edit((section, name), value) for section, name, value in edits]
    expected = text(apply_edits(base, steps))

    for order in itertools.islice(itertools.permutations(steps), 24):
        document = base
        for edit in order:
            merged = merge(base, document, apply_edits(base, [edit]))
            assert merged.collisions == ()
            document = merged.document
        assert text(document) == expected


def test_a_field_that_both_changed_is_a_collision_with_all_three_values():
    [collision] = merge({"p": {"rank": 1}}, {"p": {"rank": 2}}, {"p": {"rank": 3}}).collisions

    assert (collision.path, collision.base, collision.theirs, collision.yours) == (("p", "rank"), 1, 2, 3)


def test_what_one_removed_and_the_other_changed_is_a_collision():
    [collision] = merge({"p": {"rank": 1}}, {}, {"p": {"rank": 3}}).collisions

    assert (collision.path, collision.theirs) == (("p",), REMOVED)


def test_a_list_is_one_field():
    assert len(merge({"prices": [1]}, {"prices": [1, 2]}, {"prices": [0, 1]}).collisions) == 1


def test_both_adding_different_parts_of_one_thing_is_no_collision():
    merged = merge({}, {"p": {"name": "P", "rank": 1}}, {"p": {"name": "P", "trial": 7}})

    assert (merged.document, merged.collisions) == ({"p": {"name": "P", "rank": 1, "trial": 7}}, ())


def test_true_is_not_one():
    assert len(merge({"sso": 0}, {"sso": 1}, {"sso": True}).collisions) == 1


def test_a_new_order_of_features_is_a_change_like_another():
    base, moved = {"features": {"a": 1, "b": 2}}, {"features": {"b": 2, "a": 1}}
    added = {"features": {"a": 1, "b": 2, "c": 3}}

    for one, other in ((moved, added), (added, moved)):
        # Equal dictionaries may have two orders; texts do not.
        merged = merge(base, one, other)
        assert (orjson.dumps(merged.document), merged.collisions) == (b'{"features":{"b":2,"c":3,"a":1}}', ())


def test_two_new_orders_of_features_collide():
    base = {"features": {"a": 1, "b": 2, "c": 3}}
    [collision] = merge(base, {"features": {"b": 2, "a": 1, "c": 3}}, {"features": {"c": 3, "a": 1, "b": 2}}).collisions

    assert (collision.path, collision.yours) == (("features",), ["c", "a", "b"])


def test_an_edit_makes_the_sections_that_it_needs_and_takes_away_those_that_it_empties():
    made = apply_edits({}, [Edit(("plans", "pro", "rank"), 1)])

    assert made == {"plans": {"pro": {"rank": 1}}}
    assert apply_edits(made, [Edit(("plans", "pro", "rank"), REMOVED)]) == {}


@pytest.mark.parametrize("path", [(), ("prices", "0", "amount")])
def test_an_edit_that_leads_nowhere_is_refused(path):
    with pytest.raises(PathError):
        apply_edits({"prices": [1]}, [Edit(path, 1)])
