"""The product managers' pages of a server in this process, with a crowd of customers and a person signed in."""

from __future__ import annotations

import gzip
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter_ns
from urllib.parse import urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.routing import Rule

from liftgate_server.access.caller import Role
from liftgate_server.access.people import create_person
from liftgate_server.access.service import NewEnvironment, create_environment
from liftgate_server.access.sign_ins import start_sign_in
from liftgate_server.app import create_app
from liftgate_server.catalog.document import SourceDocument
from liftgate_server.catalog.service import publish
from liftgate_server.plumbing.config import load_config
from liftgate_server.plumbing.db import db, detach_database
from liftgate_server.plumbing.migrating import upgrade_database
from loadtests.bench import sample
from loadtests.crowd import customer_id, settle
from loadtests.processes import UnexpectedAnswerError

ENVIRONMENT = "bench"
FEATURES = 40
OK = 200
# What stands in the addresses of pages, for the catalogue and the crowd that are made here.
VALUES: Mapping[str, object] = {
    "environment": ENVIRONMENT,
    "customer": customer_id(0),
    "plan": "pro",
    "feature": sample.feature_key(1),
    "gate": sample.gate_key(1),
    "version": 1,
    "offer": "limit_reached",
}
_ASSET = re.compile(r"<(?:link|script|img)\b[^>]*?\b(?:href|src)=\"([^\"]+)\"")


@dataclass(frozen=True, slots=True)
class Visit:
    """One look at a page: what it took, and what a browser with an empty cache loads."""

    milliseconds: float
    statements: int
    html: str


@dataclass(frozen=True, slots=True)
class Weight:
    """A page with everything it names."""

    kilobytes: float
    requests: int


class Pages:
    """The pages of an app, as a signed-in owner sees them."""

    def __init__(self, app: Flask, client: FlaskClient) -> None:
        self._app = app
        self._client = client

    def paths(self) -> dict[str, str]:
        """Name every page that can be looked at, with its address; the ones of things not made here are left out."""
        adapter = self._app.url_map.bind("localhost")
        return {
            rule.rule: adapter.build(rule.endpoint, {name: VALUES[name] for name in rule.arguments})
            for rule in self._app.url_map.iter_rules()
            if _is_page(rule)
        }

    def visit(self, path: str) -> Visit:
        statements = 0

        def count(*_arguments: object) -> None:
            nonlocal statements
            statements += 1

        with self._app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", count)
        try:
            before = perf_counter_ns()
            answer = self._client.get(path)
            taken = perf_counter_ns() - before
        finally:
            event.remove(engine, "before_cursor_execute", count)
        if answer.status_code != OK:
            message = f"GET {path} answered {answer.status_code}"
            raise UnexpectedAnswerError(message)
        return Visit(taken / 1e6, statements, answer.get_data(as_text=True))

    def weigh(self, path: str) -> Weight:
        """Count what a browser with an empty cache loads for a page, packed as it travels."""
        html = self.visit(path).html
        sizes = [len(gzip.compress(html.encode()))]
        for address in sorted({urljoin(path, found) for found in _ASSET.findall(html)}):
            if urlsplit(address).scheme in {"", "http", "https"}:
                answer = self._client.get(address, headers={"Accept-Encoding": "gzip"})
                body = answer.get_data()
                sizes.append(len(body) if answer.content_encoding == "gzip" else len(gzip.compress(body)))
        return Weight(sum(sizes) / 1000, len(sizes))


def _is_page(rule: Rule) -> bool:
    return (
        rule.endpoint.startswith("admin_")
        and "GET" in (rule.methods or ())
        and "environment" in rule.arguments
        and rule.arguments <= VALUES.keys()
    )


@contextmanager
def pages_with(customers: int) -> Iterator[Pages]:
    """Make a database with so many customers, and open the pages on it."""
    with tempfile.TemporaryDirectory(prefix="liftgate-bench-") as folder:
        config = load_config({}, data=Path(folder))
        app = create_app(config)
        try:
            with app.app_context():
                upgrade_database(lock_directory=config.data_directory)
                token = _prepare(customers)
            client = app.test_client()
            with client.session_transaction("/admin") as cookie:
                cookie["_user_id"], cookie["_fresh"] = token, True
            yield Pages(app, client)
        finally:
            detach_database(app)


def _prepare(customers: int) -> str:
    environment = create_environment(NewEnvironment(ENVIRONMENT, name="Bench"))
    publish(environment.id, SourceDocument(sample.catalogue_document(FEATURES)))
    settle(environment.id, customers, plan="pro", plan_version=1, amount=2900)
    person = create_person("owner@example.com", "Owner", role=Role.OWNER)
    return start_sign_in(person.id, address="127.0.0.1", browser="bench")
