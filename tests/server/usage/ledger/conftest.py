"""A customer's ledger in a running app."""

from __future__ import annotations

import pytest

from tests.server.usage.ledger.accounts import Account


@pytest.fixture
def account(in_app, environment) -> Account:
    return Account(environment.id)
