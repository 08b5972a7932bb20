"""A small catalogue, and ways to publish it through the service and over HTTP."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from liftgate_server.access.queries import Environment
from liftgate_server.catalog import service
from liftgate_server.catalog.document import SourceDocument
from liftgate_server.catalog.queries import CatalogueVersion

_DOCUMENT: dict[str, Any] = {
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
    "addons": {"more_boards": {"name": {"en": "More boards"}, "entitlements": {"boards": 10}}},
    "gates": {"reports.export": {"requires": "exports"}},
}


@pytest.fixture
def document() -> dict[str, Any]:
    """A valid document that the test may change."""
    return copy.deepcopy(_DOCUMENT)


@pytest.fixture
def publish(in_app: Flask, environment: Environment) -> Callable[..., CatalogueVersion]:
    """Publish a document in the environment of the test."""

    def publish_document(document: dict[str, Any], **options: Any) -> CatalogueVersion:
        return service.publish(environment.id, SourceDocument(document), **options)

    return publish_document
