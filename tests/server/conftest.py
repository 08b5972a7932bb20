"""A server in this process, on a database of its own and a clock that only moves when told."""

from __future__ import annotations

import base64
import contextvars
import hmac
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from liftgate_server.access.caller import CallerKind, Role
from liftgate_server.access.queries import Environment
from liftgate_server.access.service import NewEnvironment, create_environment, create_key
from liftgate_server.app import create_app
from liftgate_server.plumbing.clock import FixedClock
from liftgate_server.plumbing.config import Config
from liftgate_server.plumbing.db import db, detach_database
from tests.databases import Databases, make_config

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ORIGIN = "https://app.example.com"


class SeparateClient(FlaskClient):
    """Runs each request in a context of its own, as a server does; a test that stands in an app context stays clean."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if has_app_context():
            db.session.rollback()  # what the test reads afterwards must be what the request wrote
        # An answer that is streamed is made while it is read, which has to be in that context too.
        kwargs.setdefault("buffered", True)
        return contextvars.Context().run(super().open, *args, **kwargs)


class Caller:
    """Makes requests with one credential and reads JSON answers."""

    def __init__(self, client: FlaskClient, credential: str | None, **headers: str) -> None:
        self._client = client
        self._headers = ({} if credential is None else {"Authorization": f"Bearer {credential}"}) | headers

    def __call__(self, method: str, path: str, *, headers: dict[str, str] | None = None, **kwargs: Any) -> TestResponse:
        return self._client.open(path, method=method, headers=self._headers | (headers or {}), **kwargs)

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        return self("GET", path, **kwargs)

    def post(self, path: str, **kwargs: Any) -> TestResponse:
        return self("POST", path, **kwargs)

    def put(self, path: str, **kwargs: Any) -> TestResponse:
        return self("PUT", path, **kwargs)

    def patch(self, path: str, **kwargs: Any) -> TestResponse:
        return self("PATCH", path, **kwargs)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(START)


@pytest.fixture
def config(tmp_path: Path, upgraded_database: str, databases: Databases) -> Config:
    return make_config(tmp_path, database_url=upgraded_database, redis_url=databases.redis_url)


@pytest.fixture
def make_app(config: Config, clock: FixedClock) -> Iterator[Callable[..., Flask]]:
    """Make a server process; two of them share the database, as two workers do."""
    made: list[Flask] = []

    def make(**changes: Any) -> Flask:
        app = create_app(config, clock=clock)
        app.test_client_class = SeparateClient
        # A bug should fail the test with its own traceback; the test of the 500 answer switches this off.
        app.config["PROPAGATE_EXCEPTIONS"] = True
        app.config.update(changes)
        made.append(app)
        return app

    yield make
    for app in made:
        detach_database(app)


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app()


@pytest.fixture
def in_app(app: Flask) -> Iterator[Flask]:
    """Stand in the app's context, to call services directly."""
    with app.app_context():
        yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def environment(app: Flask) -> Environment:
    with app.app_context():
        return create_environment(NewEnvironment("demo", name="Demo", allowed_origins=(ORIGIN,)))


@pytest.fixture
def make_key(app: Flask, environment: Environment) -> Callable[..., str]:
    """Make a key: `make_key()` is secret, `make_key(Role.OWNER)` is for management."""

    def make(role: Role | None = None, *, environment_id: int | None = None) -> str:
        kind = CallerKind.SECRET if role is None else CallerKind.MANAGEMENT
        with app.app_context():
            return create_key(environment_id or environment.id, kind, name="a test", role=role).text

    return make


@pytest.fixture
def secret_key(make_key: Callable[..., str]) -> str:
    return make_key()


@pytest.fixture
def management_key(make_key: Callable[..., str]) -> str:
    """A key with the highest role."""
    return make_key(Role.OWNER)


@pytest.fixture
def make_token(secret_key: str, clock: FixedClock) -> Callable[..., str]:
    """Make an end-user token of acme's user u1; `make_token(user="u2", lang=None)` changes and drops claims."""

    def make(key: str = secret_key, **changes: Any) -> str:
        issued = int(clock.now().timestamp())
        claims = {
            "iss": "liftgate-sdk",
            "aud": "demo",
            "sub": "acme",
            "user": "u1",
            "buyer": True,
            "lang": "en",
            "iat": issued,
            "exp": issued + 600,
        } | changes
        header = {"alg": "HS256", "typ": "liftgate+jwt", "kid": key.split("_")[2]}
        return sign_token(header, {name: value for name, value in claims.items() if value is not None}, key)

    return make


def sign_token(header: Any, claims: Any, key: str, *, digest: str = "sha256") -> str:
    """Sign as the contract says, with nothing but the standard library: the server must agree with this."""
    extracted = hmac.digest(b"", key.split("_", 3)[3].encode(), "sha256")
    token_key = hmac.digest(extracted, b"liftgate end-user token v1\x01", "sha256")
    signed = f"{encode_segment(header)}.{encode_segment(claims)}"
    return f"{signed}.{encode_segment(hmac.digest(token_key, signed.encode(), digest))}"


def encode_segment(content: Any) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.fixture
def call_with(client: FlaskClient) -> Callable[..., Caller]:
    """Make a caller of any credential: `call_with(token, Origin=…)`."""
    return lambda credential=None, **headers: Caller(client, credential, **headers)


@pytest.fixture
def runtime_caller(client: FlaskClient, secret_key: str) -> Caller:
    return Caller(client, secret_key)


@pytest.fixture
def manager(client: FlaskClient, management_key: str) -> Caller:
    return Caller(client, management_key)
