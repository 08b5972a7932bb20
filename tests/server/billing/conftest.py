"""A catalogue with prices, a customer, and callers for the people around an order."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from typing import Any, Protocol

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from liftgate_server.access.queries import Environment
from liftgate_server.access.service import EnvironmentChanges, update_environment
from liftgate_server.catalog import service as catalog
from liftgate_server.catalog.document import SourceDocument
from liftgate_server.customers import service as customers
from liftgate_server.plumbing.clock import FixedClock

CATALOGUE: dict[str, Any] = {
    "schema": 1,
    "languages": ["en", "de"],
    "default_plan": "free",
    "features": {"exports": {"kind": "metered", "name": {"en": "Exports", "de": "Exporte"}}},
    "plans": {
        "free": {"name": {"en": "Free"}, "rank": 0, "entitlements": {}},
        "pro": {
            "name": {"en": "Pro", "de": "Profi"},
            "rank": 10,
            "prices": [
                {"interval": "month", "currency": "EUR", "amount": 2900, "per": "seat"},
                {"interval": "year", "currency": "EUR", "amount": 29000, "per": "seat"},
            ],
            "entitlements": {"exports": {"limit": 100, "per": "month"}},
        },
        "business": {
            "name": {"en": "Business"},
            "rank": 20,
            "prices": [{"interval": "month", "currency": "EUR", "amount": 9900}],
            "entitlements": {"exports": "unlimited"},
        },
    },
    "addons": {
        "extra_exports": {
            "name": {"en": "100 more exports"},
            "prices": [{"interval": "month", "currency": "EUR", "amount": 900}],
            "max_quantity": 3,
            "plans": ["free", "pro"],
            "entitlements": {"exports": {"limit": 100, "per": "month"}},
        }
    },
}


class Calls(Protocol):
    def get(self, path: str, **kwargs: Any) -> TestResponse: ...
    def post(self, path: str, **kwargs: Any) -> TestResponse: ...


PublishPlans = Callable[..., None]


@pytest.fixture
def publish_plans(in_app: Flask, environment: Environment) -> PublishPlans:
    """Publish the catalogue, changed by a function where given."""

    def publish(change: Callable[[dict[str, Any]], object] | None = None) -> None:
        document = json.loads(json.dumps(CATALOGUE))
        if change is not None:
            change(document)
        catalog.publish(environment.id, SourceDocument(document))

    return publish


@pytest.fixture
def acme(publish_plans: PublishPlans, environment: Environment) -> str:
    publish_plans()
    return customers.upsert_customer(environment.id, "acme", customers.UpsertCustomer()).id


@pytest.fixture
def sign_in(
    secret_key: str, clock: FixedClock, call_with: Callable[..., Calls], environment: Environment
) -> Callable[..., Calls]:
    """Make a caller with the token of an end user, signed as the SDK signs."""

    def sign(customer: str = "acme", user: str = "u1", *, buyer: bool = True, lang: str | None = None) -> Calls:
        _, _, key_id, secret = secret_key.split("_", 3)
        issued = int(clock.now().timestamp())
        claims = {"iss": "liftgate-sdk", "aud": environment.key, "sub": customer, "user": user, "buyer": buyer}
        claims |= {"iat": issued, "exp": issued + 900} | ({"lang": lang} if lang else {})
        signed = f"{_part({'alg': 'HS256', 'typ': 'liftgate+jwt', 'kid': key_id})}.{_part(claims)}"
        signature = hmac.digest(_token_key(secret), signed.encode(), "sha256")
        return call_with(f"{signed}.{_encode(signature)}")

    return sign


@pytest.fixture
def allow_self_confirm(in_app: Flask, environment: Environment) -> None:
    update_environment(environment.id, EnvironmentChanges(self_confirm=True))


def _token_key(secret: str) -> bytes:
    """HKDF-SHA256 of one block (RFC 5869), written out so that the server's own is held against another."""
    extracted = hmac.digest(bytes(sha256().digest_size), secret.encode(), "sha256")
    return hmac.digest(extracted, b"liftgate end-user token v1\x01", "sha256")


def _part(value: dict[str, Any]) -> str:
    return _encode(json.dumps(value, separators=(",", ":")).encode())


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
