"""Fields that two people set to different values: what is told instead of overwriting one of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson

from liftgate_server.catalog.merging import REMOVED, Collision, Path
from liftgate_server.plumbing.errors import Conflict, FieldError

__all__ = ["EditConflict", "FieldConflict", "conflict_of"]

_LONGEST_SHOWN: Final = 80


@dataclass(frozen=True, slots=True)
class FieldConflict:
    """A field that somebody else set to another value since it was read; ``None`` means that it is not there.

    ``theirs_by`` and ``theirs_at`` tell who saved last, and when.
    """

    path: Path
    base: object
    theirs: object
    yours: object
    theirs_by: str | None
    theirs_at: datetime | None


class EditConflict(Conflict):
    """Nothing was saved, because others changed the same fields; ``fields`` shows both sides."""

    def __init__(self, fields: Sequence[FieldConflict]) -> None:
        self.fields = tuple(fields)
        count = "A field was" if len(self.fields) == 1 else f"{len(self.fields)} fields were"
        super().__init__(
            "edit_conflict",
            f"{count} changed by somebody else in the meantime. Nothing was saved.",
            errors=[FieldError(".".join(field.path), "edit_conflict", _told(field)) for field in self.fields],
        )


def conflict_of(collisions: Iterable[Collision], by: str | None, at: datetime | None) -> EditConflict:
    """Return what to raise when changes collide with what ``by`` saved at that time."""
    return EditConflict([FieldConflict(one.path, one.base, one.theirs, one.yours, by, at) for one in collisions])


def _told(field: FieldConflict) -> str:
    return f"It was {_shown(field.base)} and is {_shown(field.theirs)} now; you want {_shown(field.yours)}."


def _shown(value: object) -> str:
    text = "not there" if value is REMOVED else orjson.dumps(value).decode()
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
