"""What a customer has to be told ahead of time, apart from any gate: that the version of their plan ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from liftgate.engine.catalogue_model import FeatureKind, Incentive, Plan, Snapshot, Succession
from liftgate.engine.customer_state import CustomerState
from liftgate.engine.formats import format_date, format_number
from liftgate.engine.holdings import current_plan, live_phase
from liftgate.engine.own_words import words_for
from liftgate.engine.payload_model import Grandfathering
from liftgate.engine.reader import Reader, reader_for
from liftgate.engine.succession import standing
from liftgate.engine.wording import wording_of

__all__ = ["Notice", "grandfathering", "notices"]

_OFFER = "grandfathering"
_INSTANT_BEFORE = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that will change for a customer ``at`` an instant, in the reader's words.

    ``kind`` is ``grandfathering``: the version of the ``plan`` that the customer has ends. ``incentive`` says what
    moving earlier brings, ``None`` when it brings nothing.
    """

    kind: str
    plan: str
    at: datetime
    title: str
    text: str
    incentive: str | None = None


def notices(
    snapshot: Snapshot, state: CustomerState, *, at: datetime, language: str | None = None
) -> tuple[Notice, ...]:
    """Return what the customer has to be told at the instant, in the language asked for, else the customer's.

    >>> # notices(snapshot, state, at=now, language="de")[0].text
    """
    # Nearly always there is nothing to tell, and every message about a refusal asks.
    if not snapshot.plan_successions:
        return ()
    found = _ending(snapshot, state, at)
    if found is None:
        return ()
    plan, succession = found
    reader = reader_for((language, state.language), snapshot.catalogue.languages)
    zone = ZoneInfo(snapshot.catalogue.time_zone)
    values: dict[str, str | None] = {
        "plan": reader.name(plan.name),
        "date": format_date(succession.at.astimezone(zone).date(), reader.formats),
    }
    title, text = (_say(snapshot, reader, slot, values) for slot in ("title", "text"))
    incentive = _incentive_words(snapshot, reader, succession.incentive, values)
    return (Notice(_OFFER, plan.key, succession.at, title, text, incentive),)


def grandfathering(
    snapshot: Snapshot, state: CustomerState, *, at: datetime, language: str | None = None
) -> Grandfathering | None:
    """Return the end of the customer's plan version as a message tells it, ``None`` while nothing has to be told."""
    told = notices(snapshot, state, at=at, language=language)
    return Grandfathering(told[0].text, told[0].at) if told else None


def _ending(snapshot: Snapshot, state: CustomerState, at: datetime) -> tuple[Plan, Succession] | None:
    """Return the plan whose version ends and what ends it, once the customer, whom it concerns, has to be told."""
    phase, held = live_phase(state, at), current_plan(snapshot, state, at)
    if phase is None or held is None:
        return None
    now = standing(snapshot.plan_successions, phase.plan, phase.plan_version, at=at)
    ends_by = now.ends_by
    if ends_by is None or ends_by.notice_at is None or at < ends_by.notice_at:
        return None
    # Who has cancelled or changes plan before that day is not concerned.
    before = ends_by.at - _INSTANT_BEFORE
    then = live_phase(state, ends_by.at)
    if then is None or then.plan != phase.plan:
        return None
    version = standing(snapshot.plan_successions, then.plan, then.plan_version, at=before).version
    return (held.plan, ends_by) if version == now.version else None


def _incentive_words(
    snapshot: Snapshot, reader: Reader, incentive: Incentive | None, values: dict[str, str | None]
) -> str | None:
    feature = None if incentive is None else snapshot.catalogue.features.get(incentive.feature)
    if incentive is None or feature is None:
        return None
    if feature.kind is FeatureKind.SWITCH:
        given: str | None = reader.name(feature.name)
    else:
        given = wording_of(feature, reader).bullet(incentive.entitlement.caps, more=True)
    if given is None:
        return None
    days = format_number(incentive.days, reader.formats)
    return _say(snapshot, reader, "incentive", {**values, "given": given, "days": days}, incentive.days)


def _say(snapshot: Snapshot, reader: Reader, slot: str, values: dict[str, str | None], count: int = 1) -> str:
    own = words_for(snapshot.catalogue, reader, (_OFFER, slot), values)
    known = {name: value for name, value in values.items() if value is not None}
    return own or reader.say(f"{_OFFER}.{slot}", count, **known)
