"""No page asks the database more often because there are more customers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import insert

from liftgate_server.catalog.drafts import Edit, edit_draft
from liftgate_server.customers.models import CustomerRow, PlanPhaseRow
from liftgate_server.plumbing.db import transaction

AT = datetime(2026, 11, 1, tzinfo=UTC)
FEW, MANY = 10, 1_000
PAGES = (
    "/customers",
    "/customers?plan=pro",
    "/customers?plan=free",
    "/customers?status=active",
    "/customers?search=c",
    "/customers/harbour",
    "/customers/harbour/people",
    "/customers/harbour/orders",
    "/customers/harbour/revenue",
    "/customers/harbour/activity",
    "/customers/harbour/subscription?plan=business",
    "/orders",
    "/review?audience=all&notice_days=30",
    "/review/affected/losses?audience=all&notice_days=30",
    "/history",
    "/history/1",
)


@pytest.fixture
def add_customers(site, environment_id):
    """Write customers of whom every second has Pro."""

    def add(first: int, last: int) -> None:
        customers = [_customer(environment_id, number) for number in range(first, last)]
        phases = [_phase(environment_id, number) for number in range(first, last) if number % 2]
        with site.app.app_context(), transaction(environment_id) as session:
            session.execute(insert(CustomerRow), customers)
            session.execute(insert(PlanPhaseRow), phases)

    return add


def _customer(environment_id: int, number: int) -> dict[str, object]:
    id = f"c{number:05}"
    return {
        "environment_id": environment_id,
        "id": id,
        "search_id": id,
        "attributes": {},
        "version": 1,
        "created_at": AT,
        "updated_at": AT,
    }


def _phase(environment_id: int, number: int) -> dict[str, object]:
    return {
        "environment_id": environment_id,
        "customer": f"c{number:05}",
        "id": "phs_1",
        "plan": "pro",
        "plan_version": 1,
        "status": "active",
        "interval": "month",
        "currency": "EUR",
        "quantity": 1,
        "unit_amount": 2900,
        "price_per": "account",
        "starts_at": AT,
        "ends_at": None,
    }


def test_the_number_of_statements_does_not_grow(site, environment_id, owner, add_customers, statements):
    with site.app.app_context():
        edit = Edit(("plans", "pro", "entitlements", "boards"), 20)
        edit_draft(environment_id, [edit], base_revision=0, by=None)
    add_customers(0, FEW)
    few = _counted(owner, statements)
    add_customers(FEW, MANY)

    assert _counted(owner, statements) == few
    assert max(few.values()) < 60


def _counted(owner, statements: list[str]) -> dict[str, int]:
    counts = {}
    for path in PAGES:
        owner.get(path)  # what a process remembers once is not counted
        statements.clear()
        assert owner.get(path).status_code == 200
        counts[path] = len(statements)
    return counts
