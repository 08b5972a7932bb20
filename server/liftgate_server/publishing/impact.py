"""How many accounts a publication touches, and how that is spread over plan versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from liftgate_server.catalog.queries import ProductKind
from liftgate_server.publishing.affected import count_affected, over_limit_by_addon, over_limit_by_version
from liftgate_server.publishing.consequences import Foresight
from liftgate_server.publishing.effects import PinnedVersion, Shift, shift_words
from liftgate_server.publishing.facts import Effect, Impact, PlanImpact
from liftgate_server.publishing.holdings import accounts_without_subscription

__all__ = ["impact_of"]


def impact_of(foresight: Foresight) -> Impact:
    """Count the accounts of each effect, and the holders of each version that shifts."""
    counts = count_affected(foresight.environment_id, foresight.consequences)
    over = over_limit_by_version(foresight.environment_id, foresight.consequences)
    plans = tuple(_plan_impacts(foresight, over))
    return Impact(
        gaining=counts[Effect.GAINS],
        losing=counts[Effect.LOSSES],
        over_limit=sum(over.values()),
        moving=counts[Effect.MOVES],
        keeping=foresight.keeping(),
        plans=plans,
    )


def _plan_impacts(foresight: Foresight, over: Mapping[PinnedVersion | None, int]) -> Iterator[PlanImpact]:
    over_by_addon = over_limit_by_addon(foresight.environment_id, foresight.consequences)
    for shift in foresight.consequences.shifts:
        if shift.follows:
            accounts, beyond = accounts_without_subscription(foresight.environment_id, foresight.now), over.get(None, 0)
        else:
            accounts = foresight.accounts(shift)
            counts = over if shift.kind is ProductKind.PLAN else over_by_addon
            beyond = sum(counts.get((shift.key, version), 0) for version in shift.pinned)
        yield _plan_impact(foresight, shift, accounts=accounts, over_limit=beyond)


def _plan_impact(foresight: Foresight, shift: Shift, *, accounts: int, over_limit: int) -> PlanImpact:
    gains, losses = (
        tuple(shift_words(shift, foresight.features, features, foresight.language))
        for features in (shift.gains, shift.losses)
    )
    return PlanImpact(
        plan=shift.key,
        name=shift.name,
        from_version=shift.from_version,
        accounts=accounts,
        gains=gains,
        losses=losses,
        over_limit=over_limit,
        kind=shift.kind,
        follows=shift.follows,
        to_version=shift.to_version,
    )
