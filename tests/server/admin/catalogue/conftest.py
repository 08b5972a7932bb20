"""A person who looks at the catalogue's pages, and the document of the demo as what is published."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from importlib.resources import files
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from liftgate_server.access.caller import Role
from liftgate_server.access.people import create_person
from liftgate_server.access.queries import Environment
from liftgate_server.access.sign_ins import start_sign_in
from liftgate_server.catalog.document import read_source
from liftgate_server.publishing.service import publish

BASE = re.compile(r'name="base" value="([^"]+)"')
TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')


class Reader:
    """A browser that is signed in: gives pages, and sends their forms with what they were filled from."""

    def __init__(self, client: FlaskClient, language: str) -> None:
        self._client = client
        self._language = language
        self._token = ""

    def get(self, path: str, **headers: str) -> TestResponse:
        response = self._client.get(f"/admin/e/demo{path}", headers={"Accept-Language": self._language} | headers)
        found = TOKEN.search(response.text)
        self._token = found[1] if found else self._token
        return response

    def base_of(self, path: str) -> str:
        """Say which state of the draft the forms of a page were filled from."""
        found = BASE.search(self.get(path).text)
        assert found is not None, f"{path} has no form"
        return unescape(found[1])

    def post(self, path: str, data: dict[str, Any], *, base: str = "", piece: str = "") -> TestResponse:
        if not self._token:
            self.get("/matrix")
        headers = {"Accept-Language": self._language}
        if piece:
            headers |= {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": f"div#{piece}"}
        data = {"csrf_token": self._token} | ({"base": base} if base else {}) | data
        return self._client.post(f"/admin/e/demo{path}", data=data, headers=headers)

    def send(self, page: str, path: str, **data: Any) -> TestResponse:
        """Open a page and send a form of it."""
        return self.post(path, data, base=self.base_of(page))


@pytest.fixture
def published(app: Flask, environment: Environment) -> Environment:
    with app.app_context():
        source = read_source(files("liftgate_server").joinpath("demo/catalogue.yaml").read_bytes(), is_json=False)
        publish(environment.id, source)
    return environment


@pytest.fixture
def sign_in(app: Flask, environment: Environment) -> Callable[..., Reader]:
    """Open a browser for a new person: `sign_in(Role.VIEWER, name="Somebody", language="de")`."""

    def make(role: Role = Role.OWNER, *, name: str = "First Editor", language: str = "en") -> Reader:
        client = app.test_client()
        with app.app_context():
            person = create_person(f"{name.casefold().replace(' ', '.')}@example.com", name, role=role)
            token = start_sign_in(person.id, address="127.0.0.1", browser="a test")
        with client.session_transaction("/admin/") as session:
            session["_user_id"] = token
            session["_fresh"] = True
        return Reader(client, language)

    return make


@pytest.fixture
def reader(sign_in: Callable[..., Reader]) -> Reader:
    return sign_in()
