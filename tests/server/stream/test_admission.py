"""Who may listen: the rules of the faces, word for word."""

from __future__ import annotations

import pytest

from liftgate_server.access.caller import CallerKind, Role
from liftgate_server.access.service import NewEnvironment, create_environment, create_key, revoke_key
from tests.server.conftest import ORIGIN


def test_every_kind_of_credential_may_listen(stream, secret_key, make_key, make_token):
    credentials = [secret_key, make_key(Role.VIEWER), make_token()]

    assert [stream.listen(credential).status for credential in credentials] == [200] * 3


@pytest.mark.parametrize(
    ("credential", "status", "code"),
    [
        (None, 401, "missing_credentials"),
        ("lgsk_demo_0123456789ab_" + "x" * 43, 401, "invalid_credentials"),
        ("a.b.c", 401, "invalid_token"),
    ],
)
def test_without_a_good_credential_there_is_the_problem_that_requests_get(stream, credential, status, code):
    refused = stream.listen(credential)

    assert (refused.status, refused.headers["Content-Type"]) == (status, "application/problem+json")
    assert refused.problem()["code"] == code


def test_a_revoked_key_may_not_listen(app, environment, stream, secret_key):
    with app.app_context():
        revoke_key(environment.id, secret_key.split("_")[2])

    refused = stream.listen(secret_key)

    assert (refused.status, refused.problem()["code"]) == (401, "revoked_key")


def test_a_secret_key_from_a_browser_is_refused(stream, secret_key):
    refused = stream.listen(secret_key, Origin=ORIGIN)

    assert (refused.status, refused.problem()["code"]) == (403, "secret_key_in_browser")


def test_a_token_is_taken_from_listed_origins_only(stream, make_token):
    listed = stream.listen(make_token(), Origin=ORIGIN)
    foreign = stream.listen(make_token(), Origin="https://evil.example")

    assert (listed.status, listed.headers["Access-Control-Allow-Origin"]) == (200, ORIGIN)
    assert (foreign.status, foreign.problem()["code"]) == (403, "origin_not_allowed")
    assert "Access-Control-Allow-Origin" not in foreign.headers


def test_a_page_of_a_listed_origin_may_read_why_it_was_refused(stream, environment):
    refused = stream.listen("a.b.c", Origin=ORIGIN)

    assert (refused.status, refused.headers["Access-Control-Allow-Origin"]) == (401, ORIGIN)


def test_a_preflight_is_answered_for_listed_origins(stream, environment):
    listed = stream.listen(None, method="OPTIONS", Origin=ORIGIN)
    foreign = stream.listen(None, method="OPTIONS", Origin="https://evil.example")

    assert (listed.status, listed.headers["Access-Control-Allow-Origin"]) == (204, ORIGIN)
    assert "Last-Event-ID" in listed.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Origin" not in foreign.headers
    assert "Access-Control-Allow-Methods" not in foreign.headers


def test_no_event_of_another_environment_is_heard(app, environment, stream, secret_key, make_token, change):
    with app.app_context():
        other = create_environment(NewEnvironment("other"))
        foreign_key = create_key(other.id, CallerKind.SECRET, name="foreign").text
    readers = [stream.listen(secret_key), stream.listen(make_token())]
    foreign = stream.listen(foreign_key)
    for reader in [*readers, foreign]:
        reader.next_event()

    change("theirs", environment_id=other.id)
    heard_there = foreign.next_event()
    change("acme")
    heard_here = [reader.next_event() for reader in readers]

    assert [change["key"] for change in heard_there.data["changes"]] == ["theirs"]
    assert [[change["key"] for change in event.data["changes"]] for event in heard_here] == [["acme"], ["acme"]]


def test_a_missed_event_of_another_environment_is_not_caught_up_with(app, environment, stream, secret_key, change):
    with app.app_context():
        other = create_environment(NewEnvironment("other"))
    known = stream.listen(secret_key).next_event().data["latest"]
    change("foreign", environment_id=other.id)
    change("own")

    reader = stream.listen(secret_key, after=known)
    reader.next_event()

    assert [change["key"] for change in reader.next_event().data["changes"]] == ["own"]


def test_an_end_user_hears_of_the_catalogue_and_its_own_account_only(stream, make_token, change, manager):
    reader = stream.listen(make_token())
    reader.next_event()

    change("globex")
    manager.post("/v1/keys", json={"kind": "secret", "name": "more"})
    change("acme")
    manager.post("/v1/catalogue/publish", json={"schema": 1, "languages": ["en"]})
    # Changes that come close together may come in one event.
    heard = reader.hear({"customer", "catalogue"})

    assert [(change["kind"], change["key"]) for change in heard if change["kind"] == "customer"] == [
        ("customer", "acme")
    ]
    assert {change["kind"] for change in heard} == {"customer", "catalogue"}


def test_an_end_user_that_comes_back_is_not_told_of_others_either(stream, make_token, change):
    known = stream.listen(make_token()).next_event().data["latest"]
    for customer in ("globex", "acme", "globex"):
        change(customer)

    reader = stream.listen(make_token(), after=known)
    reader.next_event()
    missed = reader.next_event()

    assert [change["key"] for change in missed.data["changes"]] == ["acme"]
    assert missed.id == known + 3


def test_one_end_user_cannot_take_every_place(open_stream, make_token):
    stream = open_stream(most_per_end_user=2)
    first = [stream.listen(make_token()) for _ in range(2)]

    refused = stream.listen(make_token())
    other = stream.listen(make_token(user="u2"))

    assert [reader.status for reader in first] == [200, 200]
    assert (refused.status, refused.problem()["code"], other.status) == (503, "too_many_streams", 200)


def test_a_full_stream_says_when_to_come_back(open_stream, secret_key):
    stream = open_stream(most_connections=2)
    inside = [stream.listen(secret_key) for _ in range(2)]

    refused = stream.listen(secret_key)

    assert [reader.status for reader in inside] == [200, 200]
    assert (refused.status, refused.problem()["code"]) == (503, "stream_full")
    assert 2 <= int(refused.headers["Retry-After"]) <= 15
