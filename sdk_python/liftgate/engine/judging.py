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
    Requirement,
    SettingValue,
    Snapshot,
)
from liftgate.engine.customer_state import CustomerState, Grant
from liftgate.engine.decision import Reason, Source, SourceKind
from liftgate.engine.holdings import Holdings, next_boundary
from liftgate.engine.limits import CapSet, Reported, Room, UsageView, add_up, rate_per_day, room_of, view_of

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
    return _judge_counted(access, usage, requirement.units if asked.units is None else asked.units, until)


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
    alternatives, buckets = access.cap_sets()
    if buckets and not alternatives and usage.counts_together:
        # One count stands against all buckets together, so it needs a base to be told by, even an empty one.
        alternatives = (CapSet(buckets[0].source, ()),)
    beside = sorted((room_of(bucket, usage) for bucket in buckets), key=_burns)
    possible = [(cap_set, room_of(cap_set, usage)) for cap_set in alternatives]
    base = _choose_base(possible, beside, usage, units)
    rooms = [base, *beside] if base is not None else beside
    if all(room.gives_nothing for room in rooms):
        return _not_included(access, until)
    total = add_up(rooms, together=usage.counts_together)
    granted = total.admits(units)
    # A plan or trial that was not chosen may be the better one as soon as its own window starts anew, unless the chosen
    # one has no limit.
    others = [] if base is None or base.limit is None else [room for _, room in possible]
    ends = [room.window_ends_at for room in (*rooms, *others) if room.window_ends_at is not None]
    return Verdict(
        granted=granted,
        reason=_counted_reason(total, units),
        feature=access.feature.key,
        access=access,
        used=total.used,
        limit=total.shown_limit,
        remaining=None if total.left is None else max(0, total.left),
        resets_at=total.resets_at,
        decided_by=total.source,
        valid_until=min([*ends, *([until] if until is not None else [])], default=None),
    )


def _burns(room: Room) -> tuple[bool, float]:
    # Without a base, what burns first is what the numbers are told by.
    ends = [moment for moment in (room.source.ends_at, room.window_ends_at) if moment is not None]
    return not ends, min(ends).timestamp() if ends else 0.0


def _counted_reason(total: Room, units: int) -> Reason:
    if not total.admits(units):
        return Reason.LIMIT_REACHED
    return Reason.ENTITLED if total.left is None or units <= total.left else Reason.WITHIN_OVERAGE


def _choose_base(
    alternatives: list[tuple[CapSet, Room]], beside: list[Room], usage: UsageView, units: int
) -> Room | None:
    """Choose among plan and trials: unlimited first, then one that lets this request pass, then the higher daily rate.

    The second step keeps a trial from taking away what the plan gives: 11 a day is the higher rate than 300 a month,
    and would still refuse the twelfth use of a customer whose plan allows it.
    """
    ranked = [
        (
            cap_set.is_unlimited,
            add_up([room, *beside], together=usage.counts_together).admits(units),
            rate_per_day(cap_set),
            -place,
            room,
        )
        for place, (cap_set, room) in enumerate(alternatives)
    ]
    return max(ranked, key=lambda entry: entry[:4])[4] if ranked else None
