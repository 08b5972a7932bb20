"""A published catalogue with accounts on it, and short words for publishing."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from liftgate.engine.catalogue_model import Recurrence
from liftgate.engine.customer_state import GrantKind
from liftgate_server.access.queries import Environment
from liftgate_server.catalog.document import SourceDocument
from liftgate_server.catalog.queries import CatalogueVersion
from liftgate_server.customers import grant_service as grants
from liftgate_server.customers import service as customers
from liftgate_server.customers import subscription_service as subscriptions
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.db import db, transaction
from liftgate_server.publishing import review, service
from liftgate_server.publishing.facts import Effect, Impact, Review, Terms
from liftgate_server.usage.facts import BEGINNING, FOREVER, GateReport, LevelReport, Outcome, Report
from liftgate_server.usage.models import UsageCounterRow
from liftgate_server.usage.service import take_report

DOCUMENT: dict[str, Any] = {
    "schema": 1,
    "languages": ["en"],
    "default_plan": "free",
    "features": {
        "exports": {"kind": "metered", "name": {"en": "Exports"}},
        "boards": {"kind": "capacity", "name": {"en": "Boards"}},
        "sso": {"kind": "switch", "name": {"en": "Single sign-on"}},
    },
    "plans": {
        "free": {"name": {"en": "Free"}, "rank": 0, "entitlements": {"boards": 3}},
        "pro": {
            "name": {"en": "Pro"},
            "rank": 10,
            "prices": [{"interval": "month", "currency": "EUR", "amount": 2900}],
            "entitlements": {"boards": 25, "exports": {"limit": 100, "per": "month"}},
        },
    },
    "addons": {
        "more_boards": {
            "name": {"en": "More boards"},
            "prices": [{"interval": "month", "currency": "EUR", "amount": 500}],
            "max_quantity": 9,
            "entitlements": {"boards": 10},
        }
    },
    "gates": {"reports.export": {"requires": "exports"}},
}


@pytest.fixture
def document() -> dict[str, Any]:
    """The published document, for the test to change."""
    return copy.deepcopy(DOCUMENT)


@dataclass
class Catalogue:
    """The environment's catalogue, published as the product manager does it."""

    environment_id: int
    document: dict[str, Any] = field(default_factory=lambda: copy.deepcopy(DOCUMENT))

    @property
    def source(self) -> SourceDocument:
        return SourceDocument(copy.deepcopy(self.document))

    def publish(self, **terms: Any) -> CatalogueVersion:
        return service.publish(self.environment_id, self.source, terms=Terms(**terms))

    def review(self, **terms: Any) -> Review:
        return review.review(self.environment_id, source=self.source, terms=Terms(**terms))

    def impact(self, **terms: Any) -> Impact:
        return self.review(**terms).impact

    def affected(self, effect: Effect, **terms: Any) -> list[str]:
        page = review.affected_accounts(
            self.environment_id, effect=effect, source=self.source, terms=Terms(**terms), limit=200
        )
        assert page.next_cursor is None
        return [account.customer for account in page.items]

    def give(self, plan: str, feature: str, entitlement: Any) -> None:
        """Change one entitlement of the document, which is not published by that."""
        self.document["plans"][plan]["entitlements"][feature] = entitlement


@pytest.fixture
def catalogue(in_app: Flask, environment: Environment) -> Catalogue:
    """The catalogue of these tests, published once."""
    made = Catalogue(environment.id)
    made.publish()
    return made


@pytest.fixture
def join(in_app: Flask, environment: Environment) -> Callable[..., str]:
    """Let a customer join: `join("acme", plan="pro", boards=2)`; the numbers are of add-ons."""

    def make(customer: str, *, plan: str | None = None, **addons: int) -> str:
        customers.upsert_customer(environment.id, customer, customers.UpsertCustomer(name=customer.title()))
        if plan is not None:
            command = subscriptions.StartSubscription(plan, Recurrence.MONTH, currency="EUR")
            subscriptions.start_subscription(environment.id, customer, command)
        for addon, quantity in addons.items():
            subscriptions.set_addon(environment.id, customer, addon=addon, quantity=quantity)
        return customer

    return make


@pytest.fixture
def grant(in_app: Flask, environment: Environment) -> Callable[..., None]:
    """Give a customer a grant: `grant("acme", "override", feature="boards", entitlement=50)`."""

    def make(customer: str, kind: str, **what: Any) -> None:
        grants.create_grant(environment.id, customer, grants.CreateGrant(GrantKind(kind), **what))

    return make


@pytest.fixture
def reported(in_app: Flask, environment: Environment) -> Callable[..., None]:
    """Let a host report: `reported("acme", boards=7)`, or that it asked a gate: `reported("acme", gate="…")`."""
    batches = iter(range(1000))

    def report(customer: str, *, gate: str | None = None, **levels: int) -> None:
        at = now()
        gates = [GateReport(gate, customer, at.replace(minute=0), Outcome.GRANTED, "entitled", 3)] if gate else []
        known = [LevelReport(customer, feature, used, at) for feature, used in levels.items()]
        take_report(environment.id, Report(f"b{next(batches)}", b"d", tuple(gates), tuple(known)))

    return report


@pytest.fixture
def counted(in_app: Flask, environment: Environment) -> Callable[..., None]:
    """Let the ledger count a level, whatever hosts have reported: `counted("acme", boards=7)`."""

    def count(customer: str, **levels: int) -> None:
        with transaction(environment.id) as session:
            for feature, used in levels.items():
                name = {"environment_id": environment.id, "customer": customer, "feature": feature, "user": ""}
                counter = UsageCounterRow(
                    **name, window="never", used=used, held=0, starts_at=BEGINNING, ends_at=FOREVER
                )
                session.merge(counter)

    return count


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    """Collect the statements that the block sends to the database."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "PRAGMA")):
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
