"""A great many customers, written straight into the tables: what pages and reviews are measured with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from liftgate_server.plumbing.db import db, transaction

BATCH = 5_000
SUBSCRIBED_SHARE = 4
"""Every fourth customer pays, which is more than most products can say, and so more work for the pages."""
OVERRIDE_SHARE = 50
FIRST_SIGN_UP = datetime(2026, 1, 1, tzinfo=UTC)

WORDS = ("amber", "birch", "cedar", "dune", "ember", "fjord", "grove", "harbour", "iris", "juniper")


def settle(environment_id: int, count: int, *, plan: str, plan_version: int, amount: int) -> None:
    """Write so many customers: some of them subscribed to the plan by the month, some with an override.

    Needs an app context, and an environment without customers.
    """
    with transaction(environment_id) as session:
        for first in range(0, count, BATCH):
            numbers = range(first, min(first + BATCH, count))
            session.execute(db.metadata.tables["customers"].insert(), [_customer(environment_id, n) for n in numbers])
            phases = [*_phases(environment_id, numbers, plan, plan_version, amount)]
            session.execute(db.metadata.tables["plan_phases"].insert(), phases)
            session.execute(db.metadata.tables["grants"].insert(), [*_overrides(environment_id, numbers)])


def customer_id(number: int) -> str:
    return f"{WORDS[number % len(WORDS)]}-{number:06}"


def _customer(environment_id: int, number: int) -> dict[str, Any]:
    key = customer_id(number)
    name = f"{WORDS[number % len(WORDS)].title()} {number}"
    joined = FIRST_SIGN_UP + timedelta(minutes=number)
    return {
        "environment_id": environment_id,
        "id": key,
        "search_id": key,
        "name": name,
        "search_name": name.casefold(),
        "language": "en",
        "currency": "EUR",
        "attributes": {"employees": number % 500},
        "version": 1,
        "billing_anchor": joined,
        "created_at": joined,
        "updated_at": joined,
        "changed_at": joined,
        "next_change_at": None,
    }


def _phases(environment_id: int, numbers: range, plan: str, plan_version: int, amount: int) -> Iterator[dict[str, Any]]:
    for number in numbers:
        if number % SUBSCRIBED_SHARE == 0:
            yield {
                "environment_id": environment_id,
                "customer": customer_id(number),
                "id": f"phs_{number:012}",
                "plan": plan,
                "plan_version": plan_version,
                "status": "active",
                "interval": "month",
                "currency": "EUR",
                "quantity": 1 + number % 20,
                "unit_amount": amount,
                "price_per": "account",
                "starts_at": FIRST_SIGN_UP + timedelta(minutes=number),
                "ends_at": None,
            }


def _overrides(environment_id: int, numbers: range) -> Iterator[dict[str, Any]]:
    for number in numbers:
        if number % OVERRIDE_SHARE == 0:
            yield {
                "environment_id": environment_id,
                "customer": customer_id(number),
                "id": f"grt_{number:012}",
                "kind": "override",
                "feature": "feature_0",
                "plan": None,
                "plan_version": None,
                "entitlement": True,
                "max_uses": None,
                "reason": "pilot",
                "created_by": None,
                "created_at": FIRST_SIGN_UP,
                "starts_at": FIRST_SIGN_UP,
                "ends_at": None,
            }
