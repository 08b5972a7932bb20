from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liftgate_server.entitlements.requests import read_batch, read_client_question, read_question
from liftgate_server.plumbing.errors import Invalid


def test_a_full_question_is_read():
    question = read_question(
        {
            "customer": "acme",
            "gate": "exports",
            "user": "u1",
            "units": 2,
            "used": {"day": 3},
            "language": "de",
            "at": "2026-11-22T10:00:00+01:00",
        }
    )
    assert (question.customer, question.gate, question.reader) == ("acme", "exports", ("u1", None, "de"))
    assert (question.units, question.used) == (2, {"day": 3})
    assert question.at == datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "path", "code"),
    [
        ({"customer": None}, "customer", "wrong_type"),
        ({"customer": 7}, "customer", "wrong_type"),
        ({"customer": "a b"}, "customer", "bad_value"),
        ({"customer": ""}, "customer", "bad_value"),
        ({"gate": 1}, "gate", "wrong_type"),
        ({"gate": ""}, "gate", "out_of_range"),
        ({"gate": "g" * 129}, "gate", "out_of_range"),
        ({"units": 2.6e-42}, "units", "wrong_type"),
        ({"units": True}, "units", "wrong_type"),
        ({"units": 3.0}, "units", "wrong_type"),
        ({"units": -1}, "units", "out_of_range"),
        ({"units": 2**53}, "units", "out_of_range"),
        ({"used": "3"}, "used", "wrong_type"),
        ({"used": {"day": 2.6e-42}}, "used.day", "wrong_type"),
        ({"used": {"fortnight": 3}}, "used.fortnight", "unknown_field"),
        ({"used": [3]}, "used", "wrong_type"),
        ({"user": "u 1"}, "user", "bad_value"),
        ({"language": "d"}, "language", "bad_value"),
        ({"language": {}}, "language", "wrong_type"),
        ({"at": "yesterday"}, "at", "bad_value"),
        ({"at": "2026-02-30T00:00:00Z"}, "at", "bad_value"),
        ({"at": "2026-02-03T00:00:00"}, "at", "bad_value"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "at", "bad_value"),
        ({"at": "0001-12-31T23:59:59Z"}, "at", "bad_value"),
        ({"at": "9999-01-01T00:00:00Z"}, "at", "bad_value"),
        ({"at": 0}, "at", "wrong_type"),
        ({"unit": 3}, "unit", "unknown_field"),
    ],
)
def test_a_wrong_field_of_a_check_is_named(fields, path, code):
    with pytest.raises(Invalid) as refused:
        read_question({"customer": "acme", "gate": "sso"} | fields)
    assert refused.value.code == "invalid_request"
    assert [(error.path, error.code) for error in refused.value.errors] == [(path, code)]


@pytest.mark.parametrize(
    ("fields", "path", "code"),
    [
        ({"gates": "sso"}, "gates", "wrong_type"),
        ({"gates": ["sso", 3]}, "gates[1]", "wrong_type"),
        ({"gates": ["g"] * 1001}, "gates", "out_of_range"),
        ({"used": 3}, "used", "wrong_type"),
        ({"used": {"sso": 2.6e-42}}, "used.sso", "wrong_type"),
        ({"used": {"sso": {"day": True}}}, "used.sso.day", "wrong_type"),
        ({"units": 3}, "units", "unknown_field"),
    ],
)
def test_a_wrong_field_of_a_batch_is_named(fields, path, code):
    with pytest.raises(Invalid) as refused:
        read_batch({"customer": "acme"} | fields)
    assert refused.value.code == "invalid_request"
    assert [(error.path, error.code) for error in refused.value.errors] == [(path, code)]


def test_a_page_cannot_say_who_it_is():
    with pytest.raises(Invalid) as refused:
        read_client_question({"gate": "sso", "customer": "acme", "user": "boss", "buyer": True})
    assert {error.path for error in refused.value.errors} == {"customer", "user", "buyer"}


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | st.just("day"), inner, max_size=3)
    ),
    max_leaves=6,
)
names = st.sampled_from(["customer", "gate", "gates", "user", "units", "used", "language", "at"]) | st.text(max_size=5)


@given(st.dictionaries(names, values, max_size=6) | values, st.sampled_from([read_question, read_batch]))
def test_any_body_is_read_or_refused_by_name(body, read):
    errors = None
    try:
        question = read(body)
    except Invalid as refused:
        question, errors = None, refused.errors
    assert question or errors
