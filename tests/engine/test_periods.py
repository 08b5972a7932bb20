"""Periods tile time: no gap, no overlap, whatever the calendar does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from liftgate.engine.catalogue_model import Anchor, Cap, Recurrence
from liftgate.engine.periods import Period, calendar_period, period_bounds, period_of, window_key

RECURRENCES = st.sampled_from([recurrence for recurrence in Recurrence if recurrence is not Recurrence.NEVER])
INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))
# Zones with changes at midnight, half-hour changes, a skipped day, odd offsets and no changes at all.
ZONES = st.sampled_from(
    [
        "UTC",
        "Europe/Berlin",
        "America/Sao_Paulo",
        "America/Havana",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "Asia/Beirut",
        "Africa/Cairo",
        "Atlantic/Azores",
        "Pacific/Apia",
        "America/St_Johns",
    ]
)
A_MICROSECOND = timedelta(microseconds=1)


@given(RECURRENCES, INSTANTS, ZONES)
@example(Recurrence.DAY, datetime(2026, 3, 29, 0, 30, tzinfo=UTC), "Europe/Berlin")
@example(Recurrence.DAY, datetime(2018, 11, 4, 3, 0, tzinfo=UTC), "America/Sao_Paulo")
@example(Recurrence.DAY, datetime(2018, 2, 18, 1, 30, tzinfo=UTC), "America/Sao_Paulo")
@example(Recurrence.DAY, datetime(2026, 11, 1, 5, 30, tzinfo=UTC), "America/Havana")
@example(Recurrence.DAY, datetime(2011, 12, 30, 9, 59, tzinfo=UTC), "Pacific/Apia")
@example(Recurrence.HOUR, datetime(2026, 4, 4, 15, 15, tzinfo=UTC), "Australia/Lord_Howe")
@example(Recurrence.YEAR, datetime(2028, 2, 29, 23, 59, tzinfo=UTC), "Asia/Kathmandu")
def test_calendar_periods_tile_time(recurrence: Recurrence, at: datetime, zone: str) -> None:
    period = calendar_period(recurrence, at, zone)

    assert period.start <= at < period.end
    assert calendar_period(recurrence, period.start, zone) == period
    assert calendar_period(recurrence, period.end - A_MICROSECOND, zone) == period
    assert calendar_period(recurrence, period.end, zone).start == period.end
    assert calendar_period(recurrence, period.start - A_MICROSECOND, zone).end == period.start


@given(RECURRENCES, INSTANTS, INSTANTS)
@example(Recurrence.MONTH, datetime(2028, 2, 29, tzinfo=UTC), datetime(2026, 1, 31, 10, tzinfo=UTC))
@example(Recurrence.YEAR, datetime(2027, 2, 28, 9, 59, tzinfo=UTC), datetime(2024, 2, 29, 10, tzinfo=UTC))
@example(Recurrence.QUARTER, datetime(2026, 2, 27, tzinfo=UTC), datetime(2026, 11, 30, tzinfo=UTC))
def test_anchored_periods_tile_time(recurrence: Recurrence, at: datetime, anchor: datetime) -> None:
    period = period_bounds(recurrence, at, anchor=anchor)

    assert period.start <= at < period.end
    assert period_bounds(recurrence, period.start, anchor=anchor) == period
    assert period_bounds(recurrence, period.end - A_MICROSECOND, anchor=anchor) == period
    assert period_bounds(recurrence, period.end, anchor=anchor).start == period.end


@given(RECURRENCES, INSTANTS)
def test_a_period_begins_at_its_anchor(recurrence: Recurrence, anchor: datetime) -> None:
    assert period_bounds(recurrence, anchor, anchor=anchor).start == anchor


@pytest.mark.parametrize(
    ("at", "start", "end"),
    [
        ("2026-02-15", "2026-01-31", "2026-02-28"),
        ("2026-02-28", "2026-02-28", "2026-03-31"),
        ("2026-04-30", "2026-04-30", "2026-05-31"),
        ("2028-02-29", "2028-02-29", "2028-03-31"),
        ("2026-01-30", "2025-12-31", "2026-01-31"),
    ],
)
def test_months_from_the_thirty_first_are_clamped_and_return(at: str, start: str, end: str) -> None:
    period = period_bounds(Recurrence.MONTH, _day(at), anchor=_day("2026-01-31"))

    assert period == Period(_day(start), _day(end))


def test_a_year_from_the_leap_day_is_clamped_and_returns() -> None:
    anchor = _day("2024-02-29")

    assert period_bounds(Recurrence.YEAR, _day("2025-03-01"), anchor=anchor).start == _day("2025-02-28")
    assert period_bounds(Recurrence.YEAR, _day("2028-03-01"), anchor=anchor).start == _day("2028-02-29")


@pytest.mark.parametrize(
    ("day", "hours"),
    [("2026-03-29T12:00:00+00:00", 23), ("2026-10-25T12:00:00+00:00", 25), ("2026-06-01T12:00:00+00:00", 24)],
)
def test_a_local_day_is_as_long_as_the_clocks_make_it(day: str, hours: int) -> None:
    period = calendar_period(Recurrence.DAY, datetime.fromisoformat(day), "Europe/Berlin")

    assert period.end - period.start == timedelta(hours=hours)


def test_weeks_begin_on_monday() -> None:
    assert calendar_period(Recurrence.WEEK, _day("2026-11-22"), "UTC").start == _day("2026-11-16")


def test_quarters_begin_with_january_april_july_and_october() -> None:
    assert calendar_period(Recurrence.QUARTER, _day("2026-11-22"), "UTC") == Period(
        _day("2026-10-01"), _day("2027-01-01")
    )


def test_a_billing_cap_without_a_subscription_follows_the_calendar() -> None:
    cap = Cap(limit=1, recurrence=Recurrence.MONTH, anchor=Anchor.BILLING)

    period = period_of(cap, _day("2026-11-22"), billing_anchor=None, time_zone="UTC")

    assert period == Period(_day("2026-11-01"), _day("2026-12-01"))


def test_a_cap_that_never_resets_has_one_window() -> None:
    assert period_of(Cap(limit=1), _day("2026-11-22"), billing_anchor=None, time_zone="UTC") is None
    assert window_key(Recurrence.NEVER, None) == "never"


def test_a_window_is_named_by_its_recurrence_and_start() -> None:
    period = calendar_period(Recurrence.MONTH, _day("2026-11-22"), "Europe/Berlin")

    assert window_key(Recurrence.MONTH, period) == "month:2026-10-31T23:00:00Z"


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
