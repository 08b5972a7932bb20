"""The checks of the running app, which this room and the ones above share with their caches."""

from __future__ import annotations

from typing import cast

from flask import current_app

from liftgate_server.entitlements.service import Checks
from liftgate_server.usage.tallies import tallies

__all__ = ["checks"]

_EXTENSION = "liftgate.checks"


def checks() -> Checks:
    """Give the checks of the running app."""
    return cast(
        "Checks",
        current_app.extensions.get(_EXTENSION) or current_app.extensions.setdefault(_EXTENSION, Checks(tallies())),
    )
