"""The sample site, and what its accounts are like."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import event

from liftgate_server.access.queries import environment_by_key
from liftgate_server.customers import queries
from liftgate_server.customers.facts import Subscription
from liftgate_server.plumbing.db import db
from tests.admin_samples import Site


@pytest.fixture
def environment_id(site: Site) -> int:
    with site.app.app_context():
        return environment_by_key(site.environment).id


@pytest.fixture
def subscription(site: Site, environment_id: int) -> Callable[[str], Subscription]:
    """Read what an account has."""

    def read(customer: str) -> Subscription:
        with site.app.app_context():
            return queries.subscription(environment_id, customer)

    return read


@pytest.fixture
def statements(site: Site) -> Iterator[list[str]]:
    """The statements sent to the database."""
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        sent.append(statement)

    with site.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)
