"""What stands in the sidebar, in its order. An entry that has no page yet, or that one may not open, is not there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app, request, url_for

from liftgate_server.access.caller import Role
from liftgate_server.admin.pending import unpublished_changes, waiting_orders
from liftgate_server.admin.visiting import Visitor
from liftgate_server.admin.words import translate as _

# Beyond it the number says nothing more, and would not fit.
_MOST_COUNTED = 100


@dataclass(frozen=True, slots=True)
class Entry:
    label: str
    endpoint: str
    least: Role = Role.VIEWER
    everywhere: bool = False
    count: Callable[[int], int] | None = None


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    href: str
    is_current: bool
    badge: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    label: str
    links: tuple[Link, ...]


def navigation(visitor: Visitor) -> tuple[Group, ...]:
    """Give the groups of links for a visitor; the one of the current page's section is marked."""
    current = _current_endpoint()
    groups = []
    for label, entries in _entries():
        links = tuple(
            Link(entry.label, url_for(f"admin_{entry.endpoint}"), entry.endpoint == current, _badge(entry, visitor))
            for entry in entries
            if _is_open(entry, visitor)
        )
        if links:
            groups.append(Group(label, links))
    return tuple(groups)


def link_or_none(endpoint: str) -> str | None:
    """Give the address of a page, None for one that this installation does not have."""
    return url_for(f"admin_{endpoint}") if f"admin_{endpoint}" in current_app.view_functions else None


def _entries() -> tuple[tuple[str, tuple[Entry, ...]], ...]:
    return (
        (
            _("Measure"),
            (
                Entry(_("Overview"), "shell.overview"),
                Entry(_("Customers"), "customers.customers"),
                Entry(_("Orders"), "customers.orders", count=waiting_orders),
            ),
        ),
        (
            _("Catalogue"),
            (
                Entry(_("Plans & features"), "catalogue.matrix"),
                Entry(_("Plans"), "catalogue.plans"),
                Entry(_("Features"), "catalogue.features"),
                Entry(_("Add-ons"), "catalogue.addons"),
                Entry(_("Gates"), "catalogue.gates"),
                Entry(_("Offer texts"), "catalogue.texts"),
            ),
        ),
        (
            _("Govern"),
            (
                Entry(_("Review & publish"), "publishing.review", count=unpublished_changes),
                Entry(_("History"), "publishing.history"),
                Entry(_("Audit log"), "shell.audit_log"),
                Entry(_("API keys"), "shell.keys", Role.OWNER),
                Entry(_("People"), "shell.people", Role.OWNER, everywhere=True),
                Entry(_("Environment"), "shell.settings", Role.OWNER),
            ),
        ),
    )


def _badge(entry: Entry, visitor: Visitor) -> str:
    """Give the number of what waits behind an entry, nothing where nothing does."""
    count = 0 if entry.count is None else entry.count(visitor.environment.id)
    if not count:
        return ""
    return str(count) if count < _MOST_COUNTED else f"{_MOST_COUNTED - 1}+"


def _is_open(entry: Entry, visitor: Visitor) -> bool:
    if f"admin_{entry.endpoint}" not in current_app.view_functions:
        return False
    return visitor.may_everywhere(entry.least) if entry.everywhere else visitor.may(entry.least)


def _current_endpoint() -> str:
    """Give the section of the page: `catalogue.plan` belongs to `catalogue.plans` when its path continues theirs."""
    here = request.path
    best, longest = "", -1
    for _label, entries in _entries():
        for entry in entries:
            endpoint = f"admin_{entry.endpoint}"
            if endpoint not in current_app.view_functions:
                continue
            path = url_for(endpoint)
            # Every path continues the overview's, which ends in a slash; others have pages of their own below them.
            if (here == path or (not path.endswith("/") and here.startswith(f"{path}/"))) and len(path) > longest:
                best, longest = entry.endpoint, len(path)
    return best
