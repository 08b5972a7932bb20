"""Periods of limits and subscriptions: computed when read, half-open, tiling time without gap or overlap."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from liftgate.engine.catalogue_model import Anchor, Cap, Recurrence

__all__ = ["Period", "calendar_period", "period_bounds", "period_of", "restarted_key", "window_key"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIXED = {
    Recurrence.MINUTE: timedelta(minutes=1),
    Recurrence.HOUR: timedelta(hours=1),
    Recurrence.DAY: timedelta(days=1),
    Recurrence.WEEK: timedelta(weeks=1),
}
_MONTHS = {Recurrence.MONTH: 1, Recurrence.QUARTER: 3, Recurrence.YEAR: 12}


class Period(NamedTuple):
    """A half-open stretch of time ``[start, end)``, both aware and in UTC."""

    start: datetime
    end: datetime


def period_of(cap: Cap, at: datetime, *, billing_anchor: datetime | None, time_zone: str) -> Period | None:
    """Return the period of a cap that holds the instant, ``None`` for a cap that never resets.

    ``time_zone`` is the catalogue's, used where the cap names none. A billing-anchored cap of a customer who never had
    a subscription falls back to the calendar.
    """
    if cap.recurrence is Recurrence.NEVER:
        return None
    if cap.anchor is Anchor.BILLING and billing_anchor is not None:
        return period_bounds(cap.recurrence, at, anchor=billing_anchor)
    return calendar_period(cap.recurrence, at, cap.time_zone or time_zone)


def period_bounds(recurrence: Recurrence, at: datetime, *, anchor: datetime) -> Period:
    """Return the period around ``at`` when periods start at ``anchor``.

    The n-th period starts n recurrences after the anchor; a day that the month lacks becomes its last day, and the
    next longer month returns to the anchor's day (31 January, 28 February, 31 March).

    >>> anchor = datetime(2026, 1, 31, tzinfo=UTC)
    >>> period_bounds(Recurrence.MONTH, datetime(2026, 3, 1, tzinfo=UTC), anchor=anchor).start.isoformat()
    '2026-02-28T00:00:00+00:00'
    """
    if recurrence in _FIXED:
        return _fixed_period(_FIXED[recurrence], at, anchor)
    months = _MONTHS[recurrence]
    count = ((at.year - anchor.year) * 12 + at.month - anchor.month) // months
    # The division is at most one period late: within its month, `at` may still lie before the anchor's day.
    if at < _add_months(anchor, count * months):
        count -= 1
    return Period(_add_months(anchor, count * months), _add_months(anchor, (count + 1) * months))


def calendar_period(recurrence: Recurrence, at: datetime, time_zone: str) -> Period:
    """Return the calendar period around ``at`` in an IANA time zone; weeks start on Monday.

    Minutes and hours are windows of absolute time aligned to UTC: a local clock hour is not one hour long when a zone
    shifts by thirty minutes, and windows have to tile. Days and longer start at local midnight, so a day is 23 or 25
    hours long where the clocks change.

    >>> calendar_period(Recurrence.DAY, datetime(2026, 3, 29, 12, tzinfo=UTC), "Europe/Berlin").end.isoformat()
    '2026-03-29T22:00:00+00:00'
    """
    if recurrence in (Recurrence.MINUTE, Recurrence.HOUR):
        return _fixed_period(_FIXED[recurrence], at, _EPOCH)
    zone = ZoneInfo(time_zone)
    local = at.astimezone(zone)
    midnight = datetime(local.year, local.month, local.day)  # noqa: DTZ001 - a wall-clock date, placed in its zone below
    first, following = _local_bounds(recurrence, midnight)
    return Period(_instant(first, zone), _instant(following, zone))


def window_key(recurrence: Recurrence, period: Period | None) -> str:
    """Return the name of a counter's window, such as ``month:2026-11-01T00:00:00Z`` or ``never``."""
    if period is None:
        return Recurrence.NEVER.value
    return f"{recurrence.value}:{period.start.isoformat().replace('+00:00', 'Z')}"


def restarted_key(window: str, since: datetime) -> str:
    """Return the name of a window that began anew before its period ended.

    >>> restarted_key("month:2026-11-01T00:00:00Z", datetime(2026, 11, 9, tzinfo=UTC))
    'month:2026-11-01T00:00:00Z+2026-11-09T00:00:00Z'
    """
    return f"{window}+{since.isoformat().replace('+00:00', 'Z')}"


def _fixed_period(length: timedelta, at: datetime, anchor: datetime) -> Period:
    start = anchor + (at - anchor) // length * length
    return Period(start, start + length)


def _local_bounds(recurrence: Recurrence, midnight: datetime) -> tuple[datetime, datetime]:
    if recurrence is Recurrence.DAY:
        return midnight, midnight + timedelta(days=1)
    if recurrence is Recurrence.WEEK:
        monday = midnight - timedelta(days=midnight.weekday())
        return monday, monday + timedelta(weeks=1)
    months = _MONTHS[recurrence]
    first = midnight.replace(month=(midnight.month - 1) // months * months + 1, day=1)
    return first, _add_months(first, months)


def _instant(wall_clock: datetime, zone: ZoneInfo) -> datetime:
    # A midnight that the clocks skip maps to the instant of the change, one that happens twice to the first.
    return wall_clock.replace(tzinfo=zone).astimezone(UTC)


def _add_months(moment: datetime, months: int) -> datetime:
    year, month_index = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    first = moment.replace(year=year, month=month_index + 1, day=1)
    last_day = ((first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)).day
    return first.replace(day=min(moment.day, last_day))
