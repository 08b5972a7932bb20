"""A published catalogue with three plans and two add-ons, and a customer without anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from liftgate_server.access.queries import Environment
from liftgate_server.catalog import service as catalog
from liftgate_server.catalog.document import SourceDocument
from liftgate_server.customers import service
from liftgate_server.customers.models import MrrChangeRow
from liftgate_server.plumbing.db import db
from tests.server.customers.account import Account


def catalogue_document() -> dict[str, Any]:
    return {
        "schema": 1,
        "languages": ["en", "de"],
        "default_plan": "free",
        "features": {
            "exports": {"kind": "metered", "name": {"en": "Exports", "de": "Exporte"}},
            "boards": {"kind": "capacity", "name": {"en": "Boards"}},
            "sso": {"kind": "switch", "name": {"en": "Single sign-on"}},
            "resolution": {"kind": "setting", "name": {"en": "Resolution"}, "values": ["720p", "4k"]},
        },
        "plans": {
            "free": {"name": {"en": "Free"}, "rank": 0, "entitlements": {"exports": {"limit": 5, "per": "month"}}},
            "pro": {
                "name": {"en": "Pro"},
                "rank": 10,
                "prices": [
                    {"interval": "month", "currency": "EUR", "amount": 2900, "per": "seat"},
                    {"interval": "year", "currency": "EUR", "amount": 29000, "per": "seat"},
                    {"interval": "month", "currency": "USD", "amount": 3200, "per": "seat"},
                ],
                "entitlements": {"exports": {"limit": 100, "per": "month"}},
            },
            "business": {
                "name": {"en": "Business"},
                "rank": 20,
                "prices": [
                    {"interval": "month", "currency": "EUR", "amount": 9900},
                    {"interval": "year", "currency": "EUR", "amount": 99000},
                ],
                "entitlements": {"exports": "unlimited", "sso": True},
            },
        },
        "addons": {
            "extra_exports": {
                "name": {"en": "100 more exports"},
                "prices": [{"interval": "month", "currency": "EUR", "amount": 900}],
                "max_quantity": 10,
                "plans": ["free", "pro"],
                "entitlements": {"exports": {"limit": 100, "per": "month"}},
            },
            "support": {
                "name": {"en": "Priority support"},
                "prices": [{"interval": "year", "currency": "EUR", "amount": 12000}],
                "entitlements": {"sso": True},
            },
        },
    }


@pytest.fixture
def publish(in_app: Flask, environment: Environment) -> Callable[..., None]:
    """Publish the catalogue of these tests, changed by a function where given."""

    def publish_document(change: Callable[[dict[str, Any]], None] | None = None) -> None:
        document = catalogue_document()
        if change is not None:
            change(document)
        catalog.publish(environment.id, SourceDocument(document))

    return publish_document


@pytest.fixture
def acme(publish: Callable[..., None], environment: Environment) -> str:
    """A customer who has nothing yet, in an environment with a catalogue."""
    publish()
    return service.upsert_customer(environment.id, "acme", service.UpsertCustomer(name="Acme Media")).id


@pytest.fixture
def ledger(in_app: Flask) -> Callable[[], list[tuple[str, int, int]]]:
    """Read the MRR ledger as (kind, before, after), in its order."""

    def read() -> list[tuple[str, int, int]]:
        db.session.rollback()
        rows = db.session.scalars(db.select(MrrChangeRow).order_by(MrrChangeRow.customer, MrrChangeRow.sequence))
        return [(row.kind, row.mrr_before, row.mrr_after) for row in rows]

    return read


@pytest.fixture
def account(acme: str, environment: Environment) -> Account:
    return Account(environment.id, acme)
