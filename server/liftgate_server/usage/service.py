"""Taking reports, exactly once, and forgetting old ones."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import ColumnElement, Table, delete, select, tuple_

from liftgate_server.access.queries import all_environments
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.db import Model, changed_rows, transaction
from liftgate_server.plumbing.errors import Conflict
from liftgate_server.plumbing.metrics import count_gate_calls
from liftgate_server.usage.facts import RETENTION, Report
from liftgate_server.usage.models import (
    GateHourRow,
    GateTotalRow,
    RefusedAccountRow,
    ReportBatchRow,
    ReportedLevelRow,
)
from liftgate_server.usage.rows import add_gates, add_levels, add_uses, claim_batch

__all__ = ["forget_old_reports", "take_report"]

# A transaction that deletes keeps the environment's other writers waiting, so each one is short.
_ROWS_AT_ONCE = 5_000

# Longer than what is counted: at no instant is a batch forgotten while its hours would still be taken.
_BATCH_RETENTION = RETENTION + timedelta(days=1)


def take_report(environment_id: int, report: Report) -> bool:
    """Count a report; ``False`` when its batch has been counted before.

    What is older than the retention is passed over: its batch may have been counted and forgotten.
    """
    at = now()
    with transaction(environment_id) as session:
        if not claim_batch(session, environment_id, report.batch, report.digest, at=at):
            known = session.get_one(ReportBatchRow, (environment_id, report.batch))
            if known.digest != report.digest:
                raise Conflict("idempotency_conflict", "This batch was sent before with another content.")
            return False
        kept = [gate for gate in report.gates if gate.hour > at - RETENTION]
        add_gates(session, environment_id, kept, at=at)
        add_levels(session, environment_id, [level for level in report.levels if level.at > at - RETENTION])
        add_uses(session, environment_id, [use for use in report.uses if use.hour > at - RETENTION], at=at)
    for gate in kept:
        count_gate_calls(gate.outcome, gate.times)
    return True


def forget_old_reports(at: datetime) -> int:
    """Drop what is older than the retention, a bounded number of rows at a time."""
    oldest = at - RETENTION
    old: tuple[tuple[type[Model], ColumnElement[bool]], ...] = (
        (GateHourRow, GateHourRow.hour < oldest),
        (GateTotalRow, GateTotalRow.hour < oldest),
        (RefusedAccountRow, RefusedAccountRow.last_at < oldest),
        (ReportedLevelRow, ReportedLevelRow.at < oldest),
        (ReportBatchRow, ReportBatchRow.received_at < at - _BATCH_RETENTION),
    )
    environment_ids = [environment.id for environment in all_environments()]
    return sum(_forget(environment_id, row, is_old) for environment_id in environment_ids for row, is_old in old)


def _forget(environment_id: int, row: type[Model], is_old: ColumnElement[bool]) -> int:
    table = cast("Table", row.__table__)
    key = tuple(table.primary_key)
    some = select(*key).where(table.c.environment_id == environment_id, is_old).limit(_ROWS_AT_ONCE)
    forgotten = 0
    while True:
        with transaction(environment_id) as session:
            dropped = changed_rows(session, delete(table).where(tuple_(*key).in_(some)))
        forgotten += dropped
        if dropped < _ROWS_AT_ONCE:
            return forgotten
