"""A small catalogue that uses every part of the format, and a way to spoil one place of it."""

from __future__ import annotations

import copy
from typing import Any

from liftgate.engine.catalogue import DocumentProblem, InvalidCatalogue, read_catalogue

EXAMPLE: dict[str, Any] = {
    "schema": 1,
    "languages": ["en", "de"],
    "time_zone": "Europe/Berlin",
    "default_plan": "free",
    "features": {
        "boards": {
            "kind": "capacity",
            "name": {"en": "Boards", "de": "Boards"},
            "description": {"en": "Places to work together"},
            "unit": {"en": {"one": "board", "other": "boards"}},
        },
        "seats": {"kind": "capacity", "name": {"en": "Seats"}, "over_limit": {"grace": 14}},
        "exports": {
            "kind": "metered",
            "name": {"en": "Exports", "de": "Exporte"},
            "on_upgrade": "reset",
            "over_limit": "read_only",
            "on_failure": "allow_and_record",
        },
        "sso": {"kind": "switch", "name": {"en": "Single sign-on"}},
        "fax": {"kind": "switch", "name": {"en": "Fax"}, "archived": True},
        "resolution": {"kind": "setting", "name": {"en": "Resolution"}, "values": ["720p", "1080p", "4k"]},
        "retention_days": {"kind": "setting", "name": {"en": "Days kept"}},
    },
    "value_metrics": {
        "minutes_saved": {"name": {"en": "Minutes saved"}, "unit": {"en": {"one": "minute", "other": "minutes"}}},
    },
    "plans": {
        "free": {
            "name": {"en": "Free"},
            "rank": 0,
            "entitlements": {
                "boards": 3,
                "exports": [{"limit": 2, "per": "day", "scope": "user"}, {"limit": 20, "per": "month"}],
                "sso": False,
                "resolution": "720p",
                "retention_days": 30,
            },
        },
        "pro": {
            "name": {"en": "Pro"},
            "rank": 10,
            "description": {"en": "For teams"},
            "trial": {"days": 14},
            "prices": [
                {"interval": "month", "currency": "EUR", "amount": 2900, "per": "seat"},
                {"interval": "year", "currency": "EUR", "amount": 29000, "per": "seat"},
            ],
            "entitlements": {
                "boards": {"limit": 50, "enforcement": "soft", "overage": 5, "warn_at": [80, 100], "display_limit": 55},
                "exports": "unlimited",
                "sso": True,
            },
        },
    },
    "addons": {
        "extra_exports": {
            "name": {"en": "100 more exports"},
            "prices": [{"interval": "month", "currency": "EUR", "amount": 900}],
            "max_quantity": 10,
            "plans": ["free", "pro"],
            "entitlements": {
                "exports": {"limit": 100, "per": "month", "anchor": "billing", "time_zone": "America/New_York"},
            },
        },
    },
    "gates": {
        "reports.export": {
            "name": {"en": "Export a report"},
            "requires": "exports",
            "mode": "observe",
            "on_failure": "open",
            "placement": "reports.toolbar",
        },
        "video": {
            "requires": {"all": [{"feature": "boards", "units": 2}, {"feature": "resolution", "at_least": "4k"}]}
        },
        "admin": {"requires": {"any": ["sso", {"feature": "retention_days", "at_least": 90}]}},
        "boards": {"requires": {"feature": "boards", "units": 2}},
    },
    "texts": {
        "limit_reached": {
            "title": {"en": "Out of {thing}?", "de": "Keine {thing} mehr?"},
            "body_without_offer": {"en": "You have used {used} of {limit}."},
        },
        "grandfathering": {"text": {"en": "{plan} changes on {date}."}},
    },
}

ABSENT = object()


def changed(*place: str | int, to: Any) -> dict[str, Any]:
    """Return the example with one place set to something else, or taken away."""
    document = copy.deepcopy(EXAMPLE)
    holder: Any = document
    for step in place[:-1]:
        holder = holder[step]
    if to is ABSENT:
        del holder[place[-1]]
    else:
        holder[place[-1]] = to
    return document


def problems_of(document: object, **how: Any) -> tuple[DocumentProblem, ...]:
    """Return the problems of a document, none when it is valid."""
    try:
        read_catalogue(document, **how)
    except InvalidCatalogue as refusal:
        return refusal.problems
    return ()


def found_in(document: object) -> list[tuple[str, str]]:
    """Return the path and code of each problem of a document."""
    return [(problem.path, problem.code.value) for problem in problems_of(document)]
