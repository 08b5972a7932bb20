"""The product managers' pages of a server in this process: what is there, what a look at one takes, what it weighs."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter_ns
from urllib.parse import urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.routing import Rule

from liftgate_server.plumbing.db import db
from loadtests.bench import sample
from loadtests.crowded_site import CUSTOMER, ENVIRONMENT, crowded_site
from loadtests.processes import UnexpectedAnswerError

OK = 200
# What stands in the addresses of pages, for the catalogue and the crowd that are made here.
VALUES: Mapping[str, object] = {
    "environment": ENVIRONMENT,
    "customer": CUSTOMER,
    "plan": "pro",
    "feature": sample.feature_key(1),
    "gate": sample.gate_key(1),
    "version": 1,
    "offer": "limit_reached",
}
# What a page fetches by itself once it is there, such as a count that takes long.
_LATE = re.compile(r'id="([\w-]+)"[^>]*? hx-get="([^"]+)" hx-trigger="load"')
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
        for name, address in _LATE.findall(html):
            headers = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": f"div#{name}"}
            sizes.append(len(gzip.compress(self._client.get(address, headers=headers).get_data())))
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
    """Open the pages of a new database with so many customers."""
    with crowded_site(customers) as site:
        client = site.app.test_client()
        with client.session_transaction("/admin") as cookie:
            cookie["_user_id"], cookie["_fresh"] = site.sign_in, True
        yield Pages(site.app, client)
