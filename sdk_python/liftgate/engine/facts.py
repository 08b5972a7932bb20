"""What a refused decision says, as far as a message tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from liftgate.engine.access import resolve_access
from liftgate.engine.catalogue_model import Gate, SettingValue, Snapshot
from liftgate.engine.customer_state import CustomerState
from liftgate.engine.decision import Decision, Reason, SourceKind
from liftgate.engine.holdings import HeldPlan, hold

__all__ = ["Facts", "facts_of"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What the decision says. ``alone`` means that its numbers come from the customer's plan and from nothing else.

    ``resets_on`` is set only where everything that is shown as used starts anew on that day, ``grace_until`` only while
    a grace above the limit goes on.
    """

    reason: Reason
    used: int | None
    limit: int | None
    value: SettingValue | None
    needed: SettingValue | None
    alone: bool
    has_sources: bool
    resets_on: date | None
    resets_today: bool
    grace_until: date | None = None


def facts_of(
    snapshot: Snapshot, state: CustomerState, decision: Decision, *, gate: Gate, held: HeldPlan | None, at: datetime
) -> Facts:
    """Return what can be told about a refusal; ``held`` is the plan that the customer is on."""
    resets_at = _whole_reset(snapshot, state, decision, at)
    zone = snapshot.catalogue.time_zone
    resets_on = None if resets_at is None else _local_day(resets_at, zone)
    return Facts(
        reason=decision.reason,
        used=decision.used,
        limit=decision.limit,
        value=decision.value,
        needed=next((wanted.at_least for wanted in gate.requirements if wanted.feature == decision.feature), None),
        alone=held is not None and len(decision.sources) == 1 and decision.decided_by == held.source.name,
        has_sources=bool(decision.sources),
        resets_on=resets_on,
        resets_today=resets_on is not None and resets_on == _local_day(at, zone),
        grace_until=_grace_day(decision, at, zone),
    )


def _grace_day(decision: Decision, at: datetime, zone: str) -> date | None:
    until = None if decision.over_limit is None else decision.over_limit.until
    return _local_day(until, zone) if until is not None and at < until else None


def _local_day(moment: datetime, time_zone: str) -> date:
    return moment.astimezone(ZoneInfo(time_zone)).date()


def _whole_reset(snapshot: Snapshot, state: CustomerState, decision: Decision, at: datetime) -> datetime | None:
    """Return when the shown use starts anew, ``None`` where a separate allowance in it would go on counting."""
    beside = any(source.kind in (SourceKind.ADDON, SourceKind.PROMOTION) for source in decision.sources)
    feature = snapshot.catalogue.features.get(decision.feature or "")
    if decision.resets_at is None or not beside or feature is None:
        return decision.resets_at
    _, buckets = resolve_access(feature, hold(snapshot, state, at)).cap_sets()
    return None if buckets else decision.resets_at
