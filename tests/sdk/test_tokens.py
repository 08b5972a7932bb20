"""Tokens made here are the ones that docs/contracts.md describes."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import jwt
import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from liftgate import BindingError, ConfigurationError
from tests.sdk.conftest import KEY


def signing_key() -> bytes:
    info = b"liftgate end-user token v1"
    return HKDF(algorithm=SHA256(), length=32, salt=b"", info=info).derive(KEY.rpartition("_")[2].encode())


def claims_of(token: str) -> dict:
    checked = jwt.decode(
        token,
        signing_key(),
        algorithms=["HS256"],
        audience="test",
        issuer="liftgate-sdk",
        options={"require": ["exp", "iat", "aud", "iss", "sub"], "verify_exp": False, "verify_iat": False},
    )
    return dict(checked)


def test_another_library_verifies_the_token(client, wall_clock):
    with client.customer("acme", user="u1", locale="de", buyer=True):
        token = client.token()

    now = int(wall_clock())
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "liftgate+jwt", "kid": "k1"}
    assert claims_of(token) == {
        "iss": "liftgate-sdk",
        "aud": "test",
        "sub": "acme",
        "user": "u1",
        "buyer": True,
        "lang": "de",
        "iat": now,
        "exp": now + 600,
    }
    assert token.expires_at == datetime.fromtimestamp(now + 600, UTC)


@pytest.mark.parametrize(
    ("buyers", "user", "may_buy"), [([], None, True), ([], "u1", True), (["u1"], "u1", True), (["u1"], "u2", False)]
)
def test_who_may_buy_comes_from_the_server_unless_the_host_says(client, server, buyers, user, may_buy):
    server.put("acme", buyers=buyers, language="de")
    with client.customer("acme", user=user):
        claims = claims_of(client.token())

    assert (claims["buyer"], claims["lang"]) == (may_buy, "de")


def test_without_data_nobody_may_buy(client, server):
    server.is_down = True
    with client.customer("acme", user="u1"):
        assert claims_of(client.token())["buyer"] is False


def test_a_token_is_for_somebody(client):
    with pytest.raises(BindingError):
        client.token()


@pytest.mark.parametrize("ttl_seconds", [0, -1, 901])
def test_a_token_does_not_live_longer_than_the_server_allows(client, ttl_seconds):
    with client.customer("acme"), pytest.raises(ConfigurationError):
        client.token(ttl_seconds)


def test_making_a_token_asks_nobody(client, server):
    server.is_down = True
    with client.customer("acme"):
        before = len(server.requests)
        assert client.token(900)
    assert len(server.requests) == before


def test_neither_token_nor_key_shows_the_secret(client):
    secret = KEY.rpartition("_")[2]
    with client.customer("acme"):
        token = client.token()

    assert secret not in token
    assert secret not in repr(client._credentials)
    assert hashlib.sha256(secret.encode()).hexdigest() not in repr(vars(client._feed._transport))
