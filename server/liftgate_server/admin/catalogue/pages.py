"""Every page of the area; loading this module registers their views."""

from __future__ import annotations

from liftgate_server.admin.catalogue import (
    addon_pages,
    conflict_pages,
    entitlement_pages,
    feature_pages,
    gate_pages,
    matrix_pages,
    plan_pages,
    settings_pages,
    text_pages,
)
from liftgate_server.admin.catalogue.area import area

__all__ = [
    "addon_pages",
    "area",
    "conflict_pages",
    "entitlement_pages",
    "feature_pages",
    "gate_pages",
    "matrix_pages",
    "plan_pages",
    "settings_pages",
    "text_pages",
]
