"""Allowances made by hand, and one customer's ledger to post to by them."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from liftgate.engine.allowance_model import BASE, Allowance, Bucket, Window
from liftgate.engine.catalogue_model import FeatureKind
from liftgate.engine.decision import Source, SourceKind
from liftgate_server.plumbing.changes import latest_marks
from liftgate_server.plumbing.db import db
from liftgate_server.usage import ledger
from liftgate_server.usage.facts import Operation, Posted, Posting, Proof

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
DAY = (datetime(2026, 11, 22, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC))
MONTH = (datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
EVER = (None, None)
_PLAN = Source(SourceKind.PLAN, "pro@1")


def window(limit: int | None, span: Any = MONTH, *, soft: int | None = 0, **changes: Any) -> Window:
    """Make a window: `window(3)` is three a month, `soft=None` never refuses, `soft=2` two beyond."""
    names = {DAY: "day:2026-11-22T00:00:00Z", MONTH: "month:2026-11-01T00:00:00Z", EVER: "never"}
    ceiling = None if limit is None or soft is None else limit + soft
    starts_at, ends_at = span
    made = Window(names[span], None, starts_at, ends_at, limit=limit, ceiling=ceiling, shown_limit=limit)
    return replace(made, **changes)


def allowance(*windows: Window, beside: tuple[Bucket, ...] = (), kind: FeatureKind = FeatureKind.METERED) -> Allowance:
    """Make the allowance of a base with these windows; what stands beside burns first."""
    base = Bucket(BASE, (windows,), None, (_PLAN,))
    return Allowance("exports", kind, (*beside, base) if windows else beside)


def gift(limit: int, key: str = "bucket:gift", **changes: Any) -> Bucket:
    """Make a promotion of so many units."""
    made = Window(key, None, START - timedelta(days=1), None, limit=limit, ceiling=limit, shown_limit=limit)
    return Bucket(
        key, ((replace(made, **changes),),), START + timedelta(days=3), (Source(SourceKind.PROMOTION, "gift"),)
    )


@dataclass
class Account:
    """One customer's ledger: every call is now unless told otherwise, and has a key of its own."""

    environment_id: int
    customer: str = "acme"
    now: datetime = START
    keys: Iterator[Any] = field(default_factory=itertools.count)

    def posting(self, units: int, allowed: Allowance | None, **changes: Any) -> Posting:
        sent = changes.pop("sent", None) or {"feature": "exports", "quantity": units}
        made = Posting(
            customer=self.customer,
            key=f"key-{next(self.keys)}",
            operation=Operation.CONSUME,
            feature="exports",
            quantity=units,
            at=self.now,
            received_at=self.now,
            digest=hashlib.sha256(repr(sorted(sent.items())).encode()).digest(),
            allowance=allowed,
            proof=Proof(latest_marks(self.environment_id).catalogue, None, self.version()),
            sent=sent,
        )
        return replace(made, **changes)

    def consume(self, units: int, allowed: Allowance | None, **changes: Any) -> Posted:
        return ledger.consume(self.environment_id, self.posting(units, allowed, **changes))

    def record(self, units: int, allowed: Allowance | None, **changes: Any) -> Posted:
        return self.consume(units, allowed, operation=Operation.RECORD, **changes)

    def reserve(self, units: int, allowed: Allowance | None, *, seconds: int = 300, **changes: Any) -> Posted:
        posting = self.posting(units, allowed, **changes)
        return ledger.reserve(self.environment_id, posting, expires_at=self.now + timedelta(seconds=seconds))

    def commit(self, key: str, quantity: int) -> Posted:
        return ledger.commit(self.environment_id, self.customer, key, quantity=quantity, at=self.now)

    def release(self, key: str) -> Posted:
        return ledger.release(self.environment_id, self.customer, key, at=self.now)

    def refund(self, of: str, quantity: int | None = None, *, key: str | None = None) -> Posted:
        own = key or f"key-{next(self.keys)}"
        return ledger.refund(self.environment_id, self.customer, own, of=of, quantity=quantity, at=self.now)

    def set_level(self, level: int, allowed: Allowance | None, **changes: Any) -> Posted:
        posting = self.posting(level, allowed, operation=Operation.LEVEL, **changes)
        return ledger.set_level(self.environment_id, posting)

    def add_level(self, by: int, allowed: Allowance | None, **changes: Any) -> Posted:
        posting = self.posting(by, allowed, operation=Operation.INCREMENT, **changes)
        return ledger.add_level(self.environment_id, posting)

    def version(self) -> int:
        found = self.rows("SELECT version FROM customers WHERE id = :customer")
        return int(found[0][0]) if found else 0

    def counters(self) -> dict[str, tuple[int, int]]:
        """Give used and held of every counter, a user's under `window/user`."""
        rows = self.rows('SELECT "window", "user", used, held FROM usage_counters WHERE customer = :customer')
        return {f"{name}/{user}" if user else name: (used, held) for name, user, used, held in rows}

    def used(self) -> int:
        """Give what the ledger adds up to."""
        ((total,),) = self.rows("SELECT COALESCE(sum(quantity), 0) FROM usage_events WHERE customer = :customer")
        return int(total)

    def days(self) -> dict[str, tuple[int, int]]:
        rows = self.rows("SELECT day, units, uses FROM usage_days WHERE customer = :customer")
        return {str(day): (units, uses) for day, units, uses in rows}

    def fired(self) -> list[tuple[int, bool]]:
        """Give each threshold on file: its percentage, and whether it was announced."""
        rows = self.rows("SELECT percent, announced FROM usage_crossings WHERE customer = :customer ORDER BY percent")
        return [(percent, bool(announced)) for percent, announced in rows]

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with db.engine.connect() as connection:
            found = connection.execute(text(statement), {"customer": self.customer} if ":customer" in statement else {})
            return [tuple(row) for row in found]


def parts(posted: Posted) -> list[tuple[str, int]]:
    return [(part.bucket, part.units) for part in posted.receipt.parts]
