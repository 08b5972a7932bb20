"""What follows a version of a plan or add-on that ends, as it is on file and as the engine wants it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from liftgate.engine.catalogue import read_standalone_entitlement, write_standalone_entitlement
from liftgate.engine.catalogue_model import Incentive, Succession, version_name
from liftgate_server.catalog.models import ProductKind, SuccessionRow

__all__ = [
    "SuccessionOnFile",
    "read_due_successions",
    "read_incentive",
    "read_successions",
    "successions_by_version",
    "write_incentive",
]


@dataclass(frozen=True, slots=True)
class SuccessionOnFile:
    """From ``at`` on, whoever is pinned to ``version`` of the product holds ``to_version``."""

    kind: ProductKind
    key: str
    version: int
    to_version: int
    at: datetime
    notice_at: datetime | None
    incentive: Incentive | None


def read_successions(connection: Connection | Session, environment_id: int) -> tuple[SuccessionOnFile, ...]:
    """Read every succession of an environment, by product and version."""
    table = SuccessionRow
    rows = connection.execute(
        select(table.kind, table.key, table.version, table.to_version, table.at, table.notice_at, table.incentive)
        .where(table.environment_id == environment_id)
        .order_by(table.kind, table.key, table.version, table.catalogue_version)
    )
    # Of several decisions about one version the latest comes last and counts.
    latest = {(row.kind, row.key, row.version): row for row in rows}
    return tuple(_on_file(row) for row in latest.values())


def read_due_successions(connection: Connection | Session, at: datetime) -> list[tuple[int, SuccessionOnFile]]:
    """Read what has ended by then in every environment, with the environment's id, the earliest first."""
    table = SuccessionRow
    environments = connection.execute(select(table.environment_id).where(table.at <= at).distinct()).scalars().all()
    due = [
        (environment_id, one)
        for environment_id in sorted(environments)
        for one in read_successions(connection, environment_id)
        if one.at <= at
    ]
    return sorted(due, key=lambda found: found[1].at)


def successions_by_version(found: Iterable[SuccessionOnFile], kind: ProductKind) -> dict[str, Succession]:
    """Return the successions of plans or of add-ons, as a snapshot has them."""
    return {
        version_name(one.key, one.version): Succession(one.to_version, one.at, one.notice_at, one.incentive)
        for one in found
        if one.kind is kind
    }


def write_incentive(incentive: Incentive) -> dict[str, Any]:
    """Return an incentive as a document; its entitlement stands alone."""
    return {
        "feature": incentive.feature,
        "entitlement": write_standalone_entitlement(incentive.entitlement),
        "days": incentive.days,
    }


def read_incentive(document: Mapping[str, Any]) -> Incentive:
    """Return the incentive of a document that ``write_incentive`` wrote."""
    feature = document["feature"]
    entitlement = read_standalone_entitlement(feature, document["entitlement"], strict=False)
    return Incentive(feature, entitlement, document["days"])


def _on_file(row: Row[Any]) -> SuccessionOnFile:
    return SuccessionOnFile(
        kind=ProductKind(row.kind),
        key=row.key,
        version=row.version,
        to_version=row.to_version,
        at=row.at,
        notice_at=row.notice_at,
        incentive=None if row.incentive is None else read_incentive(row.incentive),
    )
