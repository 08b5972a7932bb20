"""A catalogue with meters of every sort, and a caller that uses them up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from liftgate.engine.catalogue_model import Recurrence
from liftgate_server.access.queries import Environment
from liftgate_server.catalog import service as catalog
from liftgate_server.catalog.document import SourceDocument
from liftgate_server.customers import service as customers
from liftgate_server.customers.subscription_service import StartSubscription, start_subscription
from liftgate_server.plumbing.db import reading
from liftgate_server.usage.models import UsageCounterRow, UsageEventRow
from tests.server.conftest import Caller


def catalogue_document() -> dict[str, Any]:
    price = {"interval": "month", "currency": "EUR", "amount": 2900}
    return {
        "schema": 1,
        "languages": ["en"],
        "default_plan": "free",
        "features": {
            "exports": {"kind": "metered", "name": {"en": "Exports"}},
            "calls": {"kind": "metered", "name": {"en": "Calls"}},
            "texts": {"kind": "metered", "name": {"en": "Texts"}},
            "boards": {"kind": "capacity", "name": {"en": "Boards"}},
            "sso": {"kind": "switch", "name": {"en": "Single sign-on"}},
            "depth": {"kind": "setting", "name": {"en": "Depth"}, "values": ["low", "high"]},
        },
        "value_metrics": {"minutes_saved": {"name": {"en": "Minutes saved"}}},
        "plans": {
            "free": {
                "name": {"en": "Free"},
                "rank": 0,
                "entitlements": {
                    "exports": {"limit": 5, "per": "month", "warn_at": [80]},
                    "calls": {"limit": 10, "per": "day", "enforcement": "soft", "overage": 2},
                    "texts": [{"limit": 2, "per": "day", "scope": "user"}, {"limit": 5, "per": "month"}],
                    "boards": 3,
                },
            },
            "pro": {
                "name": {"en": "Pro"},
                "rank": 10,
                "prices": [price],
                "entitlements": {"exports": {"limit": 50, "per": "day"}, "boards": 25, "sso": True},
            },
        },
        "gates": {
            "export.pdf": {"requires": {"all": ["exports", "sso"]}},
            "export.either": {"requires": {"any": ["exports", "sso"]}},
            "export.open": {"requires": "exports", "mode": "open"},
            "export.watched": {"requires": "exports", "mode": "observe"},
            "export.closed": {"requires": "exports", "mode": "closed"},
            "login": {"requires": "sso"},
            "two": {"requires": {"any": ["exports", "calls"]}},
        },
    }


@pytest.fixture(autouse=True)
def document(app: Flask, environment: Environment) -> dict[str, Any]:
    """The published document; the test may change and publish it again."""
    document = catalogue_document()
    with app.app_context():
        catalog.publish(environment.id, SourceDocument(document))
    return document


@pytest.fixture
def publish(app: Flask, environment: Environment) -> Callable[[dict[str, Any]], None]:
    def publish_again(document: dict[str, Any]) -> None:
        with app.app_context():
            catalog.publish(environment.id, SourceDocument(document))

    return publish_again


@pytest.fixture
def subscribe(app: Flask, environment: Environment) -> Callable[..., None]:
    """Give a customer a subscription."""

    def start(customer: str, plan: str = "pro") -> None:
        with app.app_context():
            customers.upsert_customer(environment.id, customer, customers.UpsertCustomer())
            start_subscription(environment.id, customer, StartSubscription(plan, Recurrence.MONTH))

    return start


class Meters:
    """Uses things up of acme."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller

    def __call__(self, call: str, *, key: str | None = None, **body: Any) -> Any:
        headers = {} if key is None else {"Idempotency-Key": key}
        return self.caller.post(f"/v1/usage/{call}", json={"customer": "acme", **body}, headers=headers)

    def consume(self, gate: str = "exports", quantity: int = 1, *, key: str | None = None, **body: Any) -> Any:
        answer = self("consume", key=key, gate=gate, quantity=quantity, **body)
        assert answer.status_code == 200, answer.text
        return answer.json

    def reserve(self, quantity: int = 1, *, key: str | None = None, **body: Any) -> Any:
        answer = self("reserve", key=key, gate="exports", quantity=quantity, **body)
        assert answer.status_code == 200, answer.text
        return answer.json

    def record(self, *events: Any) -> Any:
        answer = self.caller.post("/v1/usage/record", json={"events": list(events)})
        assert answer.status_code == 200, answer.text
        return answer.json

    def used(self, gate: str = "exports", **question: Any) -> int:
        """What a check says is used."""
        answer = self.caller.post("/v1/check", json={"customer": "acme", "gate": gate, **question})
        told: Any = answer.json
        return int(told["decision"]["used"])


@pytest.fixture
def meters(runtime_caller: Caller) -> Meters:
    return Meters(runtime_caller)


@pytest.fixture
def other_meters(make_app: Callable[..., Flask], secret_key: str) -> Meters:
    """The same by another process on the same database."""
    return Meters(Caller(make_app().test_client(), secret_key))


@pytest.fixture
def counted(app: Flask) -> Callable[[], tuple[int, int]]:
    """Add up what the ledger has counted, and what its counters say."""

    def add_up() -> tuple[int, int]:
        with app.app_context():
            events = sum(row.quantity for row in reading().query(UsageEventRow))
            counters = sum(row.used + row.held for row in reading().query(UsageCounterRow))
            return events, counters

    return add_up
