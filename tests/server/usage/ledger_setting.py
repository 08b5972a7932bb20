"""A published catalogue of the model's plans, and a customer who holds nothing yet."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from liftgate.engine.catalogue_model import Recurrence
from liftgate.engine.customer_state import GrantKind
from liftgate_server.catalog import service as catalog
from liftgate_server.catalog.document import SourceDocument
from liftgate_server.customers import queries, service
from liftgate_server.customers import subscription_service as subscriptions
from liftgate_server.customers.grant_service import CreateGrant, create_grant
from liftgate_server.customers.timeline import When
from liftgate_server.plumbing.db import db, hot_writes
from liftgate_server.usage.models import UsageCounterRow, UsageCrossingRow, UsageDayRow, UsageEventRow
from tests.server.usage.ledger_model import PLANS, ZONE, Gift, Rule

KINDS = {"exports": "metered", "calls": "metered", "seats": "capacity"}


def publish_plans(environment_id: int) -> None:
    """Publish what the model has in its table."""
    plans: dict[str, Any] = {
        plan: {
            "name": {"en": plan},
            "rank": rank,
            "entitlements": {feature: _entitlement(feature, rules) for feature, rules in sold.items()},
        }
        for rank, (plan, sold) in enumerate(PLANS.items())
    }
    plans["pro"]["prices"] = [{"interval": "month", "currency": "EUR", "amount": 2900}]
    document = {
        "schema": 1,
        "languages": ["en"],
        "time_zone": str(ZONE),
        "default_plan": "free",
        "features": {feature: {"kind": kind, "name": {"en": feature}} for feature, kind in KINDS.items()},
        "plans": plans,
    }
    catalog.publish(environment_id, SourceDocument(document))
    db.session.rollback()


def _entitlement(feature: str, rules: tuple[Rule, ...]) -> Any:
    if KINDS[feature] == "capacity":
        return rules[0].limit
    return [
        {"limit": rule.limit, "per": rule.per}
        | ({"scope": "user"} if rule.by_user else {})
        | ({"enforcement": "soft", "overage": rule.overage} if rule.overage else {})
        for rule in rules
    ]


class Holder:
    """Changes what one customer holds."""

    def __init__(self, environment_id: int, customer: str) -> None:
        self.environment_id = environment_id
        self.customer = customer
        service.upsert_customer(environment_id, customer, service.UpsertCustomer(currency="EUR"))

    def plan_at(self, at: datetime) -> str:
        """Say which plan was held at an instant."""
        db.session.rollback()
        held = queries.situation(self.environment_id, self.customer).timeline.plan_at(at)
        return "free" if held is None else held.choice.plan

    def go_pro(self) -> None:
        """Buy the larger plan."""
        wanted = subscriptions.StartSubscription("pro", Recurrence.MONTH)
        subscriptions.start_subscription(self.environment_id, self.customer, wanted)

    def cancel(self, when: When) -> None:
        """Fall back to the free plan, now or when the period ends."""
        subscriptions.cancel_subscription(self.environment_id, self.customer, when=when)

    def give(self, now: datetime, days: int) -> Gift:
        """Give two exports beside the plan."""
        ends_at = now + timedelta(days=days)
        wanted = CreateGrant(GrantKind.PROMOTION, "exports", entitlement={"limit": 2, "per": "never"}, ends_at=ends_at)
        grant = create_grant(self.environment_id, self.customer, wanted)
        return Gift(f"bucket:{grant.id}", "exports", 2, now, ends_at)


def do_not_wait_for_the_disk() -> None:
    """Nobody pulls the plug here, and waiting for the disk is most of the time."""
    if db.engine.dialect.name == "sqlite":
        connection = db.engine.raw_connection()
        connection.cursor().execute("PRAGMA synchronous = OFF")
        connection.close()
        hot_writes().run(lambda execute: execute("PRAGMA synchronous = OFF", ()))


def counters_of(customer: str) -> list[UsageCounterRow]:
    """Read every counter of a customer."""
    db.session.rollback()
    return list(db.session.scalars(select(UsageCounterRow).filter_by(customer=customer)))


def days_of(customer: str) -> dict[tuple[str, str, str], int]:
    """Read the units of every day of a customer, by feature and user."""
    db.session.rollback()
    rows = db.session.scalars(select(UsageDayRow).filter_by(customer=customer))
    return {(row.feature, row.user, row.day.isoformat()): row.units for row in rows}


def rows_of(customer: str) -> dict[str, list[tuple[Any, ...]]]:
    """Read all that the ledger has of a customer, as plain values in the order of their keys."""
    db.session.rollback()
    found: dict[str, list[tuple[Any, ...]]] = {}
    for table in (UsageEventRow, UsageCounterRow, UsageDayRow, UsageCrossingRow):
        columns = [column for column in table.__table__.columns if column.name != "environment_id"]
        keys = [column for column in table.__table__.primary_key if column.name != "environment_id"]
        query = select(*columns).where(table.__table__.c.customer == customer).order_by(*keys)
        found[table.__tablename__] = [tuple(row) for row in db.session.execute(query)]
    return found
