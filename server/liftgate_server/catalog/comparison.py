"""How a document differs from what is kept: the published catalogue, an older version, or the draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from liftgate.engine.catalogue import read_catalogue, write_catalogue
from liftgate_server.catalog import queries
from liftgate_server.catalog.difference import describe_changes, unified_difference
from liftgate_server.catalog.document import SourceDocument
from liftgate_server.catalog.service import validate
from liftgate_server.catalog.yaml_writer import write_yaml

__all__ = ["Difference", "compare"]

DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Difference:
    """How a document differs from what it was compared with, in words and line by line."""

    against: str
    changes: tuple[str, ...]
    unified: str

    @property
    def equal(self) -> bool:
        return not self.unified


def compare(environment_id: int, source: SourceDocument, *, against: str | int | None = None) -> Difference:
    """Say how a document differs from the published version, from another version by number, or from the draft."""
    after = validate(source)
    name, document = _compared(environment_id, against)
    before = None if document is None else read_catalogue(document)
    unified = unified_difference(
        "" if document is None else write_yaml(document), write_yaml(write_catalogue(after)), names=(name, "given")
    )
    return Difference(name, describe_changes(before, after) if unified else (), unified)


def _compared(environment_id: int, against: str | int | None) -> tuple[str, Mapping[str, object] | None]:
    if against == DRAFT:
        draft = queries.draft(environment_id)
        return f"draft revision {draft.revision}", draft.document
    if isinstance(against, int):
        return f"version {against}", queries.version(environment_id, against).document
    current = queries.current_version(environment_id)
    return (f"version {current.version}", current.document) if current.version else ("nothing published", None)
