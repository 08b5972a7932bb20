"""The sample site, and readers of its pages with a browser's cookie."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from liftgate_server.access import passwords
from tests.admin_samples import Site, make_site

TOKEN = re.compile(r'<meta name="csrf-token" content="([^"]+)">')
ORIGIN = "http://localhost"


class Reader:
    """Somebody in front of the pages; posts carry what a browser and our forms send."""

    def __init__(self, client: FlaskClient, environment: str) -> None:
        self.client = client
        self.environment = environment
        self._token: str | None = None

    def sign_in(self, token: str) -> None:
        with self.client.session_transaction("/admin/") as session:
            session["_user_id"] = token

    @property
    def token(self) -> str:
        """The token of this browser's forms, read from a page."""
        if self._token is None:
            page = self.client.get("/admin/sign-in", follow_redirects=True).text
            found = TOKEN.search(page)
            assert found is not None, page
            self._token = found[1]
        return self._token

    def address(self, path: str) -> str:
        return path if path.startswith("/admin/") else f"/admin/e/{self.environment}{path}"

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(self.address(path), **options)

    def post(self, path: str, *, headers: dict[str, str] | None = None, **fields: Any) -> TestResponse:
        return self.client.post(
            self.address(path),
            data={"csrf_token": self.token, **fields},
            headers={"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin", **(headers or {})},
        )


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash with little work: what is tested is who gets in, not how long a guess takes."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


@pytest.fixture
def site(app: Flask) -> Site:
    return make_site(app)


@pytest.fixture
def reader_of(site: Site) -> Callable[[str], Reader]:
    """Make a reader with a role of the sample site, or `anonymous`."""

    def make(role: str) -> Reader:
        reader = Reader(site.app.test_client(), site.environment)
        if role != "anonymous":
            reader.sign_in(site.sign_in(role))
        return reader

    return make


@pytest.fixture
def owner(reader_of: Callable[[str], Reader]) -> Reader:
    return reader_of("owner")


@pytest.fixture
def stranger(app: Flask) -> Reader:
    """Somebody at the door of an installation without any person."""
    return Reader(app.test_client(), "demo")
