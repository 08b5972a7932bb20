"""The rows of a case: the customer as it stands, and which versions end."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from liftgate_server.catalog.document import SourceDocument
from liftgate_server.catalog.models import SuccessionRow
from liftgate_server.catalog.service import publish
from liftgate_server.customers.models import AddOnPhaseRow, CustomerRow, CustomerUserRow, GrantRow, PlanPhaseRow
from liftgate_server.plumbing.changes import ChangeKind, append_change
from liftgate_server.plumbing.db import transaction
from tests.case_files import CUSTOMER, Case

LONG_AGO = datetime.fromisoformat("2020-01-01T00:00:00Z")


def store_case(environment_id: int, case: Case) -> None:
    """Publish the catalogues of a case and write its customer."""
    for catalogue in case.catalogues:
        publish(environment_id, SourceDocument(catalogue))
    _store_successions(environment_id, case)
    _store_state(environment_id, case.state)


def _store_successions(environment_id: int, case: Case) -> None:
    with transaction(environment_id) as session:
        for name, succession in case.plan_successions.items():
            key, _, version = name.partition("@")
            owner = {"environment_id": environment_id, "kind": "plan", "key": key, "version": int(version)}
            session.add(SuccessionRow(**owner, catalogue_version=len(case.catalogues), **_dated(succession)))
        append_change(environment_id, ChangeKind.CATALOGUE, key="catalogue", version=len(case.catalogues))


def _store_state(environment_id: int, state: dict[str, Any]) -> None:
    """Write the rows of a state as they stand; the cases have states that no single call leads to."""
    owner = {"environment_id": environment_id, "customer": CUSTOMER}
    price = {"unit_amount": 0, "price_per": "account"}
    addon_price = {"interval": "month", "currency": "EUR", "unit_amount": 0}
    with transaction() as session:
        session.add(_customer_row(environment_id, state))
        session.flush()
        for user in state.get("buyers", []):
            session.add(CustomerUserRow(**owner, id=user, buyer=True, created_at=LONG_AGO, updated_at=LONG_AGO))
        for number, phase in enumerate(state.get("phases", [])):
            session.add(PlanPhaseRow(**owner, id=f"ph_{number}", **price, **_dated(phase)))
        for number, addon in enumerate(state.get("addons", [])):
            session.add(AddOnPhaseRow(**owner, id=f"ad_{number}", **{**addon_price, **_dated(addon)}))
        for grant in state.get("grants", []):
            session.add(GrantRow(**owner, created_by=None, **_dated(grant)))
        append_change(environment_id, ChangeKind.CUSTOMER, key=CUSTOMER, version=1)


def _customer_row(environment_id: int, state: dict[str, Any]) -> CustomerRow:
    anchor = state.get("billing_anchor")
    return CustomerRow(
        environment_id=environment_id,
        id=CUSTOMER,
        search_id=CUSTOMER,
        language=state.get("language"),
        currency=state.get("currency"),
        attributes=state.get("attributes", {}),
        version=1,
        billing_anchor=None if anchor is None else datetime.fromisoformat(anchor),
        created_at=LONG_AGO,
        updated_at=LONG_AGO,
    )


def _dated(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document of a state with its instants read."""
    return {
        key: datetime.fromisoformat(value) if (key == "at" or key.endswith("_at")) and value is not None else value
        for key, value in document.items()
    }
