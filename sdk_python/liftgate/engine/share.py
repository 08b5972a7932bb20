"""How much of a limit is used, as one sentence with what would give more: "You use 78% of your seats. …"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from liftgate.engine.catalogue_model import Anchor, Feature, FeatureKind, Recurrence, Snapshot
from liftgate.engine.customer_state import CustomerState
from liftgate.engine.decision import Decision
from liftgate.engine.evaluate import Evaluator
from liftgate.engine.formats import format_percent
from liftgate.engine.holdings import current_plan
from liftgate.engine.judging import Asked
from liftgate.engine.limits import Reported
from liftgate.engine.payload import build_warning
from liftgate.engine.payload_model import Payload
from liftgate.engine.reader import Reader, reader_for
from liftgate.engine.wording import shown_limit, wording_of

__all__ = ["Asking", "Share", "share_of"]

_ALL = 100


@dataclass(frozen=True, slots=True)
class Share:
    """How much of a feature is used, in numbers and in the reader's words.

    ``sentence`` names what would give more where there is such a thing; ``offer`` is the payload that sells it. As long
    as something is left, it refuses nothing.
    """

    feature: str
    used: int
    limit: int
    remaining: int
    percent: int
    resets_at: datetime | None
    sentence: str
    offer: Payload | None


@dataclass(frozen=True, slots=True)
class Asking:
    """Who reads, and when; ``used`` are the host's own counts."""

    at: datetime
    user: str | None = None
    buyer: bool | None = None
    language: str | None = None
    used: Reported | None = None


def share_of(snapshot: Snapshot, state: CustomerState, key: str, asking: Asking) -> Share | None:
    """Return how much is used of what a gate counts, or a feature.

    ``None`` where that is no share of anything: without a limit, where nothing is included or counted, or where the
    gate does not stand in the way.

    >>> # share_of(snapshot, state, "seats", Asking(at=now, language="de")).sentence
    """
    at, used = asking.at, asking.used
    evaluator = Evaluator(snapshot, state, user=asking.user, buyer=asking.buyer, language=asking.language)
    now = evaluator.decide(key, at=at, units=0, used=used)
    feature = snapshot.catalogue.features.get(now.feature or "")
    if feature is None or not feature.kind.is_counted or now.used is None or not now.limit or now.remaining is None:
        return None
    more = now.remaining + 1
    refused = evaluator.decide(key, at=at, units=more, used=used)
    offer = _offer(snapshot, state, refused, asking, units=more) if refused.feature == now.feature else None
    reader = reader_for((asking.language, state.language), snapshot.catalogue.languages)
    percent = _ALL * now.used // now.limit
    told = (_share(snapshot, state, feature, now, reader=reader, at=at), *_advice(snapshot, offer, reader))
    return Share(
        feature=feature.key,
        used=now.used,
        limit=now.limit,
        remaining=now.remaining,
        percent=percent,
        resets_at=now.resets_at,
        sentence=" ".join(told),
        offer=offer,
    )


def _offer(
    snapshot: Snapshot, state: CustomerState, refused: Decision, asking: Asking, *, units: int
) -> Payload | None:
    if units == 1:
        return refused.offer  # nothing is left: that is what refusals are for
    asked = Asked(at=asking.at, user=asking.user, units=units, reported=asking.used)
    return build_warning(snapshot, state, refused, asked=asked, buyer=asking.buyer, language=asking.language)


def _share(
    snapshot: Snapshot, state: CustomerState, feature: Feature, now: Decision, *, reader: Reader, at: datetime
) -> str:
    words = wording_of(feature, reader)
    percent = format_percent(_ALL * (now.used or 0) // (now.limit or 1), reader.formats)
    period = _period(snapshot, state, feature, now, at)
    if words.noun is None:
        key = "share.named" if period is None else "share.named_period"
    elif feature.kind is FeatureKind.CAPACITY:
        key = "share.level"
    else:
        key = "share.used" if period is None else "share.used_period"
    return reader.say(
        key,
        feature=words.feature,
        noun="" if words.noun is None else words.noun.other,
        percent=percent,
        period="" if period is None else reader.say(f"this.{period.value}"),
    )


def _period(
    snapshot: Snapshot, state: CustomerState, feature: Feature, now: Decision, at: datetime
) -> Recurrence | None:
    """Return the calendar's period that the numbers are surely about: where the plan alone gives them."""
    held = current_plan(snapshot, state, at)
    if held is None or len(now.sources) != 1 or now.decided_by != held.source.name:
        return None
    entitlement = held.plan.entitlements.get(feature.key)
    caps = () if entitlement is None else entitlement.caps
    fitting = [cap for cap in caps if shown_limit(cap) == now.limit]
    if len(fitting) != 1 or fitting[0].anchor is not Anchor.CALENDAR:
        return None
    recurrence = fitting[0].recurrence
    return None if recurrence is Recurrence.NEVER else recurrence


def _advice(snapshot: Snapshot, offer: Payload | None, reader: Reader) -> Iterator[str]:
    option = next(iter(offer.content.options), None) if offer is not None else None
    if option is None:
        return
    plan, addon = snapshot.catalogue.plans.get(option.plan or ""), snapshot.catalogue.addons.get(option.addon or "")
    if plan is not None:
        yield reader.say("share.plan", plan=reader.name(plan.name))
    elif addon is not None:
        yield reader.say("share.addon", addon=reader.name(addon.name))
