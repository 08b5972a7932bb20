"""Browsers may use the client face from listed origins, and nothing else."""

from __future__ import annotations

import pytest

from liftgate_server.access.service import NewEnvironment, create_environment
from tests.server.conftest import ORIGIN

CHECK = "/v1/client/check"
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}


def preflight(client, origin, path=CHECK):
    return client.options(path, headers={"Origin": origin, **PREFLIGHT})


def test_a_preflight_from_a_listed_origin_is_let_pass(client, environment):
    answer = preflight(client, ORIGIN)

    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert {"Authorization", "Idempotency-Key"} <= set(answer.headers["Access-Control-Allow-Headers"].split(", "))
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"{ORIGIN}/", f"{ORIGIN}, https://evil.example"])
def test_a_preflight_from_elsewhere_is_not(client, environment, origin):
    answer = preflight(client, origin)

    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Access-Control-Allow-Methods" not in answer.headers
    assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize("path", ["/v1/ping", "/v1/check", "/v1/keys", "/v1/clients/check"])
def test_other_faces_have_no_cors(client, environment, path):
    assert "Access-Control-Allow-Origin" not in preflight(client, ORIGIN, path).headers


def test_an_answer_names_the_exact_origin(call_with, make_token):
    answer = call_with(make_token(), Origin=ORIGIN).get("/v1/client/orders/none")

    assert answer.status_code == 404
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "X-Request-Id" in answer.headers["Access-Control-Expose-Headers"]


def test_a_listed_page_can_read_why_it_was_refused(call_with, make_token):
    answer = call_with("not.a.token", Origin=ORIGIN).get("/v1/client/orders/none")

    assert answer.status_code == 401
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


def test_an_origin_of_another_environment_passes_the_preflight_but_not_the_request(app, client, call_with, make_token):
    with app.app_context():
        create_environment(NewEnvironment("other", allowed_origins=("https://other.example",)))

    assert preflight(client, "https://other.example").headers["Access-Control-Allow-Origin"] == "https://other.example"
    answer = call_with(make_token(), Origin="https://other.example").get("/v1/client/orders/none")
    assert (answer.status_code, answer.json["code"]) == (403, "origin_not_allowed")
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_new_origin_counts_from_the_next_request(call_with, make_token, manager):
    caller = call_with(make_token(), Origin="https://new.example")
    before = caller.get("/v1/client/orders/none").status_code
    manager.patch("/v1/environments/demo", json={"allowed_origins": ["https://new.example"]})

    assert (before, caller.get("/v1/client/orders/none").status_code) == (403, 404)
