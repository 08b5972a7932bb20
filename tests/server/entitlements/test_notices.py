"""What customers are told ahead of time, over HTTP: by the host, and by the reader's own page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from liftgate.engine.catalogue_model import Recurrence
from liftgate_server.access.queries import Environment
from liftgate_server.catalog.document import SourceDocument
from liftgate_server.customers import service, subscription_service
from liftgate_server.plumbing.clock import FixedClock
from liftgate_server.publishing.facts import Audience, Terms
from liftgate_server.publishing.service import publish

PRO = {
    "name": {"en": "Pro", "de": "Pro"},
    "rank": 10,
    "prices": [{"interval": "month", "currency": "EUR", "amount": 900}],
}


@pytest.fixture
def pro_ends(app: Flask, environment: Environment, clock: FixedClock) -> None:
    """A subscriber of Pro, which is another one for all in thirty days."""
    document: dict[str, Any] = {"schema": 1, "languages": ["en", "de"], "plans": {"pro": PRO}}
    with app.app_context():
        publish(environment.id, SourceDocument(document))
        service.upsert_customer(environment.id, "acme", service.UpsertCustomer(language="de"))
        subscription_service.start_subscription(
            environment.id, "acme", subscription_service.StartSubscription("pro", Recurrence.MONTH)
        )
        dearer = {**PRO, "prices": [{"interval": "month", "currency": "EUR", "amount": 1900}]}
        terms = Terms(audience=Audience.ALL, starts_at=clock.now() + timedelta(days=40), notice_days=30)
        publish(environment.id, SourceDocument({**document, "plans": {"pro": dearer}}), terms=terms)


def told(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 200, answer.text
    return [(notice["plan"], notice["title"]) for notice in answer.json["notices"]]


def test_the_host_is_told_in_time_in_the_language_asked_for(
    pro_ends: None, clock: FixedClock, runtime_caller: Callable[..., Any]
) -> None:
    path = "/v1/customers/acme/notices"
    before = told(runtime_caller("GET", path))

    clock.advance(timedelta(days=10))

    assert before == []
    assert told(runtime_caller("GET", path)) == [("pro", "Ihr Tarif Pro ändert sich")]
    assert told(runtime_caller("GET", f"{path}?language=en")) == [("pro", "Your plan Pro is changing")]


@pytest.mark.parametrize("query", ["?language=x!", "?languages=en"])
def test_a_wrong_question_is_refused(query: str, pro_ends: None, runtime_caller: Callable[..., Any]) -> None:
    assert runtime_caller("GET", f"/v1/customers/acme/notices{query}").status_code == 422


def test_somebody_unknown_is_told_nothing(pro_ends: None, runtime_caller: Callable[..., Any]) -> None:
    assert told(runtime_caller("GET", "/v1/customers/nobody/notices")) == []
