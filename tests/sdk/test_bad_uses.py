"""What cannot be counted is refused in clear words, before anything is sent."""

from __future__ import annotations

import pytest

from liftgate import BindingError

pytestmark = pytest.mark.usefixtures("_without_pauses")


@pytest.mark.parametrize("units", [0, -1, 1.5, 2.0, float("nan"), float("inf"), True, 2**53, 10**12 + 1, "3", None])
def test_bad_units_are_refused_before_anything_is_sent(bound, server, units):
    for use in (
        lambda: bound.consume("exports", units),
        lambda: bound.record("exports", units),
        lambda: bound.reserve("exports", units),
        lambda: bound.used("sso", units),
        bound.gate("exports", consume=lambda: units)(lambda: None),
    ):
        with pytest.raises(ValueError, match="`units` is a whole number"):
            use()

    assert server.count("/usage/") == 0


@pytest.mark.parametrize("key", ["", "x" * 129, "ümlaut", "new\nline", " space ", 7])
def test_a_bad_key_is_refused_before_anything_is_sent(bound, server, key):
    with pytest.raises(ValueError, match="`key`"):
        bound.consume("exports", key=key)

    assert server.count("/usage/") == 0


@pytest.mark.parametrize(
    "properties",
    [{"a": float("nan")}, {"a": [1]}, {"a": {"b": 1}}, {"": 1}, {"a": "x" * 257}, {1: 2}, {"a": 2**53}],
)
def test_bad_properties_are_refused_before_anything_is_sent(bound, server, properties):
    with pytest.raises(ValueError, match="propert"):
        bound.consume("exports", properties=properties)

    assert server.count("/usage/") == 0


def test_nobody_bound_is_nobody_to_count_for(client):
    for use in (
        lambda: client.consume("exports"),
        lambda: client.record("exports"),
        lambda: client.reserve("exports"),
        lambda: client.set_level("boards", 1),
        lambda: client.used("sso"),
        lambda: client.refund("key"),
    ):
        with pytest.raises(BindingError):
            use()


@pytest.mark.parametrize("level", [-1, 1.5, True, 2**53])
def test_a_bad_level_is_refused_before_anything_is_sent(bound, server, level):
    with pytest.raises(ValueError, match="`level`"):
        bound.set_level("boards", level)
    with pytest.raises(ValueError, match="`by`"):
        bound.add_level("boards", 0)

    assert server.count("/usage/") == 0
