"""The thanks for moving to the current version of a plan before the old one ends: a promotion for some days, once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from liftgate.engine.catalogue import write_standalone_entitlement
from liftgate.engine.catalogue_model import Incentive, version_name
from liftgate.engine.customer_state import GrantKind
from liftgate_server.customers.endings import Endings, ends_by
from liftgate_server.customers.models import CustomerRow, GrantRow
from liftgate_server.customers.timeline import PlanHolding
from liftgate_server.plumbing.audit import write_entry
from liftgate_server.plumbing.ids import new_id

__all__ = ["Move", "give_incentive"]


@dataclass(frozen=True, slots=True)
class Move:
    """What was held before a change and what is held after it, both at the instant of the change."""

    before: PlanHolding | None
    after: PlanHolding | None
    at: datetime


def give_incentive(session: Session, row: CustomerRow, move: Move, endings: Endings) -> None:
    """Give what was promised for leaving a version early; a version is left once, so nothing is given twice."""
    incentive = _earned(move, endings)
    if incentive is None or move.before is None:
        return
    left = version_name(move.before.choice.plan, move.before.choice.plan_version)
    if _was_given(session, row, left):
        return
    grant = GrantRow(
        environment_id=row.environment_id,
        customer=row.id,
        id=new_id("grt"),
        kind=GrantKind.PROMOTION.value,
        feature=incentive.feature,
        entitlement=write_standalone_entitlement(incentive.entitlement),
        reason=f"moved on from {left}",
        given_for=left,
        created_at=move.at,
        starts_at=move.at,
        ends_at=move.at + timedelta(days=incentive.days),
    )
    session.add(grant)
    after = {"grant": grant.id, "feature": incentive.feature, "days": incentive.days, "given_for": left}
    write_entry(row.environment_id, "grant.made", subject=f"customer:{row.id}", after=after)


def _earned(move: Move, endings: Endings) -> Incentive | None:
    before, after = move.before, move.after
    if before is None or after is None or before.choice.plan != after.choice.plan:
        return None
    if before.choice.plan_version == after.choice.plan_version:
        return None
    ending = ends_by(endings, before.choice, at=move.at)
    # Who goes to a version that ends on that very day has not moved early.
    is_early = ending is not None and after.choice.plan_version >= ending.to_version
    return ending.incentive if ending is not None and is_early else None


def _was_given(session: Session, row: CustomerRow, left: str) -> bool:
    query = select(GrantRow.id).where(
        GrantRow.environment_id == row.environment_id, GrantRow.customer == row.id, GrantRow.given_for == left
    )
    return session.scalar(query.limit(1)) is not None
