"""Who is still written down under a version that has ended, and how far the writing has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, or_, select

from liftgate_server.catalog import queries as catalog
from liftgate_server.catalog.queries import ProductKind, SuccessionOnFile
from liftgate_server.customers.models import AddOnPhaseRow, PlanPhaseRow, SuccessionRunRow
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.db import reading

__all__ = ["SuccessionProgress", "pinned_customers", "succession_progress", "unfinished_successions"]


@dataclass(frozen=True, slots=True)
class SuccessionProgress:
    """How far the end of one version has been written into what customers hold; it is in force whatever this says."""

    kind: ProductKind
    key: str
    version: int
    to_version: int
    at: datetime
    moved: int
    left: int
    finished_at: datetime | None


def succession_progress(environment_id: int) -> tuple[SuccessionProgress, ...]:
    """Tell of every version that has ended or will, by product and version."""
    runs = {
        (row.kind, row.key, row.version): row
        for row in reading().scalars(select(SuccessionRunRow).where(SuccessionRunRow.environment_id == environment_id))
    }
    return tuple(
        _progress(environment_id, one, runs.get((one.kind.value, one.key, one.version)))
        for one in catalog.successions(environment_id)
    )


def unfinished_successions(at: datetime) -> list[tuple[int, SuccessionOnFile]]:
    """Return what is due and not wholly written, of every environment, in the order of the instants."""
    table = SuccessionRunRow
    finished = {
        (environment_id, kind, key, version)
        for environment_id, kind, key, version in reading().execute(
            select(table.environment_id, table.kind, table.key, table.version).where(table.finished_at.is_not(None))
        )
    }
    return [
        (environment_id, one)
        for environment_id, one in catalog.due_successions(at)
        if (environment_id, one.kind.value, one.key, one.version) not in finished
    ]


def pinned_customers(environment_id: int, one: SuccessionOnFile, *, after: str, limit: int) -> list[str]:
    """Return the next customers, by id, who are written down under the version beyond its end."""
    query = _pinned(environment_id, one).order_by("customer").limit(limit)
    column = (PlanPhaseRow if one.kind is ProductKind.PLAN else AddOnPhaseRow).customer
    return list(reading().scalars(query.where(column > after)))


def _progress(environment_id: int, one: SuccessionOnFile, run: SuccessionRunRow | None) -> SuccessionProgress:
    finished_at = None if run is None else run.finished_at
    left = 0
    if finished_at is None and one.at <= now():
        left = reading().scalar(select(func.count()).select_from(_pinned(environment_id, one).subquery())) or 0
    return SuccessionProgress(
        kind=one.kind,
        key=one.key,
        version=one.version,
        to_version=one.to_version,
        at=one.at,
        moved=0 if run is None else run.moved,
        left=left,
        finished_at=finished_at,
    )


def _pinned(environment_id: int, one: SuccessionOnFile) -> Select[str]:
    if one.kind is ProductKind.PLAN:
        plans = PlanPhaseRow
        return (
            select(plans.customer)
            .where(
                plans.environment_id == environment_id,
                plans.plan == one.key,
                plans.plan_version == one.version,
                or_(plans.ends_at.is_(None), plans.ends_at > one.at),
            )
            .distinct()
        )
    addons = AddOnPhaseRow
    return (
        select(addons.customer)
        .where(
            addons.environment_id == environment_id,
            addons.addon == one.key,
            addons.addon_version == one.version,
            or_(addons.ends_at.is_(None), addons.ends_at > one.at),
        )
        .distinct()
    )
