"""What a form changed, as edits of the draft: only the fields that differ from what the form was filled with.

Two people who edit different fields of one plan must not meet, so a form never sends what it left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import orjson

from liftgate_server.catalog.drafts import REMOVED, Edit, FieldConflict
from liftgate_server.plumbing.errors import BadRequest

__all__ = ["Resolution", "edits_between", "pack_edits", "unpack_edits", "value_at"]

# A form edits one thing; a plan of two thousand entitlements is the largest of them.
_MOST_EDITS = 8_000

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resolution:
    """The edits that met nobody's, and those that did, of which somebody has to choose."""

    clear: tuple[Edit, ...]
    disputed: tuple[Edit, ...]

    @classmethod
    def of(cls, edits: Sequence[Edit], conflicts: Iterable[FieldConflict]) -> Resolution:
        """Sort edits by whether others changed the same fields. What is disputed is named as the conflict names it."""
        disputed = tuple(Edit(conflict.path, conflict.yours) for conflict in conflicts)
        clear = tuple(edit for edit in edits if not any(_touch(edit.path, other.path) for other in disputed))
        return cls(clear, disputed)


def edits_between(path: Path, before: object, after: object) -> tuple[Edit, ...]:
    """Return the edits that turn what stands at a path into something else; a list is one value."""
    return tuple(_edits(path, before, after))


def value_at(document: object, path: Sequence[str]) -> object:
    """Return what stands at a path of a document, ``REMOVED`` where nothing does."""
    for step in path:
        if not isinstance(document, Mapping) or step not in document:
            return REMOVED
        document = document[step]
    return document


def pack_edits(edits: Iterable[Edit]) -> str:
    """Return edits as text that a form can carry."""
    return orjson.dumps([{"path": edit.path, "value": edit.value} for edit in edits]).decode()


def unpack_edits(text: str) -> tuple[Edit, ...]:
    """Return the edits a form carried; what they say is judged when they are saved, like any other edit."""
    refusal = BadRequest("invalid_request", "The form is not one that this page has handed out.")
    try:
        items = orjson.loads(text)
    except orjson.JSONDecodeError as failure:
        raise refusal from failure
    if not isinstance(items, list) or len(items) > _MOST_EDITS or not all(map(_is_packed, items)):
        raise refusal
    return tuple(Edit(tuple(item["path"]), item["value"]) for item in items)


def _edits(path: Path, before: object, after: object) -> Iterator[Edit]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys((*before, *after)):
            yield from _edits((*path, key), before.get(key, REMOVED), after.get(key, REMOVED))
    elif orjson.dumps(before) != orjson.dumps(after):
        yield Edit(path, after)


def _touch(one: Path, other: Path) -> bool:
    """Tell whether one path is the other, or within it."""
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def _is_packed(item: object) -> bool:
    if not isinstance(item, Mapping) or set(item) != {"path", "value"}:
        return False
    path = item["path"]
    return isinstance(path, list) and bool(path) and all(isinstance(step, str) for step in path)
