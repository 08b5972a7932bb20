"""Days and moments that people type, in their own time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from liftgate_server.admin.printing import reader_zone

__all__ = ["read_day", "read_end_of_day", "read_moment", "typed_day", "typed_moment"]


def read_day(text: str) -> datetime | None:
    """Return the beginning of a day as ``<input type=date>`` sends it, ``None`` for what is no day."""
    try:
        day = date.fromisoformat(text)
        return datetime.combine(day, time(), reader_zone()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def read_end_of_day(text: str) -> datetime | None:
    """Return the end of a day, which is the beginning of the next: what runs "until" a day runs through it."""
    try:
        day = date.fromisoformat(text) + timedelta(days=1)
        return datetime.combine(day, time(), reader_zone()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def read_moment(text: str) -> datetime | None:
    """Return a moment as ``<input type=datetime-local>`` sends it, ``None`` for what is none."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=reader_zone())
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def typed_day(at: datetime | None) -> str:
    """Return the day of an instant as ``<input type=date>`` wants it."""
    return "" if at is None else at.astimezone(reader_zone()).date().isoformat()


def typed_moment(at: datetime | None) -> str:
    """Return an instant as ``<input type=datetime-local>`` wants it, to the minute."""
    return "" if at is None else at.astimezone(reader_zone()).strftime("%Y-%m-%dT%H:%M")
