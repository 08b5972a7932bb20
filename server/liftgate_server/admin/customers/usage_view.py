"""What an account uses now, as its page shows it; a fixed number of reads, however long it has been used."""

# size: the one place where limits, counters, days and gates of an account meet; each is one import

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from liftgate.engine.customer_state import UsageKey
from liftgate.engine.formats import format_number, format_percent
from liftgate_server.admin.customers.account_view import AccountHead, Refusal, account_head, refusals_of
from liftgate_server.admin.customers.usage_bars import UsageBar, UserNow, usage_bar
from liftgate_server.admin.customers.usage_words import counted_name
from liftgate_server.entitlements.caches import KnownCustomer
from liftgate_server.entitlements.checking import checks
from liftgate_server.entitlements.counters import read_counters_of_users
from liftgate_server.metering.overview import FeatureNow, usage_now
from liftgate_server.plumbing.changes import latest_number
from liftgate_server.plumbing.clock import now
from liftgate_server.usage.history import feature_uses
from liftgate_server.usage.readings import FeatureUse
from liftgate_server.usage.standing import crossings_of

__all__ = ["CrossedLine", "MetricLine", "UsageLine", "UsagePage", "usage_page"]

SPAN_DAYS = 30
_MOST_CROSSINGS = 10
_MOST_USERS = 5


@dataclass(frozen=True, slots=True)
class UsageLine:
    """A feature that was used lately and has no limit to stand against; ``units`` are those of what is counted."""

    key: str
    name: str
    units: int
    uses: int
    users: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class MetricLine:
    """What the app was worth lately, as the host reported it."""

    key: str
    name: str
    amount: str


@dataclass(frozen=True, slots=True)
class CrossedLine:
    """A threshold that was reached: once for its period."""

    name: str
    percent: str
    user: str | None
    figures: str
    at: datetime


@dataclass(frozen=True, slots=True)
class UsagePage:
    head: AccountHead
    bars: tuple[UsageBar, ...]
    others: tuple[UsageLine, ...]
    metrics: tuple[MetricLine, ...]
    crossings: tuple[CrossedLine, ...]
    refusals: tuple[Refusal, ...]
    span_days: int = SPAN_DAYS


def usage_page(customer: str) -> UsagePage:
    """Gather the page."""
    head, at = account_head(customer), now()
    environment_id = head.environment_id
    known = checks().known_customer(environment_id, latest_number(environment_id), customer)
    bars = tuple(_bars(head, known, at))
    uses = feature_uses(environment_id, customer, since=at - timedelta(days=SPAN_DAYS - 1))
    shown = {bar.key for bar in bars}
    return UsagePage(
        head=head,
        bars=bars,
        others=tuple(_line(head, use) for use in uses if use.feature not in {*shown, *head.catalogue.value_metrics}),
        metrics=tuple(_metric(head, use) for use in uses if use.feature in head.catalogue.value_metrics),
        crossings=tuple(_crossings(head)),
        refusals=refusals_of(head),
    )


def _bars(head: AccountHead, known: KnownCustomer, at: datetime) -> Iterator[UsageBar]:
    by_users = read_counters_of_users(head.environment_id, head.customer.id, at)
    for feature_now in usage_now(head.environment_id, known, user=None, at=at).features:
        feature = known.snapshot.catalogue.features[feature_now.feature]
        terms = known.terms(feature.key, at=at, user=None)
        is_per_user = terms is not None and terms.allowance.needs_user
        users = _users(feature_now, by_users) if is_per_user else None
        if feature_now.limit == 0 and not feature_now.used and not users:
            continue  # not included, and not used either
        windows = () if terms is None else terms.allowance.windows()
        marks = [mark for window in windows for mark in window.warn_at]
        yield usage_bar(feature, feature_now, users, marks=marks, reader=head.reader)


def _users(feature_now: FeatureNow, by_users: Mapping[UsageKey, int]) -> tuple[UserNow, ...]:
    """Return who has used most in the period that the limit is told by."""
    told_by = {window.window for window in feature_now.windows if window.ends_at == feature_now.resets_at}
    found = [
        UserNow(user, used)
        for (feature, user, window), used in by_users.items()
        if user is not None and feature == feature_now.feature and window in told_by and used
    ]
    return tuple(sorted(found, key=lambda it: (-it.used, it.user))[:_MOST_USERS])


def _line(head: AccountHead, use: FeatureUse) -> UsageLine:
    name = counted_name(head.catalogue, use.feature, head.reader)
    return UsageLine(use.feature, name, use.units, use.uses, use.users, use.last_at)


def _metric(head: AccountHead, use: FeatureUse) -> MetricLine:
    metric = head.catalogue.value_metrics[use.feature]
    amount = format_number(use.units, head.reader.formats)
    forms = (metric.unit or {}).get(head.reader.language)
    unit = "" if forms is None else forms.one if use.units == 1 else forms.other
    return MetricLine(use.feature, head.reader.name(metric.name), f"{amount} {unit}".rstrip())


def _crossings(head: AccountHead) -> Iterator[CrossedLine]:
    for crossed in crossings_of(head.environment_id, head.customer.id, limit=_MOST_CROSSINGS).items:
        formats = head.reader.formats
        yield CrossedLine(
            name=counted_name(head.catalogue, crossed.feature, head.reader),
            percent=format_percent(crossed.percent, formats),
            user=crossed.user,
            figures=f"{format_number(crossed.used, formats)} / {format_number(crossed.limit, formats)}",
            at=crossed.at,
        )
