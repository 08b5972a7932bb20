"""One counted feature of an account, as a bar and in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from liftgate.engine.catalogue_model import Feature, OverLimitPolicy
from liftgate.engine.formats import format_number, format_percent
from liftgate.engine.reader import Reader
from liftgate_server.admin.customers.state_words import Badge
from liftgate_server.admin.framing import ngettext
from liftgate_server.admin.framing import translate as _
from liftgate_server.admin.printing import print_day_words, print_moment_words
from liftgate_server.admin.wording import amount_words, listed
from liftgate_server.metering.overview import FeatureNow

__all__ = ["UsageBar", "UsageState", "UserNow", "usage_bar"]

# As wide as the drawing is; its height is the template's business.
_WIDTH = 1_000
_NEARLY_PERCENT = 80
_ALL_PERCENT = 100


class UsageState(StrEnum):
    """How far the use has come; over is more than the limit says."""

    FREE = "free"
    NEARLY = "nearly"
    FULL = "full"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class UserNow:
    """What one person has used in the window that runs, where each has an own count."""

    user: str
    used: int


@dataclass(frozen=True, slots=True)
class UsageBar:
    """A feature with its numbers, and how wide each part of its bar is; without a limit there is no bar."""

    key: str
    name: str
    figures: str
    label: str
    state: UsageState
    badge: Badge | None
    has_bar: bool
    used_width: int
    held_width: int
    projected_width: int
    marks: tuple[int, ...]
    notes: tuple[str, ...]
    users: tuple[UserNow, ...]


def usage_bar(
    feature: Feature, now: FeatureNow, users: tuple[UserNow, ...] | None, *, marks: Iterable[int], reader: Reader
) -> UsageBar:
    """Describe a counted feature.

    ``marks`` are the percentages at which somebody is warned; ``users`` is ``None`` unless each has an own count.
    """
    name, limit = reader.name(feature.name), None if users is not None else now.limit
    warned_at = tuple(sorted({mark for mark in marks if mark < _ALL_PERCENT}))
    figures = _figures(now, is_per_user=users is not None, reader=reader)
    used = _width(now.used - now.held, limit)
    return UsageBar(
        key=feature.key,
        name=name,
        figures=figures,
        label=f"{name}: {figures}",
        state=UsageState.FREE if users is not None else _state(now),
        badge=None if users is not None else _badge(now, reader),
        has_bar=bool(limit),
        used_width=used,
        held_width=min(_width(now.held, limit), _WIDTH - used),
        projected_width=_width(now.projection or 0, limit),
        marks=warned_at if limit else (),
        notes=tuple(_notes(feature, now, warned_at, reader)),
        users=users or (),
    )


def _figures(now: FeatureNow, *, is_per_user: bool, reader: Reader) -> str:
    if is_per_user:
        return _("{limit} per person", limit=amount_words(now.limit, reader))
    used = format_number(now.used, reader.formats)
    if now.limit is None:
        return _("{used} used, unlimited", used=used)
    return _("{used} of {limit}", used=used, limit=format_number(now.limit, reader.formats))


def _state(now: FeatureNow) -> UsageState:
    if now.over_limit is not None or (now.limit is not None and now.used > now.limit):
        return UsageState.OVER
    if now.limit is None:
        return UsageState.FREE
    percent = _ALL_PERCENT * now.used // now.limit if now.limit else _ALL_PERCENT
    if percent >= _ALL_PERCENT:
        return UsageState.FULL
    return UsageState.NEARLY if percent >= _NEARLY_PERCENT else UsageState.FREE


def _badge(now: FeatureNow, reader: Reader) -> Badge | None:
    state = _state(now)
    if state is UsageState.OVER and now.limit is not None:
        over = format_number(now.used - now.limit, reader.formats)
        return Badge(_("{over} over the limit", over=over), "red")
    if state is UsageState.FULL:
        return Badge(_("used up"), "red")
    return Badge(_("nearly used up"), "amber") if state is UsageState.NEARLY else None


def _notes(feature: Feature, now: FeatureNow, marks: tuple[int, ...], reader: Reader) -> Iterator[str]:
    if now.held:
        yield _("{held} of them held by reservations", held=format_number(now.held, reader.formats))
    if now.resets_at is not None:
        yield _("starts anew on {day}", day=print_moment_words(now.resets_at))
    if now.projection is not None and now.resets_at is not None and now.projection > now.used:
        yield _("at this pace {projection} by then", projection=format_number(now.projection, reader.formats))
    if marks:
        yield _("warns at {levels}", levels=listed([format_percent(mark, reader.formats) for mark in marks]))
    if now.over_limit is not None or feature.over_limit.policy is not OverLimitPolicy.BLOCK_NEW:
        yield _policy_words(feature, now.over_limit.until if now.over_limit is not None else None)


def _policy_words(feature: Feature, until: datetime | None) -> str:
    rule = feature.over_limit
    if rule.policy is OverLimitPolicy.GRACE and until is not None:
        return _("above the limit everything goes on until {day}", day=print_day_words(until))
    words: Mapping[OverLimitPolicy, str] = {
        OverLimitPolicy.BLOCK_NEW: _("above the limit: what is there stays, nothing new"),
        OverLimitPolicy.READ_ONLY: _("above the limit: to look at only"),
        OverLimitPolicy.GRACE: ngettext(
            "above the limit everything goes on for {count} day",
            "above the limit everything goes on for {count} days",
            rule.grace_days or 0,
        ),
    }
    return words[rule.policy]


def _width(units: int, limit: int | None) -> int:
    return 0 if not limit else max(0, min(_WIDTH, _WIDTH * units // limit))
