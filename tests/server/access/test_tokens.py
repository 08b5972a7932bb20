"""What a good end-user token says, and until when it is believed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from liftgate_server.access.queries import list_keys
from liftgate_server.access.service import revoke_key
from liftgate_server.access.tokens import verify_token
from liftgate_server.plumbing.errors import Unauthorised


def test_a_token_names_customer_user_role_and_language(in_app, make_token, clock):
    token = verify_token(make_token(buyer=True, lang="de-AT"), clock.now())

    assert (token.customer, token.user, token.buyer, token.language) == ("acme", "u1", True, "de-AT")
    assert token.expires_at == clock.now() + timedelta(minutes=10)


def test_user_role_and_language_may_be_absent(in_app, make_token, clock):
    token = verify_token(make_token(user=None, buyer=None, lang=None), clock.now())

    assert (token.user, token.buyer, token.language) == (None, False, None)


def test_a_host_whose_clock_runs_a_minute_ahead_is_believed(in_app, make_token, clock):
    token = make_token(iat=int(clock.now().timestamp()) + 60)

    assert verify_token(token, clock.now()).customer == "acme"


def test_a_token_ends_at_its_instant(in_app, make_token, clock):
    token = make_token()

    verify_token(token, clock.now() + timedelta(seconds=599))
    with pytest.raises(Unauthorised, match="expired_token"):
        verify_token(token, clock.now() + timedelta(seconds=600))


def test_a_token_that_was_believed_ends_too(call_with, make_token, clock):
    caller = call_with(make_token())
    before = caller.get("/v1/client/orders/none")
    clock.advance(timedelta(seconds=600))
    after = caller.get("/v1/client/orders/none")

    assert before.status_code == 404
    assert (after.status_code, after.json["code"]) == (401, "expired_token")


def test_a_token_of_a_revoked_key_is_refused_with_its_own_code(in_app, make_token, clock, environment):
    token = make_token()
    revoke_key(environment.id, list_keys(environment.id).items[0].id)

    with pytest.raises(Unauthorised, match="revoked_key"):
        verify_token(token, clock.now())
