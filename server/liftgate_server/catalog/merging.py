"""Two people's changes of one document brought together, field by field. Pure: values in, values out.

A document is mappings within mappings; everything else (a list of prices, a text, a number) is one field. ``None``
stands for a field that is not there, which no document can hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

__all__ = [
    "REMOVED",
    "Collision",
    "Document",
    "Edit",
    "Merged",
    "Path",
    "PathError",
    "apply_edits",
    "changed_fields",
    "merge",
]

Path = tuple[str, ...]
Document = Mapping[str, object]

REMOVED: Final = None

# The order of benefits in every list is that of the features; no other order in a document means anything.
_ORDERED: Final = frozenset({("features",)})


class PathError(ValueError):
    """An edit that leads nowhere; the text says where it stops."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One field set to a value, or taken out with ``REMOVED``: ``Edit(("plans", "pro", "rank"), 20)``."""

    path: Path
    value: object


@dataclass(frozen=True, slots=True)
class Collision:
    """A field that both sides changed, each to another value."""

    path: Path
    base: object
    theirs: object
    yours: object


@dataclass(frozen=True, slots=True)
class Merged:
    """Both sides' changes in one document; where they collide it holds theirs."""

    document: Document
    collisions: tuple[Collision, ...]


def merge(base: Document, theirs: Document, yours: Document) -> Merged:
    """Bring together what two sides made of one document. What only one of them changed is taken from that one."""
    merger = _Merger()
    document = merger.merge_mappings((), base, theirs, yours)
    return Merged(document, tuple(merger.collisions))


def apply_edits(document: Document, edits: Sequence[Edit]) -> Document:
    """Return the document with the edits made, one after the other.

    Sections that are not there yet come to be; one that an edit leaves empty goes. Raises ``PathError`` for a path that
    leads through something without fields.
    """
    changed: dict[str, Any] = orjson.loads(orjson.dumps(document))
    for edit in edits:
        _apply(changed, edit)
    return changed


def changed_fields(before: object, after: object, path: Path = ()) -> Iterator[tuple[Path, object, object]]:
    """Yield every field that differs, with both values."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys((*before, *after)):
            yield from changed_fields(before.get(key), after.get(key), (*path, key))
    elif not _is_same(before, after):
        yield path, before, after


def _apply(document: dict[str, Any], edit: Edit) -> None:
    if not edit.path:
        raise PathError("an edit names at least one key")
    places = [document]
    for depth, key in enumerate(edit.path[:-1]):
        inner = places[-1].setdefault(key, {})
        if not isinstance(inner, dict):
            raise PathError(f"{'.'.join(edit.path[: depth + 1])} has no fields of its own")
        places.append(inner)
    if edit.value is not REMOVED:
        places[-1][edit.path[-1]] = edit.value
        return
    places[-1].pop(edit.path[-1], None)
    for depth in range(len(places) - 1, 0, -1):
        if not places[depth]:
            del places[depth - 1][edit.path[depth - 1]]


def _is_same(one: object, other: object) -> bool:
    # Written out, because to Python 1 is True, and two orders of one mapping are equal.
    return orjson.dumps(one) == orjson.dumps(other)


class _Merger:
    def __init__(self) -> None:
        self.collisions: list[Collision] = []

    def merge_mappings(self, path: Path, base: Document, theirs: Document, yours: Document) -> dict[str, object]:
        merged: dict[str, object] = {}
        for key in self._ordered_keys(path, base, theirs, yours):
            value = self._merge_values((*path, key), base.get(key), theirs.get(key), yours.get(key))
            if value is not REMOVED:
                merged[key] = value
        return merged

    def _merge_values(self, path: Path, base: object, theirs: object, yours: object) -> object:
        if _is_same(theirs, yours) or _is_same(base, yours):
            return theirs
        if _is_same(base, theirs):
            return yours
        if isinstance(theirs, Mapping) and isinstance(yours, Mapping) and isinstance(base, Mapping | None):
            return self.merge_mappings(path, base or {}, theirs, yours)
        self.collisions.append(Collision(path, base, theirs, yours))
        return theirs

    def _ordered_keys(self, path: Path, base: Document, theirs: Document, yours: Document) -> list[str]:
        common = [key for key in base if key in theirs and key in yours]
        their_order = [key for key in theirs if key in set(common)]
        your_order = [key for key in yours if key in set(common)]
        if your_order in (common, their_order):
            return _interleaved(theirs, yours)
        if their_order != common and path in _ORDERED:
            self.collisions.append(Collision(path, common, their_order, your_order))
        return _interleaved(theirs, yours) if their_order != common else _interleaved(yours, theirs)


def _interleaved(leading: Document, other: Document) -> list[str]:
    """Return the keys of both in the order of the first; what only the other has follows what it followed there."""
    followers: dict[str | None, list[str]] = {}
    previous: str | None = None
    for key in other:
        if key in leading:
            previous = key
        else:
            followers.setdefault(previous, []).append(key)
    keys = followers.get(None, [])
    for key in leading:
        keys += (key, *followers.get(key, ()))
    return keys
