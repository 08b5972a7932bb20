"""The verdict on one requirement of a gate: does what the customer holds of one feature suffice?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from liftgate.engine.access import Access, Contribution, generosity, resolve_access
from liftgate.engine.catalogue_model import (
    FailPolicy,
    Feature,
    FeatureKind,
    Gate,
    Match,
    OverLimitPolicy,
    Requirement,
    SettingValue,
    Snapshot,
)
from liftgate.engine.customer_state import CustomerState, Grant
from liftgate.engine.decision import OverLimit, Reason, Source, SourceKind
from liftgate.engine.holdings import Holdings, next_boundary
from liftgate.engine.limits import Reported, UsageView, view_of
from liftgate.engine.measuring import Measure, measure
from liftgate.engine.over_limit import grace_end

__all__ = ["Asked", "Verdict", "judge", "judge_gate"]


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for how much, when. ``units`` overrides the requirement's own; ``reported`` the counters."""

    at: datetime
    user: str | None = None
    units: int | None = None
    reported: Reported | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for one feature, before the gate's mode has its say."""

    granted: bool
    reason: Reason
    feature: str | None = None
    access: Access | None = None
    used: int | None = None
    limit: int | None = None
    remaining: int | None = None
    resets_at: datetime | None = None
    value: SettingValue | None = None
    decided_by: Source | None = None
    message: str | None = None
    valid_until: datetime | None = None
    over_limit: OverLimit | None = None
    measured: Measure | None = None

    @property
    def sources(self) -> tuple[Source, ...]:
        """Everything that contributed, the revoke alone when there is one."""
        if self.access is None:
            return ()
        if self.access.revoke is not None and self.decided_by is not None:
            return (self.decided_by,)
        return tuple(contribution.source for contribution in self.access.contributions)


def judge_gate(gate: Gate, snapshot: Snapshot, state: CustomerState, holdings: Holdings, asked: Asked) -> Verdict:
    """Return the verdict on a gate's requirements, whatever its mode.

    With ``all`` the first refusal is reported, and when all grant, the counted feature's numbers. With ``any`` the
    first feature that grants is reported, else the refusal of the first. A feature that the catalogue does not know
    is answered by the gate's fail policy.
    """
    verdicts = [judge(requirement, snapshot, state, holdings, asked) for requirement in gate.requirements]
    chosen = _first_granted(verdicts) if gate.match is Match.ANY else _first_refused(verdicts)
    passes = chosen.granted or (chosen.reason.is_unknown and gate.on_failure is FailPolicy.OPEN)
    until = min((verdict.valid_until for verdict in verdicts if verdict.valid_until is not None), default=None)
    if (passes, until) == (chosen.granted, chosen.valid_until):
        return chosen
    return replace(chosen, granted=passes, valid_until=until)


def _first_granted(verdicts: list[Verdict]) -> Verdict:
    return next((verdict for verdict in verdicts if verdict.granted), verdicts[0])


def _first_refused(verdicts: list[Verdict]) -> Verdict:
    refused = next((verdict for verdict in verdicts if not verdict.granted), None)
    return refused or next((verdict for verdict in verdicts if verdict.used is not None), verdicts[0])


def judge(
    requirement: Requirement, snapshot: Snapshot, state: CustomerState, holdings: Holdings, asked: Asked
) -> Verdict:
    """Return the verdict on one requirement; total over every valid snapshot and state."""
    feature = snapshot.catalogue.features.get(requirement.feature)
    if feature is None:
        return Verdict(granted=False, reason=Reason.UNKNOWN_FEATURE, feature=requirement.feature)
    access = resolve_access(feature, holdings)
    until = next_boundary(snapshot, state, feature.key, asked.at)
    if access.revoke is not None:
        return _revoked(access, access.revoke, until)
    if feature.kind is FeatureKind.SWITCH:
        return _judge_switch(access, until)
    if feature.kind is FeatureKind.SETTING:
        return _judge_setting(access, requirement, until)
    usage = view_of(snapshot, state, feature, at=asked.at, user=asked.user, reported=asked.reported)
    units = requirement.units if asked.units is None else asked.units
    verdict = _judge_counted(access, usage, units, until)
    return _judge_excess(verdict, snapshot, state, usage, units)


def _revoked(access: Access, revoke: Grant, until: datetime | None) -> Verdict:
    return Verdict(
        granted=False,
        reason=Reason.REVOKED,
        feature=access.feature.key,
        access=access,
        decided_by=Source(SourceKind.REVOKE, revoke.id, revoke.ends_at),
        message=revoke.reason,
        valid_until=until,
    )


def _judge_switch(access: Access, until: datetime | None) -> Verdict:
    for contribution in access.contributions:
        if contribution.entitlement.enabled:
            return Verdict(
                granted=True,
                reason=Reason.ENTITLED,
                feature=access.feature.key,
                access=access,
                decided_by=contribution.source,
                valid_until=until,
            )
    return _not_included(access, until)


def _judge_setting(access: Access, requirement: Requirement, until: datetime | None) -> Verdict:
    best = _most_generous_setting(access.feature, access.contributions)
    if best is None:
        return _not_included(access, until)
    value = best.entitlement.value
    wanted = requirement.at_least
    enough = wanted is None or generosity(access.feature, value) >= generosity(access.feature, wanted)
    return Verdict(
        granted=enough,
        reason=Reason.ENTITLED if enough else Reason.VALUE_TOO_LOW,
        feature=access.feature.key,
        access=access,
        value=value,
        decided_by=best.source,
        valid_until=until,
    )


def _most_generous_setting(feature: Feature, contributions: Iterable[Contribution]) -> Contribution | None:
    having = [contribution for contribution in contributions if contribution.entitlement.value is not None]
    return max(having, key=lambda having: generosity(feature, having.entitlement.value), default=None)


def _not_included(access: Access, until: datetime | None) -> Verdict:
    counted = access.feature.kind.is_counted
    decisive = access.bases[0].source if access.bases else None
    return Verdict(
        granted=False,
        reason=Reason.NOT_INCLUDED,
        feature=access.feature.key,
        access=access,
        used=0 if counted else None,
        limit=0 if counted else None,
        remaining=0 if counted else None,
        decided_by=decisive,
        valid_until=until,
    )


def _judge_counted(access: Access, usage: UsageView, units: int, until: datetime | None) -> Verdict:
    measured = measure(access, usage, units)
    if measured is None or measured.gives_nothing:
        refused = _not_included(access, until)
        if measured is None or not measured.over:
            return refused
        # What is there although nothing is included is told as well; a downgrade leaves it behind.
        return replace(refused, used=measured.total.used, measured=measured)
    total = measured.total
    granted = total.admits(units)
    within = total.left is None or units <= total.left
    ends = [moment for moment in (measured.ends_at, until) if moment is not None]
    return Verdict(
        granted=granted,
        reason=(Reason.ENTITLED if within else Reason.WITHIN_OVERAGE) if granted else Reason.LIMIT_REACHED,
        feature=access.feature.key,
        access=access,
        used=total.used,
        limit=total.shown_limit,
        remaining=None if total.left is None else max(0, total.left),
        resets_at=total.resets_at,
        decided_by=total.source,
        valid_until=min(ends, default=None),
        measured=measured,
    )


def _judge_excess(verdict: Verdict, snapshot: Snapshot, state: CustomerState, usage: UsageView, units: int) -> Verdict:
    """Say what applies above the limit, and let the policy decide about using what exists (``units`` of none)."""
    access, measured = verdict.access, verdict.measured
    if access is None or measured is None or not measured.over:
        return verdict
    feature, until = access.feature, None
    policy = feature.over_limit.policy
    if policy is OverLimitPolicy.GRACE:
        since = measured.total.window_starts_at
        until = grace_end(snapshot, state, feature, usage, counted_since=since)
    ends = [moment for moment in (verdict.valid_until, until) if moment is not None and moment > usage.at]
    told = replace(verdict, over_limit=OverLimit(policy, measured.over, until), valid_until=min(ends, default=None))
    if units:
        return told
    locked = policy is OverLimitPolicy.READ_ONLY or (until is not None and until <= usage.at)
    return replace(told, granted=not locked, reason=Reason.OVER_LIMIT if locked else Reason.ENTITLED)
