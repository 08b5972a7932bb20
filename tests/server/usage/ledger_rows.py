"""Postings by hand, and the ledger's rows as they are."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from liftgate.engine.allowance_model import BASE, Allowance, Bucket, Window
from liftgate.engine.catalogue_model import FeatureKind
from liftgate_server.plumbing.changes import latest_marks
from liftgate_server.plumbing.db import db
from liftgate_server.usage.batches import record_batch
from liftgate_server.usage.facts import Operation, Posted, Posting, Proof
from liftgate_server.usage.models import UsageCounterRow, UsageDayRow, UsageEventRow
from tests.server.conftest import START

NOVEMBER = Window(
    "month:2026-11-01T00:00:00Z",
    None,
    datetime(2026, 11, 1, tzinfo=UTC),
    datetime(2026, 12, 1, tzinfo=UTC),
    limit=100,
    ceiling=100,
    shown_limit=100,
    warn_at=(80,),
)
OCTOBER = replace(
    NOVEMBER,
    key="month:2026-10-01T00:00:00Z",
    starts_at=datetime(2026, 10, 1, tzinfo=UTC),
    ends_at=datetime(2026, 11, 1, tzinfo=UTC),
)
EVER = replace(NOVEMBER, key="never", starts_at=None, ends_at=None, limit=None, ceiling=None, warn_at=())
GIFT = replace(EVER, key="bucket:gift", limit=5, ceiling=5)


def base(*windows: Window) -> Allowance:
    """Give an allowance of the plan alone."""
    return Allowance("exports", FeatureKind.METERED, (Bucket(BASE, (windows,), NOVEMBER.ends_at),))


def gift_first(*windows: Window) -> Allowance:
    """Give an allowance where a gift of five burns before the plan."""
    gift = Bucket("gift", ((GIFT,),), START + timedelta(days=1))
    return Allowance("exports", FeatureKind.METERED, (gift, *base(*windows).buckets))


@dataclass
class Host:
    """Makes postings of one environment, with the terms that hold when it is asked."""

    environment_id: int
    allowance: Allowance | None = field(default_factory=lambda: base(NOVEMBER))
    received_at: datetime = START

    def posting(self, key: str, quantity: int = 1, *, customer: str = "acme", **changes: Any) -> Posting:
        fields = {"feature": "exports", "user": None, "at": START, "operation": Operation.RECORD} | changes
        told = repr((quantity, sorted(fields.items(), key=lambda item: item[0])))
        posting = Posting(
            customer=customer,
            key=key,
            quantity=quantity,
            received_at=self.received_at,
            digest=hashlib.sha256(told.encode()).digest(),
            allowance=self.allowance,
            proof=Proof(latest_marks(self.environment_id).catalogue, None, 0),
            forced=True,
            sent={"feature": fields["feature"], "quantity": quantity, "user": fields["user"]},
            **{name: value for name, value in fields.items() if name != "allowance"},
        )
        return replace(posting, **{name: changes[name] for name in ("allowance",) if name in changes})

    def postings(self, keys: Iterable[str], **changes: Any) -> list[Posting]:
        return [self.posting(key, **changes) for key in keys]


def taken(environment_id: int, postings: Sequence[Posting]) -> tuple[Posted, ...]:
    """Record a batch none of which is refused."""
    outcomes = record_batch(environment_id, postings)
    posted = tuple(it for it in outcomes if isinstance(it, Posted))
    assert len(posted) == len(outcomes)
    return posted


def used(customer: str = "acme", *, user: str = "", feature: str = "exports") -> dict[str, int]:
    """Give what the counters say, by window."""
    table = UsageCounterRow
    query = select(table.window, table.used).filter_by(customer=customer, user=user, feature=feature)
    return {row.window: row.used for row in fresh().execute(query)}


def counted(customer: str = "acme", feature: str = "exports") -> int:
    """Add up the ledger."""
    query = select(func.coalesce(func.sum(UsageEventRow.quantity), 0)).filter_by(customer=customer, feature=feature)
    return int(fresh().scalar(query) or 0)


def days(customer: str = "acme", feature: str = "exports") -> dict[tuple[str, str], tuple[int, int]]:
    """Give units and uses by day and user."""
    table = UsageDayRow
    query = select(table).filter_by(customer=customer, feature=feature)
    return {(row.day.isoformat(), row.user): (row.units, row.uses) for row in fresh().scalars(query)}


def fresh() -> Any:
    """Give a session that sees what is committed now."""
    db.session.rollback()
    return db.session
