"""What a customer has used by now, what that leaves, and where it leads to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from liftgate.engine.allowance_model import Allowance, Window
from liftgate.engine.catalogue_model import FeatureKind, Requirement, Snapshot
from liftgate.engine.customer_state import Crossed, CustomerState, UsageKey
from liftgate.engine.decision import OverLimit
from liftgate.engine.holdings import hold
from liftgate.engine.judging import Asked, Verdict, judge
from liftgate.engine.share import Asking, share_of
from liftgate_server.entitlements.caches import KnownCustomer
from liftgate_server.entitlements.counters import read_counters
from liftgate_server.usage.history import feature_uses
from liftgate_server.usage.standing import counters_now

__all__ = ["FeatureNow", "MetricNow", "UsageNow", "WindowNow", "usage_now", "usage_now_in_words"]

# The first use within a month must not become thousands by the end of it.
_SHORTEST_PART = 100


@dataclass(frozen=True, slots=True)
class WindowNow:
    """One counter: ``used`` includes what is ``held``; ``projection`` is what it comes to by the end at this pace."""

    window: str
    user: str | None
    used: int
    held: int
    limit: int | None
    starts_at: datetime | None
    ends_at: datetime | None
    projection: int | None


@dataclass(frozen=True, slots=True)
class FeatureNow:
    """A counted feature, in the numbers of a check; ``sentence`` says how much of a limit that is."""

    feature: str
    kind: FeatureKind
    used: int
    held: int
    limit: int | None
    remaining: int | None
    resets_at: datetime | None
    projection: int | None
    decided_by: str | None
    over_limit: OverLimit | None
    windows: tuple[WindowNow, ...]
    crossings: tuple[Crossed, ...]
    percent: int | None = None
    sentence: str | None = None


@dataclass(frozen=True, slots=True)
class MetricNow:
    """A value metric since the beginning of the month in UTC."""

    metric: str
    since: datetime
    units: int
    uses: int


@dataclass(frozen=True, slots=True)
class UsageNow:
    """All that is counted of a customer, as one user of it sees it."""

    customer: str
    user: str | None
    at: datetime
    features: tuple[FeatureNow, ...]
    value_metrics: tuple[MetricNow, ...]


def usage_now_in_words(
    environment_id: int, known: KnownCustomer, *, user: str | None, language: str | None, at: datetime
) -> UsageNow:
    """Read what the counters say at this moment, and say of each limit how much of it is used."""
    numbers = usage_now(environment_id, known, user=user, at=at)
    usage = {(it.feature, window.user, window.window): window.used for it in numbers.features for window in it.windows}
    state, asking = replace(known.state, usage=usage), Asking(at=at, user=user, language=language)
    return replace(numbers, features=tuple(_in_words(it, known.snapshot, state, asking) for it in numbers.features))


def _in_words(feature: FeatureNow, snapshot: Snapshot, state: CustomerState, asking: Asking) -> FeatureNow:
    share = share_of(snapshot, state, feature.feature, asking)
    return feature if share is None else replace(feature, percent=share.percent, sentence=share.sentence)


def usage_now(environment_id: int, known: KnownCustomer, *, user: str | None, at: datetime) -> UsageNow:
    """Read what the counters say at this moment."""
    counted = known.counted(environment_id, None, at=at, user=user)
    used: Mapping[UsageKey, int] = {}
    held: Mapping[UsageKey, int] = {}
    if counted is not None:
        used = read_counters(counted, at).usage
        running = counters_now(environment_id, known.state.customer, at=at, user=user)
        held = {(counter.feature, counter.user, counter.window): counter.held for counter in running}
    state = replace(known.state, usage=used)
    return UsageNow(
        customer=state.customer,
        user=user,
        at=at,
        features=tuple(_features(known, state, held, user=user, at=at)),
        value_metrics=tuple(_value_metrics(environment_id, known, at)),
    )


def _features(
    known: KnownCustomer, state: CustomerState, held: Mapping[UsageKey, int], *, user: str | None, at: datetime
) -> Iterator[FeatureNow]:
    snapshot = known.snapshot
    holdings = hold(snapshot, state, at)
    for feature in snapshot.catalogue.features.values():
        terms = known.terms(feature.key, at=at, user=user)
        if terms is None:
            continue
        asked = Asked(at=at, user=user, units=0)
        verdict = judge(Requirement(feature.key, units=0), snapshot, state, holdings, asked)
        yield _feature(feature.kind, verdict, terms.allowance, state, held, at=at)


def _feature(
    kind: FeatureKind,
    verdict: Verdict,
    allowance: Allowance,
    state: CustomerState,
    held: Mapping[UsageKey, int],
    *,
    at: datetime,
) -> FeatureNow:
    key = allowance.feature
    windows = tuple(
        _window(window, state.usage.get((key, *_owner(window)), 0), held.get((key, *_owner(window)), 0), at)
        for window in allowance.windows()
    )
    running = {(window.window, window.user) for window in windows}
    return FeatureNow(
        feature=key,
        kind=kind,
        used=verdict.used or 0,
        held=max((window.held for window in windows), default=0),
        limit=verdict.limit,
        remaining=verdict.remaining,
        resets_at=verdict.resets_at,
        projection=_projection_of(verdict, windows),
        decided_by=None if verdict.decided_by is None else verdict.decided_by.name,
        over_limit=verdict.over_limit,
        windows=windows,
        crossings=tuple(it for it in state.crossings if it.feature == key and (it.window, it.user) in running),
    )


def _owner(window: Window) -> tuple[str | None, str]:
    return window.user, window.key


def _window(window: Window, used: int, held: int, at: datetime) -> WindowNow:
    return WindowNow(
        window=window.key,
        user=window.user,
        used=used,
        held=held,
        limit=window.limit,
        starts_at=window.starts_at,
        ends_at=window.ends_at,
        projection=_projection(used, window.starts_at, window.ends_at, at),
    )


def _projection(used: int, starts_at: datetime | None, ends_at: datetime | None, at: datetime) -> int | None:
    """Return what a window comes to by its end if it goes on like this; ``None`` for one without an end."""
    if starts_at is None or ends_at is None:
        return None
    whole = ends_at - starts_at
    passed = max(at - starts_at, whole / _SHORTEST_PART)
    return max(used, round(used * (whole / passed)))


def _projection_of(verdict: Verdict, windows: tuple[WindowNow, ...]) -> int | None:
    """Return the projection of the window that the verdict is told by, and what other buckets add to it."""
    told_by = next((window for window in windows if window.ends_at == verdict.resets_at), None)
    if told_by is None or told_by.projection is None or verdict.used is None:
        return None
    return verdict.used + told_by.projection - told_by.used


def _value_metrics(environment_id: int, known: KnownCustomer, at: datetime) -> Iterator[MetricNow]:
    metrics = tuple(known.snapshot.catalogue.value_metrics)
    if not metrics:
        return
    since = at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    uses = {
        use.feature: use for use in feature_uses(environment_id, known.state.customer, since=since, features=metrics)
    }
    for metric in metrics:
        use = uses.get(metric)
        yield MetricNow(metric, since, 0 if use is None else use.units, 0 if use is None else use.uses)
