"""Changes of what follows a version: part of a publication, which alone may decide it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, aliased

from liftgate.engine.catalogue_model import Incentive
from liftgate_server.catalog import queries
from liftgate_server.catalog.models import ProductKind, ProductVersionRow, SuccessionRow
from liftgate_server.catalog.queries import CatalogueVersion
from liftgate_server.catalog.successions import write_incentive
from liftgate_server.plumbing.db import transaction

__all__ = ["end_older_versions", "forget_pending_ends"]


def end_older_versions(
    environment_id: int,
    published: CatalogueVersion,
    *,
    at: datetime,
    notice_at: datetime | None = None,
    incentive: Incentive | None = None,
) -> int:
    """Let the holders of older versions of what a publication changed hold its version from ``at`` on.

    That is every older version that does not end earlier anyway: one that does goes on ending when its subscribers were
    told, and the version it ends in moves on with the others. Inside the publication's own transaction, because a
    snapshot is known by the catalogue's version and holds what is decided here. Returns the number of versions.
    """
    with transaction(environment_id) as session:
        kept = {(one.kind, one.key, one.version) for one in queries.successions(environment_id) if one.at < at}
        ending = [
            (kind, key, version, to_version)
            for kind, key, version, to_version in _older_versions(session, environment_id, published.version)
            if (kind, key, version) not in kept
        ]
        for kind, key, version, to_version in ending:
            session.add(
                SuccessionRow(
                    environment_id=environment_id,
                    kind=kind.value,
                    key=key,
                    version=version,
                    to_version=to_version,
                    at=at,
                    notice_at=notice_at,
                    incentive=None if incentive is None else write_incentive(incentive),
                    catalogue_version=published.version,
                )
            )
        session.flush()
        return len(ending)


def forget_pending_ends(environment_id: int, *, decided_after: int, at: datetime) -> None:
    """Take back the ends of versions that later publications decided and that have not come yet.

    Part of rolling back, and inside its transaction: otherwise subscribers would still be moved to what was taken back.
    """
    table = SuccessionRow
    with transaction(environment_id) as session:
        session.execute(
            delete(table)
            .where(table.environment_id == environment_id, table.catalogue_version > decided_after, table.at > at)
            .execution_options(synchronize_session=False)
        )


def _older_versions(
    session: Session, environment_id: int, catalogue_version: int
) -> Iterator[tuple[ProductKind, str, int, int]]:
    """Yield kind, key and version of what a publication made outdated, with the version that it made."""
    made, older = aliased(ProductVersionRow), aliased(ProductVersionRow)
    rows = session.execute(
        select(older.kind, older.key, older.version, made.version.label("to_version")).where(
            made.environment_id == environment_id,
            made.catalogue_version == catalogue_version,
            older.environment_id == environment_id,
            older.kind == made.kind,
            older.key == made.key,
            older.version < made.version,
        )
    )
    for row in rows:
        yield ProductKind(row.kind), row.key, row.version, row.to_version
