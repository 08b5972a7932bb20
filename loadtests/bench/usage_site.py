"""A server whose usage is measured, and beside it an app on the same database, for arranging and for looking inside."""

# size: a server, an app and a database are put together here; each is a few imports

from __future__ import annotations

import json
import secrets
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from flask import Flask
from sqlalchemy import text

from liftgate_server.app import create_app
from liftgate_server.plumbing.config import load_config
from liftgate_server.plumbing.db import db, detach_database, transaction
from liftgate_server.plumbing.devstack import Devstack
from loadtests import crowd
from loadtests.bench.http_driver import FRESH, Call
from loadtests.running_server import RunningServer
from loadtests.server_process import running_server

Kind = Literal["postgresql", "sqlite"]
KINDS: tuple[Kind, ...] = ("postgresql", "sqlite")

CUSTOMERS = 1_000
HOT = crowd.customer_id(0)
EVERYBODY = tuple(crowd.customer_id(number) for number in range(CUSTOMERS))
FEATURE = "exports"
WORKERS: Mapping[Kind, int] = {"postgresql": 2, "sqlite": 1}
"""SQLite has one writer at a time, and lets those of other processes sleep and look again: one process is best."""
THREADS = 4
"""The floor has as many processes and threads."""
_NO_LIMIT_IN_REACH = 1_000_000_000


@dataclass(frozen=True, slots=True)
class UsageSite:
    """A running server, the same app in this process, and where their database is."""

    kind: Kind
    server: RunningServer
    app: Flask
    database_url: str
    is_durable: bool
    """Whether a commit waits for the disk; SQLite's always does."""

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.server.keys.secret}", "Content-Type": "application/json"}

    def consume(self, customers: Sequence[str]) -> Call:
        """Give the call that consumes one unit for each of the customers in turn, under a key of its own."""
        bodies = [json.dumps({"customer": customer, "feature": FEATURE, "quantity": 1}) for customer in customers]
        return Call("POST", "/v1/usage/consume", {**self.headers, "Idempotency-Key": FRESH}, bodies=bodies)

    def analyse(self) -> None:
        """Tell the database what it holds, as its own upkeep would after a while; needs an app context."""
        with transaction() as session:
            session.execute(text("ANALYZE"))

    @property
    def environment_id(self) -> int:
        with self.app.app_context():
            table = db.metadata.tables["environments"]
            return int(db.session.execute(table.select()).first()._mapping["id"])  # type: ignore[union-attr] # noqa: SLF001 - SQLAlchemy's own way


@contextmanager
def usage_site(
    kind: Kind, *, workers: int | None = None, threads: int = THREADS, durable: bool = False
) -> Iterator[UsageSite]:
    """Start a server with a catalogue of one metered feature and a crowd of customers.

    A PostgreSQL that is not `durable` commits without its disk, which would hide much of what the server adds.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="liftgate-bench-")))
        url = f"sqlite:///{folder / 'usage.db'}"
        if kind == "postgresql":
            url = stack.enter_context(Devstack(durable=durable)).database_url
        settings = {"LIFTGATE_DATABASE_URL": url, "LIFTGATE_SECRET": secrets.token_hex(16)}
        options = ["--workers", str(workers or WORKERS[kind]), "--threads", str(threads), "--stream-port", "off"]
        server = stack.enter_context(running_server(options=options, settings=settings))
        app = create_app(load_config(settings, data=folder))
        stack.callback(detach_database, app)
        site = UsageSite(kind, server, app, url, is_durable=durable or kind == "sqlite")
        server.manage("POST", "/v1/catalogue/publish", catalogue_document())
        with app.app_context():
            crowd.settle(site.environment_id, CUSTOMERS, plan="pro", plan_version=1, amount=2900)
            site.analyse()
        yield site


def catalogue_document() -> dict[str, Any]:
    """Return a catalogue with one metered feature of two limits, neither of which is ever reached."""
    limits = [{"limit": _NO_LIMIT_IN_REACH, "per": "day"}, {"limit": _NO_LIMIT_IN_REACH, "per": "month"}]
    prices = [{"interval": "month", "currency": "EUR", "amount": 2900}]
    entitlements = {FEATURE: limits}
    return {
        "schema": 1,
        "languages": ["en"],
        "time_zone": "Europe/Berlin",
        "default_plan": "free",
        "features": {FEATURE: {"kind": "metered", "name": {"en": "Exports"}}},
        "plans": {
            "free": {"name": {"en": "Free"}, "rank": 0, "entitlements": entitlements},
            "pro": {"name": {"en": "Pro"}, "rank": 10, "prices": prices, "entitlements": entitlements},
        },
        "gates": {"board.export": {"requires": FEATURE}},
    }
