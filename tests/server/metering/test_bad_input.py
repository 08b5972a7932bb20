"""Whatever is sent: a typed error that names the field, and nothing counted."""

from __future__ import annotations

from typing import Any

import pytest

BEYOND = 2**53
NUMBERS: list[tuple[Any, str]] = [
    (-1, "out_of_range"),
    (0, "out_of_range"),
    (1.5, "wrong_type"),
    (3.0, "wrong_type"),
    (2.6e-42, "wrong_type"),
    (True, "wrong_type"),
    ("3", "wrong_type"),
    ([], "wrong_type"),
    (BEYOND, "out_of_range"),
]
WANTED = {"customer": "acme", "gate": "exports"}
# Every call that takes a number of units, and the name it goes by.
CALLS: list[tuple[str, str, dict[str, Any]]] = [
    ("consume", "quantity", WANTED),
    ("reserve", "quantity", WANTED),
    ("refund", "quantity", {"customer": "acme", "key": "a"}),
    ("reservations/commit", "quantity", {"customer": "acme", "reservation": "a"}),
    ("level", "level", {"customer": "acme", "feature": "boards"}),
    ("level", "by", {"customer": "acme", "feature": "boards"}),
    ("reserve", "expires_in_seconds", WANTED),
]
# A level of nothing, one less, and nothing used are fine.
FINE = [("level", "level", 0), ("level", "by", -1), ("reservations/commit", "quantity", 0)]


def complaint(answer: Any) -> tuple[int, str, set[tuple[str, str]]]:
    """What an answer says is wrong: its status, its code, and the fields with theirs."""
    errors = answer.json.get("errors", [])
    return answer.status_code, answer.json["code"], {(error["path"], error["code"]) for error in errors}


@pytest.mark.parametrize(("call", "field", "body"), CALLS)
def test_a_number_that_is_no_number_of_units_is_refused(meters, counted, call, field, body):
    """All of a call's numbers in one test: a server for each would be most of the work."""
    wrong = [(value, code) for value, code in NUMBERS if (call, field, value) not in FINE]

    complaints = [
        (value, complaint(meters.caller.post(f"/v1/usage/{call}", json=body | {field: value}))) for value, _ in wrong
    ]

    assert complaints == [(value, (422, "invalid_request", {(field, code)})) for value, code in wrong]
    assert counted() == (0, 0)


TEXTS = ['{"quantity": NaN}', '{"quantity": Infinity}', '{"quantity": 1e999}', "{", "", "[1]", '"x"', "null"]


@pytest.mark.parametrize("call", ["consume", "reserve", "record", "refund", "level", "reservations/commit"])
def test_what_is_no_json_object_is_refused(meters, counted, call):
    answers = [meters.caller.post(f"/v1/usage/{call}", data=text, content_type="application/json") for text in TEXTS]

    assert {(answer.status_code, answer.json["code"]) for answer in answers} == {
        (400, "malformed_json"),
        (422, "invalid_request"),
    }
    assert counted() == (0, 0)


TO_COME, LONG_AGO = "2026-11-22T10:00:01Z", "2026-10-01T00:00:00Z"
LEVEL = {"customer": "acme", "feature": "boards", "level": 1}
FIELDS: list[tuple[str, dict[str, Any], str, str]] = [
    ("consume", {"gate": "exports"}, "customer", "missing"),
    ("consume", {"customer": "a b", "gate": "exports"}, "customer", "bad_value"),
    ("consume", {"customer": 7, "gate": "exports"}, "customer", "wrong_type"),
    ("consume", {"customer": "acme"}, "feature", "missing"),
    ("consume", {"customer": "acme", "gate": "exports", "feature": "exports"}, "feature", "missing"),
    ("consume", WANTED | {"user": ""}, "user", "bad_value"),
    ("consume", WANTED | {"units": 1}, "units", "unknown_field"),
    ("consume", WANTED | {"at": "2026-11-22T09:00:00Z"}, "at", "unknown_field"),
    ("consume", WANTED | {"language": "x!"}, "language", "bad_value"),
    ("consume", WANTED | {"properties": [1]}, "properties", "wrong_type"),
    ("consume", WANTED | {"properties": {"a": {"b": 1}}}, "properties.a", "wrong_type"),
    ("consume", WANTED | {"properties": {"a": "x" * 257}}, "properties.a", "out_of_range"),
    ("consume", WANTED | {"properties": {"": 1}}, "properties.", "out_of_range"),
    ("consume", WANTED | {"properties": {"a": BEYOND}}, "properties.a", "out_of_range"),
    ("consume", WANTED | {"properties": {str(number): 1 for number in range(33)}}, "properties", "out_of_range"),
    ("consume", WANTED | {"expires_in_seconds": 1}, "expires_in_seconds", "unknown_field"),
    ("reserve", WANTED | {"expires_in_seconds": 86_401}, "expires_in_seconds", "out_of_range"),
    ("refund", {"customer": "acme"}, "key", "missing"),
    ("refund", {"customer": "acme", "key": "ä"}, "key", "bad_value"),
    ("reservations/commit", {"customer": "acme", "reservation": "a"}, "quantity", "missing"),
    ("reservations/release", {"customer": "acme", "reservation": ""}, "reservation", "out_of_range"),
    ("level", {"customer": "acme", "feature": "boards"}, "level", "missing"),
    ("level", LEVEL | {"by": 1}, "level", "missing"),
    ("level", LEVEL | {"at": "yesterday"}, "at", "bad_value"),
    (
        "level",
        LEVEL | {"at": TO_COME},
        "at",
        "still_to_come",
    ),
    ("level", LEVEL | {"at": LONG_AGO}, "at", "too_old"),
    ("record", {}, "events", "missing"),
    ("record", {"events": {}}, "events", "wrong_type"),
    ("record", {"events": [{}] * 1_001}, "events", "out_of_range"),
]


def test_a_wrong_field_is_named(meters, counted):
    complaints = [complaint(meters.caller.post(f"/v1/usage/{call}", json=body)) for call, body, _, _ in FIELDS]

    for (status, code, found), (call, body, path, expected) in zip(complaints, FIELDS, strict=True):
        assert (status, code) == (422, "invalid_request"), (call, body)
        assert (path, expected) in found, (call, body, found)
    assert counted() == (0, 0)


EVENT = {"key": "e", "customer": "acme", "feature": "exports"}
EVENTS: list[tuple[Any, str]] = [
    *[(EVENT | {"quantity": value}, code) for value, code in NUMBERS],
    ({"customer": "acme", "feature": "exports"}, "missing"),
    (EVENT | {"key": ""}, "out_of_range"),
    (EVENT | {"key": "x" * 129}, "out_of_range"),
    (EVENT | {"feature": "nothing"}, "unknown_feature"),
    (EVENT | {"feature": "sso"}, "wrong_kind"),
    (EVENT | {"feature": "boards"}, "wrong_kind"),
    (EVENT | {"feature": "export.pdf"}, "unknown_feature"),
    (EVENT | {"at": "2026-11-22T10:00:00.000001Z"}, "still_to_come"),
    (EVENT | {"at": "2026-11-22T11:00:00+00:59"}, "still_to_come"),
    (EVENT | {"at": "2026-10-18T08:59:59Z"}, "too_old"),
    (EVENT | {"at": "0001-01-01T00:00:00Z"}, "bad_value"),
    (EVENT | {"at": 1_700_000_000}, "wrong_type"),
    (EVENT | {"gate": "exports"}, "unknown_field"),
    ("event", "wrong_type"),
    (None, "wrong_type"),
]


def test_a_wrong_event_is_named_and_keeps_no_other_from_being_counted(meters, counted):
    good = EVENT | {"key": "good", "at": "2026-11-22T09:59:59Z"}

    answer = meters.record(good, *(event for event, _ in EVENTS))

    assert [(it["index"], it["code"]) for it in answer["refused"]] == [
        (index, code) for index, (_, code) in enumerate(EVENTS, 1)
    ]
    assert all(it["message"] and it["errors"] for it in answer["refused"])
    assert (answer["counted"], counted()) == (1, (1, 1))


def test_a_key_that_is_none_is_refused(meters, counted):
    answers = [meters("consume", key=key, gate="exports") for key in ("", "x" * 129, "ä")]

    assert [complaint(answer)[:2] for answer in answers] == [(400, "invalid_idempotency_key")] * 3
    assert counted() == (0, 0)
