"""An account with something in every table, so that what is handed out or forgotten can be looked at row by row."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from liftgate_server.plumbing.audit import Actor, ActorKind, acting_as, write_entry
from liftgate_server.plumbing.db import db, reading, transaction
from liftgate_server.usage.models import (
    UsageCounterRow,
    UsageCrossingRow,
    UsageDayRow,
    UsageEventRow,
    UsageReservationRow,
)
from tests.server.conftest import START, Caller

CATALOGUE: dict[str, Any] = {
    "schema": 1,
    "languages": ["en"],
    "default_plan": "free",
    "features": {
        "boards": {"kind": "capacity", "name": {"en": "Boards"}},
        "exports": {"kind": "metered", "name": {"en": "Exports"}},
    },
    "plans": {
        "free": {"name": {"en": "Free"}, "rank": 0, "entitlements": {"boards": 1}},
        "pro": {
            "name": {"en": "Pro"},
            "rank": 9,
            "prices": [{"interval": "month", "currency": "EUR", "amount": 900}],
            "entitlements": {"boards": 5, "exports": {"limit": 100, "per": "month"}},
        },
    },
    "addons": {
        "more_boards": {
            "name": {"en": "More boards"},
            "prices": [{"interval": "month", "currency": "EUR", "amount": 100}],
            "max_quantity": 9,
            "entitlements": {"boards": 1},
        }
    },
    "gates": {"boards.create": {"requires": "boards"}},
}
# Stands in whatever is personal, so that one search over every row tells whether anything is left.
MARK = "secretmark"
ACCOUNT, PERSON = f"acc-{MARK}", f"per-{MARK}"


@pytest.fixture
def account(app, environment, manager: Caller) -> str:
    """An account whose id, people and texts carry the mark, and which is in every table there is."""
    assert manager.post("/v1/catalogue/publish", json=CATALOGUE).status_code == 200
    fill(app, environment.id, manager, ACCOUNT, PERSON)
    return ACCOUNT


def fill(app: Any, environment_id: int, manager: Caller, customer: str, user: str) -> None:
    def post(path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = manager.post(path, json=body)
        assert answer.status_code < 300, (path, answer.json)
        return dict(answer.json or {})

    manager.put(f"/v1/customers/{customer}", json={"name": MARK, "currency": "EUR", "attributes": {"about": MARK}})
    manager.put(f"/v1/customers/{customer}/users/{user}", json={"name": MARK, "email": f"{MARK}@example.com"})
    manager.put(f"/v1/customers/{customer}/users/another", json={"name": "Another"})
    post(f"/v1/customers/{customer}/subscription", {"plan": "pro", "interval": "month", "currency": "EUR"})
    post(f"/v1/customers/{customer}/subscription/addons", {"addon": "more_boards", "quantity": 1})
    post(
        f"/v1/customers/{customer}/grants", {"kind": "override", "feature": "boards", "entitlement": 7, "reason": MARK}
    )
    order = {"customer": customer, "addon": "more_boards", "interval": "month", "currency": "EUR", "user": user}
    post(f"/v1/orders/{post('/v1/orders', order)['id']}/approve", {})
    post("/v1/orders", order)
    gate = {"gate": "boards.create", "customer": customer, "hour": "2026-11-22T09:00:00Z"}
    post(
        "/v1/reports",
        {
            "batch": f"batch-{len(customer)}",
            "gates": [gate | {"outcome": "refused", "reason": "limit_reached", "count": 3}],
            "levels": [{"customer": customer, "feature": "boards", "used": 3, "at": "2026-11-22T09:00:00Z"}],
        },
    )
    with app.app_context():
        use(environment_id, customer, user)
        with acting_as(Actor(ActorKind.END_USER, f"{customer}/{user}", user)), transaction(environment_id):
            write_entry(environment_id, "order.confirmed", subject="order:of-another", after={"by": MARK})
        write_entry(environment_id, "usage.repair", subject=f"customer:{customer}", before={"values": [{"user": user}]})


def use(environment_id: int, customer: str, user: str, *, events: int = 3) -> None:
    """Write what the ledger has of an account, as if it had been counted."""
    own = {"environment_id": environment_id, "customer": customer, "feature": "exports"}
    receipt = {
        "sent": {"text": MARK},
        "windows": [["month:2026-11", user, 1]],
        "customer": customer,
        "parts": [["base", 1]],
    }
    event = own | {
        "operation": "consume",
        "gate": None,
        "quantity": 1,
        "base_quantity": 1,
        "uses": 1,
        "received_at": START,
        "refused": False,
        "of_key": None,
        "digest": b"d" * 32,
        "properties": {"text": MARK},
    }
    month = {"starts_at": START - timedelta(days=21), "ends_at": START + timedelta(days=9), "level_at": None}
    reservation = own | {
        "key": f"r-{user}",
        "gate": None,
        "user": user,
        "units": 1,
        "base_units": 1,
        "digest": b"d" * 32,
        "properties": {"text": MARK},
        "receipt": receipt,
        "created_at": START,
        "expires_at": START + timedelta(hours=1),
        "state": "committed",
        "settled": 1,
        "settled_at": START,
    }
    with transaction(environment_id) as session:
        session.execute(
            insert(UsageEventRow),
            [
                event | {"key": f"k{number}-{user}", "user": who, "at": START, "receipt": receipt if who else None}
                for number in range(events)
                for who in [user if number % 2 else ""]
            ],
        )
        session.execute(
            insert(UsageCounterRow),
            [own | month | {"user": user, "window": "month:2026-11", "used": events, "held": 0}],
        )
        session.execute(insert(UsageReservationRow), [reservation])
        crossing = {"window": "month:2026-11", "percent": 80, "limit": 5, "used": 4, "at": START, "announced": False}
        session.execute(insert(UsageCrossingRow), [own | crossing | {"user": user}])
        day = {"day": date(2026, 11, 22), "units": events, "uses": events, "last_at": START}
        session.execute(insert(UsageDayRow), [own | day | {"user": user}])


@pytest.fixture
def everything(app) -> Callable[[], dict[str, list[str]]]:
    """Read every row of every table, as text."""

    def read() -> dict[str, list[str]]:
        with app.app_context():
            return {
                table.name: sorted(json.dumps([*row], default=str) for row in reading().execute(select(table)))
                for table in db.metadata.sorted_tables
            }

    return read


@pytest.fixture
def sums(app, environment) -> Callable[[], dict[str, int]]:
    """Add up what must stay: units, uses, refusals, money."""

    def read() -> dict[str, int]:
        with app.app_context():
            return dict(_sums(environment.id))

    return read


def _sums(environment_id: int) -> Iterator[tuple[str, int]]:
    wanted = {
        "usage_events": "quantity",
        "usage_counters": "used",
        "usage_days": "units",
        "usage_reservations": "units",
        "gate_hours": "times",
        "gate_totals": "times",
        "mrr_changes": "mrr_after",
        "orders": "amount",
    }
    for name, column in wanted.items():
        table = db.metadata.tables[name]
        rows = reading().execute(select(table.c[column]).where(table.c.environment_id == environment_id))
        yield name, sum(row[0] for row in rows)
