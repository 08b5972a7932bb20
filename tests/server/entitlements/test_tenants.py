"""What one environment has is nobody else's, and a page sees its own account only."""

from __future__ import annotations

import pytest

from liftgate.configuration import parse_key
from liftgate.tokens import TokenMint
from liftgate_server.access.service import NewEnvironment, create_environment

pytestmark = pytest.mark.usefixtures("document")


@pytest.fixture
def stranger(app, make_key, call_with):
    """A caller from another environment."""
    with app.app_context():
        other = create_environment(NewEnvironment("other", name="Other"))
    return call_with(make_key(environment_id=other.id))


def test_another_environment_has_its_own_customers_and_gates(runtime_caller, stranger, subscribe):
    subscribe("acme")
    assert runtime_caller.post("/v1/check", json={"customer": "acme", "gate": "sso"}).json["decision"]["granted"]
    answer = stranger.post("/v1/check", json={"customer": "acme", "gate": "sso"})
    assert answer.json["decision"]["reason"] == "unknown_gate"
    assert stranger.post("/v1/check/batch", json={"customer": "acme"}).json == {"decisions": {}}


def test_another_environment_reads_neither_state_nor_changes(stranger, subscribe):
    subscribe("acme")
    state = stranger.get("/v1/customers/acme/state").json
    assert (state["environment"], state["version"], state["phases"]) == ("other", 0, [])
    assert {change["kind"] for change in stranger.get("/v1/changes?after=0").json["changes"]} == {"access"}


@pytest.fixture
def page_of(call_with, secret_key, clock):
    """A page that holds the token of one account's user."""
    mint = TokenMint(parse_key(secret_key))

    def page(customer, *, is_buyer=True, language=None):
        now = clock.now().timestamp()
        token = mint.mint(customer, user="u1", is_buyer=is_buyer, language=language, now=now, ttl_seconds=600)
        return call_with(token)

    return page


def test_a_page_checks_for_the_account_in_its_token(page_of, subscribe):
    subscribe("acme")
    own = page_of("acme").post("/v1/client/check", json={"gate": "login.sso"}).json
    other = page_of("globex").post("/v1/client/check", json={"gate": "login.sso"}).json
    assert (own["decision"]["granted"], other["decision"]["granted"]) == (True, False)
    assert other["offer"]["impression_id"].startswith("imp_")


def test_a_page_that_names_another_account_is_refused(page_of):
    answer = page_of("globex").post("/v1/client/check", json={"gate": "login.sso", "customer": "acme"})
    assert (answer.status_code, answer.json["errors"][0]["path"]) == (422, "customer")


def test_the_token_says_who_may_buy_and_reads_which_language(page_of):
    offer = (
        page_of("acme", is_buyer=False, language="de")
        .post("/v1/client/check", json={"gate": "login.sso"})
        .json["offer"]
    )
    assert offer["language"] == "de"
    assert "request_upgrade" in {action["kind"] for action in offer["actions"]}


def test_a_page_reports_its_own_count(page_of):
    decision = page_of("acme").post("/v1/client/check", json={"gate": "boards.create", "used": 3}).json["decision"]
    assert decision["reason"] == "limit_reached"


@pytest.mark.parametrize("path", ["/v1/check", "/v1/check/batch", "/v1/explain"])
def test_a_token_may_not_use_the_runtime_face(page_of, path):
    answer = page_of("acme").post(path, json={"customer": "acme", "gate": "sso"})
    assert (answer.status_code, answer.json["code"]) == (403, "wrong_credentials")


def test_a_secret_key_may_not_use_the_client_face(runtime_caller):
    answer = runtime_caller.post("/v1/client/check", json={"gate": "sso"})
    assert (answer.status_code, answer.json["code"]) == (403, "wrong_credentials")
