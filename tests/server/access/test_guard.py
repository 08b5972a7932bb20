"""Each face lets in its own kinds of credential and tells the others why not."""

from __future__ import annotations

import pytest

from liftgate_server.access.caller import Caller, CallerKind, Role
from liftgate_server.access.guard import client, current_caller, management, public, runtime
from tests.server.conftest import ORIGIN


@pytest.fixture
def faces(app):
    """One empty view per face."""

    def view():
        return {"environment": current_caller().environment}

    for name, guard in {
        "runtime": runtime,
        "runtime-viewer": runtime(Role.VIEWER),
        "viewer": management(Role.VIEWER),
        "editor": management(Role.EDITOR),
        "publisher": management(Role.PUBLISHER),
        "owner": management(Role.OWNER),
    }.items():
        app.add_url_rule(f"/face/{name}", name, guard(view), methods=["GET", "POST"])
    app.add_url_rule("/v1/client/face", "client", client(view), methods=["GET", "POST"])
    app.add_url_rule("/face/public", "open", public(lambda: "open"), methods=["GET"])
    return app


def outcome(answer):
    return answer.status_code if answer.status_code == 200 else (answer.status_code, answer.json["code"])


WRONG = (403, "wrong_credentials")
LOW = (403, "insufficient_role")


@pytest.mark.parametrize(
    ("path", "secret", "token", "by_role"),
    [
        ("GET /face/runtime", 200, WRONG, (200, 200, 200, 200)),
        ("POST /face/runtime", 200, WRONG, (LOW, 200, 200, 200)),
        ("POST /face/runtime-viewer", 200, WRONG, (200, 200, 200, 200)),
        ("GET /face/viewer", WRONG, WRONG, (200, 200, 200, 200)),
        ("POST /face/editor", WRONG, WRONG, (LOW, 200, 200, 200)),
        ("POST /face/publisher", WRONG, WRONG, (LOW, LOW, 200, 200)),
        ("GET /face/owner", WRONG, WRONG, (LOW, LOW, LOW, 200)),
        ("GET /v1/client/face", WRONG, 200, (WRONG, WRONG, WRONG, WRONG)),
    ],
)
def test_who_may_use_which_face(faces, call_with, make_key, secret_key, make_token, path, secret, token, by_role):
    method, rule = path.split(" ")
    credentials = [secret_key, make_token(), *(make_key(role) for role in Role)]

    got = [outcome(call_with(credential)(method, rule)) for credential in credentials]

    assert got == [secret, token, *by_role]


def test_a_public_view_asks_nobody(faces, client):
    assert client.get("/face/public").status_code == 200


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "missing_credentials"),
        ("", "invalid_credentials"),
        ("Bearer", "invalid_credentials"),
        ("Bearer ", "invalid_credentials"),
        ("Basic bGdzazp4", "invalid_credentials"),
        ("Bearer lgsk_demo_00000000_" + "x" * 43, "invalid_credentials"),
        ("Bearer lgxk_demo_00000000_" + "x" * 43, "invalid_credentials"),
        ("Bearer lgsk_demo", "invalid_credentials"),
        ("Bearer a.b.c", "invalid_token"),
    ],
)
def test_a_request_without_good_credentials_is_401(client, header, code):
    answer = client.get("/v1/ping", headers={} if header is None else {"Authorization": header})

    assert outcome(answer) == (401, code)


def test_no_changed_character_of_a_key_is_accepted(client, secret_key):
    for position in range(len(secret_key)):
        changed = "x" if secret_key[position] != "x" else "y"
        wrong = secret_key[:position] + changed + secret_key[position + 1 :]
        answer = client.get("/v1/ping", headers={"Authorization": f"Bearer {wrong}"})
        assert outcome(answer) == (401, "invalid_credentials")


def test_the_scheme_may_be_written_in_any_case(client, secret_key):
    assert client.get("/v1/ping", headers={"Authorization": f"bearer {secret_key}"}).status_code == 200


@pytest.mark.parametrize("path", ["/v1/ping", "/v1/client/face", "/face/owner"])
def test_a_secret_key_from_a_browser_is_refused_everywhere(faces, call_with, secret_key, path):
    answer = call_with(secret_key, Origin=ORIGIN).get(path)

    assert outcome(answer) == (403, "secret_key_in_browser")


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        (ORIGIN, 200),
        (None, 200),
        ("https://evil.example", (403, "origin_not_allowed")),
        ("null", (403, "origin_not_allowed")),
        (f"{ORIGIN}.evil.example", (403, "origin_not_allowed")),
        (ORIGIN.upper(), (403, "origin_not_allowed")),
        ("http://app.example.com", (403, "origin_not_allowed")),
        (f"{ORIGIN}:444", (403, "origin_not_allowed")),
        ("", (403, "origin_not_allowed")),
    ],
)
def test_the_client_face_is_for_listed_origins(faces, call_with, make_token, origin, expected):
    headers = {} if origin is None else {"Origin": origin}

    assert outcome(call_with(make_token(), **headers).get("/v1/client/face")) == expected


def test_a_callers_name_tells_apart_what_joins_to_the_same_text():
    def name(customer, user):
        return Caller(1, "demo", CallerKind.END_USER, "k", customer=customer, user=user).principal

    assert len({name("a", "b:c"), name("a:b", "c"), name("a", None), name("a|b", "c"), name("a", "b|c")}) == 5
