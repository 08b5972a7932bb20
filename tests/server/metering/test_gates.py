"""Consuming through a gate: one meter is counted, everything else about the gate is judged."""

from __future__ import annotations

import pytest


def outcome(answer):
    return answer["granted"], answer["decision"]["reason"]


def test_what_else_a_gate_requires_decides_too(meters, counted, subscribe):
    assert outcome(meters.consume("export.pdf")) == (False, "not_included")
    assert counted()[0] == 0

    subscribe("acme")

    assert outcome(meters.consume("export.pdf")) == (True, "entitled")
    assert meters.used() == 1


def test_a_refusal_for_another_reason_than_a_limit_is_remembered_too(meters, subscribe):
    first = meters.consume("export.pdf", key="a")
    subscribe("acme")

    again = meters.consume("export.pdf", key="a")

    assert (again["granted"], again["decision"]) == (False, first["decision"])
    assert meters.consume("export.pdf", key="b")["granted"]


def test_a_refusal_for_another_reason_offers_what_lifts_it(meters):
    refused = meters.consume("export.pdf")

    assert refused["decision"]["feature"] == "sso"
    assert refused["offer"]["trigger"] == "gate_denied"


def test_an_open_gate_counts_whatever_the_limits_say(meters):
    answers = [meters.consume("export.open", 4) for _ in range(2)]

    assert [outcome(answer) for answer in answers] == [(True, "gate_open")] * 2
    assert meters.used() == 8


def test_an_observed_gate_counts_and_says_what_would_have_been(meters):
    answers = [meters.consume("export.watched", 4) for _ in range(2)]

    assert [outcome(answer) for answer in answers] == [(True, "entitled"), (True, "observed")]
    assert [answer["decision"]["observed"] for answer in answers] == [None, "limit_reached"]
    assert meters.used() == 8


def test_a_closed_gate_counts_nothing(meters, counted):
    refused = meters.consume("export.closed")

    assert (outcome(refused), refused["offer"]["actions"][0]["kind"]) == ((False, "gate_closed"), "dismiss")
    assert counted() == (0, 0)


def test_a_gate_with_another_way_through_notes_the_use(meters, subscribe):
    assert [meters.consume("export.either", 4)["granted"] for _ in range(2)] == [True, False]

    subscribe("acme")

    assert [meters.consume("export.either", 40)["granted"] for _ in range(2)] == [True, True]
    assert meters.used() == 84


def test_a_revoke_is_the_reason_of_a_refusal(meters, manager):
    manager.put("/v1/customers/acme", json={})
    revoke = {"kind": "revoke", "feature": "exports", "reason": "Unpaid"}
    assert manager.post("/v1/customers/acme/grants", json=revoke).status_code == 201

    refused = meters.consume()

    assert (outcome(refused), refused["decision"]["message"]) == ((False, "revoked"), "Unpaid")


@pytest.mark.parametrize(
    ("field", "key", "code"),
    [
        ("gate", "nothing.like.it", "unknown_gate"),
        ("feature", "nothing", "unknown_feature"),
        ("feature", "export.pdf", "unknown_feature"),
        ("gate", "login", "wrong_kind"),
        ("feature", "sso", "wrong_kind"),
        ("feature", "depth", "wrong_kind"),
        ("feature", "boards", "wrong_kind"),
        ("gate", "two", "wrong_kind"),
        ("feature", "minutes_saved", "unknown_feature"),
    ],
)
def test_what_counts_no_one_thing_is_refused(meters, counted, field, key, code):
    for call in ("consume", "reserve"):
        answer = meters(call, **{field: key})
        assert (answer.status_code, answer.json["code"], answer.json["errors"][0]["path"]) == (422, code, field)
    assert counted() == (0, 0)
