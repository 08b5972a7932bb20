"""Which fields of the catalogue differ, at the depth at which people are told of them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from liftgate_server.catalog.merging import Document, Path, changed_fields

__all__ = ["SECTIONS", "changed_paths"]

SECTIONS: Final = ("features", "plans", "addons", "gates", "texts")
_TOLD_WHOLE: Final = frozenset({"prices", "trial", "requires", "unit"})
_ENTITLEMENTS: Final = "entitlements"


def changed_paths(before: Document, after: Document) -> tuple[Path, ...]:
    """Return the places that differ; an entitlement, the prices, a trial once, however many of their fields changed.

    >>> changed_paths({"plans": {"pro": {"trial": {"days": 7}}}}, {"plans": {"pro": {"trial": {"days": 14}}}})
    (('plans', 'pro', 'trial'),)
    """
    fields = changed_fields(_with_sections(before), _with_sections(after))
    return tuple(dict.fromkeys(_told_path(path) for path, _before, _after in fields))


def _with_sections(document: Document) -> Mapping[str, object]:
    """Return the document with every section, so that what comes and goes with a section is told one by one."""
    return {**{section: {} for section in SECTIONS}, **document}


def _told_path(path: Path) -> Path:
    if path[2:3] == (_ENTITLEMENTS,):
        return path[:4]
    return path[:3] if path[2:3] and path[2] in _TOLD_WHOLE else path
