"""The ledger on SQLite: one short transaction for each, its statements run on a bare connection."""

from __future__ import annotations

from datetime import datetime

from liftgate_server.plumbing.hot_writes import HotWrites
from liftgate_server.usage import posting_steps, settling_steps
from liftgate_server.usage.carrying_out import carry_out
from liftgate_server.usage.facts import Posted, Posting

__all__ = ["post", "settle"]


def post(writes: HotWrites, environment_id: int, posting: Posting, *, expires_at: datetime | None = None) -> Posted:
    """Count or hold."""
    return carry_out(writes, lambda: posting_steps.post(environment_id, posting, expires_at=expires_at))


def settle(
    writes: HotWrites, environment_id: int, customer: str, key: str, *, quantity: int | None, at: datetime
) -> Posted:
    """Commit or release."""
    return carry_out(writes, lambda: settling_steps.settle(environment_id, customer, key, quantity=quantity, at=at))
