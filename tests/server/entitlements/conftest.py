"""A catalogue with one feature of each kind, and customers in several states."""

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


def catalogue_document() -> dict[str, Any]:
    return {
        "schema": 1,
        "languages": ["en", "de"],
        "default_plan": "free",
        "features": {
            "boards": {"kind": "capacity", "name": {"en": "Boards", "de": "Tafeln"}},
            "exports": {"kind": "metered", "name": {"en": "Exports"}},
            "sso": {"kind": "switch", "name": {"en": "Single sign-on"}},
        },
        "plans": {
            "free": {
                "name": {"en": "Free"},
                "rank": 0,
                "entitlements": {
                    "boards": 3,
                    "exports": [{"limit": 5, "per": "day"}, {"limit": 20, "per": "month"}],
                },
            },
            "pro": {
                "name": {"en": "Pro"},
                "rank": 10,
                "prices": [{"interval": "month", "currency": "EUR", "amount": 2900}],
                "entitlements": {"boards": 25, "exports": "unlimited", "sso": True},
            },
        },
        "gates": {"boards.create": {"requires": "boards"}, "login.sso": {"requires": "sso"}},
    }


def publish_document(environment: Environment, document: dict[str, Any]) -> int:
    return catalog.publish(environment.id, SourceDocument(document)).version


@pytest.fixture
def document(app: Flask, environment: Environment) -> dict[str, Any]:
    """The published document; the test may change and publish it again."""
    document = catalogue_document()
    with app.app_context():
        publish_document(environment, document)
    return document


@pytest.fixture
def publish(app: Flask, environment: Environment) -> Callable[[dict[str, Any]], int]:
    """Publish another document."""

    def publish_again(document: dict[str, Any]) -> int:
        with app.app_context():
            return publish_document(environment, document)

    return publish_again


@pytest.fixture
def subscribe(app: Flask, environment: Environment, document: dict[str, Any]) -> Callable[..., None]:
    """Give a customer a subscription, telling the server of the customer where needed."""

    def start(customer: str, plan: str = "pro") -> None:
        with app.app_context():
            customers.upsert_customer(environment.id, customer, customers.UpsertCustomer())
            start_subscription(environment.id, customer, StartSubscription(plan, Recurrence.MONTH))

    return start
