"""Numbers, money and instants as the reader writes them, in the reader's own time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import has_request_context, request
from markupsafe import Markup

from liftgate.engine.formats import format_date, format_money, format_number
from liftgate_server.access.caller import Role
from liftgate_server.admin.words import reader_language
from liftgate_server.admin.words import translate as _
from liftgate_server.plumbing.shapes import write_instant

# The browser's zone, written there by admin.js: a server cannot know it otherwise.
_ZONE_COOKIE = "liftgate_zone"
_LONGEST_ZONE = 64
# The first that matches: most browsers also name the ones they descend from.
_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def print_number(value: int) -> str:
    return format_number(value, reader_language())


def print_money(amount_minor: int, currency: str) -> str:
    return format_money(amount_minor, currency, reader_language())


def print_instant(at: datetime | None, *, seconds: bool = False) -> Markup:
    """Write an instant as a `<time>`, with its zone where that is not known to be the reader's."""
    if at is None:
        return Markup("–")
    zone = reader_zone()
    local = at.astimezone(zone)
    day = format_date(local.date(), reader_language())
    clock = local.strftime("%H:%M:%S" if seconds else "%H:%M")
    suffix = " UTC" if zone is UTC else ""
    return Markup('<time datetime="{}">{}, {}{}</time>').format(write_instant(at), day, clock, suffix)


def print_day(at: datetime | None) -> Markup:
    if at is None:
        return Markup("–")
    day = format_date(at.astimezone(reader_zone()).date(), reader_language())
    return Markup('<time datetime="{}">{}</time>').format(write_instant(at), day)


def print_calendar_day(day: date) -> str:
    """Write a day of the calendar, which is the same in every zone."""
    return format_date(day, reader_language())


def initials(name: str) -> str:
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"


def browser_name(agent: str) -> str:
    """Name a browser and its system from what it says of itself, well enough to know one's own."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), _("Unknown browser"))
    system = next((name for mark, name in _SYSTEMS if mark in agent), None)
    return browser if system is None else _("{browser} on {system}", browser=browser, system=system)


def role_name(role: Role | None) -> str:
    names = {
        Role.VIEWER: _("Viewer"),
        Role.EDITOR: _("Editor"),
        Role.PUBLISHER: _("Publisher"),
        Role.OWNER: _("Owner"),
    }
    return _("No access") if role is None else names[role]


def print_moment_words(at: datetime) -> str:
    """Write an instant as plain words, for a sentence."""
    local = at.astimezone(reader_zone())
    return f"{format_date(local.date(), reader_language())}, {local:%H:%M}"


def print_day_words(at: datetime) -> str:
    """Write the day of an instant as plain words, for a sentence."""
    return format_date(at.astimezone(reader_zone()).date(), reader_language())


def reader_zone() -> tzinfo:
    """Give the reader's own time zone, UTC while the browser has not told it."""
    name = request.cookies.get(_ZONE_COOKIE, "") if has_request_context() else ""
    return _zone(name) if 0 < len(name) <= _LONGEST_ZONE else UTC


@lru_cache(maxsize=256)
def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
