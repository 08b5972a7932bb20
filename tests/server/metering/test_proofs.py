"""What a process remembers is proven by the statement that counts: nobody gets more by being remembered."""

from __future__ import annotations

import pytest

from liftgate_server.access.caller import Role
from liftgate_server.access.service import revoke_key
from liftgate_server.plumbing.changes import ChangeKind, append_change
from liftgate_server.usage import ledger
from liftgate_server.usage.facts import StaleTerms
from tests.server.conftest import Caller
from tests.server.metering.conftest import Meters

CALLS = [
    ("consume", {"gate": "exports"}),
    ("reserve", {"gate": "exports"}),
    ("level", {"feature": "boards", "level": 1}),
    ("consume", {"gate": "nothing.like.it"}),
    ("consume", {"gate": "exports", "quantity": 0}),
]


@pytest.fixture
def revoked(make_app, make_key, environment) -> Meters:
    """A caller whose key a process has come to know, and that another process has then revoked."""
    key = make_key()
    process, other = make_app(), make_app()
    meters = Meters(Caller(process.test_client(), key))
    meters.consume(key="known")
    with other.app_context():
        revoke_key(environment.id, key.split("_")[2])
    return meters


@pytest.mark.parametrize(("call", "body"), CALLS)
def test_a_revoked_key_counts_nothing_and_is_told_nothing(revoked, counted, call, body):
    answer = revoked(call, **body)

    assert (answer.status_code, answer.json["code"]) == (401, "revoked_key")
    assert counted()[0] == 1


def test_a_revoked_key_hears_no_old_answer(revoked):
    assert revoked("consume", gate="exports", key="known").json["code"] == "revoked_key"


def test_a_revoked_key_records_nothing(revoked, counted):
    events = [
        {"key": "known", "customer": "acme", "feature": "exports"},
        {"key": "x", "customer": "a", "feature": "calls"},
    ]

    answer = revoked.caller.post("/v1/usage/record", json={"events": events})

    assert (answer.json["code"], counted()[0]) == ("revoked_key", 1)


def test_a_viewers_key_may_not_count(call_with, make_key):
    answer = Meters(call_with(make_key(Role.VIEWER)))("consume", gate="exports")

    assert (answer.status_code, answer.json["code"]) == (403, "insufficient_role")


def test_terms_that_change_again_and_again_are_given_up_on(meters, monkeypatch):
    def always_stale(*_args: object) -> None:
        raise StaleTerms

    monkeypatch.setattr(ledger, "consume", always_stale)

    answer = meters("consume", gate="exports")

    assert (answer.status_code, answer.json["code"], answer.headers["Retry-After"]) == (503, "terms_changing", "1")


def test_a_change_between_two_looks_is_found_by_the_statement(meters, app, environment, monkeypatch, counted):
    """The customer changes after the terms were read and before they are counted by: as late as can be."""
    real = ledger.consume
    attempts: list[int] = []

    def changed_meanwhile(environment_id, posting):
        if not attempts:
            with app.app_context():
                append_change(environment.id, ChangeKind.CATALOGUE, key="catalogue", version=1)
        attempts.append(posting.proof.catalogue)
        return real(environment_id, posting)

    monkeypatch.setattr(ledger, "consume", changed_meanwhile)

    assert meters.consume()["granted"]
    assert (len(attempts), attempts[0] < attempts[1], counted()[0]) == (2, True, 1)


@pytest.fixture
def gone(meters, document, publish) -> None:
    """Things were used up under keys, and then the catalogue lost them."""
    meters.consume("export.open", key="used")
    meters.reserve(key="held")
    meters("level", feature="boards", level=2, key="level")
    meters.record({"key": "saved", "customer": "acme", "feature": "minutes_saved"})
    del document["gates"]["export.open"], document["value_metrics"], document["features"]["boards"]
    document["plans"]["free"]["entitlements"] = {"exports": {"limit": 2, "per": "day", "scope": "user"}}
    del document["plans"]["pro"]["entitlements"]["boards"]
    publish(document)


@pytest.mark.parametrize(
    ("call", "key", "body"),
    [
        ("consume", "used", {"gate": "export.open", "quantity": 1}),
        ("reserve", "held", {"gate": "exports", "quantity": 1}),
        ("level", "level", {"feature": "boards", "level": 2}),
    ],
)
@pytest.mark.usefixtures("gone")
def test_a_key_is_answered_alike_when_what_it_used_is_gone(other_meters, call, key, body):
    again = other_meters(call, key=key, **body)

    assert (again.status_code, again.json.get("granted"), again.json.get("replayed")) == (200, True, True)


@pytest.mark.usefixtures("gone")
def test_a_key_of_what_is_gone_still_tells_another_request(other_meters):
    again = other_meters("consume", key="used", gate="export.open", quantity=2)

    assert (again.status_code, again.json["code"]) == (409, "idempotency_conflict")
    assert [error["path"] for error in again.json["errors"]] == ["quantity"]


@pytest.mark.usefixtures("gone")
def test_an_event_of_what_is_gone_is_told_as_counted_before(other_meters):
    events = [{"key": key, "customer": "acme", "feature": "minutes_saved"} for key in ("saved", "new")]

    told = other_meters.record(*events)

    assert (told["counted"], told["replayed"]) == (0, 1)
    assert [(event["index"], event["code"]) for event in told["refused"]] == [(1, "unknown_feature")]
