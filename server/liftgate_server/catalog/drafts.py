"""The draft: what will be published next, edited by several people at once without losing anybody's work.

Every save makes a revision, and the newest 200 are kept, so what somebody changed in a page opened long ago can be
merged field by field with what others saved since.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import orjson
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from liftgate.engine.catalogue import write_catalogue
from liftgate_server.catalog import queries
from liftgate_server.catalog.document import SourceDocument
from liftgate_server.catalog.merging import (
    REMOVED,
    Collision,
    Document,
    Edit,
    Path,
    PathError,
    apply_edits,
    changed_fields,
    merge,
)
from liftgate_server.catalog.models import DraftRevisionRow
from liftgate_server.catalog.queries import Draft
from liftgate_server.catalog.service import validate
from liftgate_server.plumbing.audit import write_entry
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.db import transaction
from liftgate_server.plumbing.errors import Conflict, FieldError, Invalid
from liftgate_server.plumbing.paging import DEFAULT_PAGE, Page, page_query

__all__ = [
    "REMOVED",
    "Draft",
    "DraftRevision",
    "Edit",
    "EditConflict",
    "FieldConflict",
    "Keep",
    "discard_draft",
    "edit_draft",
    "open_draft",
    "publishable_draft",
    "push_draft",
    "rebase_draft",
    "revisions",
]

KEPT_REVISIONS: Final = 200

# A document pushed as a file may change everything; the log names this many fields and how many more there were.
_MOST_LOGGED_FIELDS: Final = 200
_LONGEST_SHOWN: Final = 80


class Keep(StrEnum):
    """Whose value stays where the draft and what was published since changed the same field."""

    DRAFT = "draft"
    PUBLISHED = "published"


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


@dataclass(frozen=True, slots=True)
class DraftRevision:
    """One line of the draft's history."""

    revision: int
    base_version: int
    is_discarded: bool
    saved_by: str | None
    saved_at: datetime


def open_draft(environment_id: int) -> Draft:
    """Return the draft; while there is none, what is published, as revision 0."""
    return queries.draft_or_none(environment_id) or _published_as_draft(environment_id)


def edit_draft(
    environment_id: int,
    edits: Sequence[Edit],
    *,
    base_revision: int,
    by: str | None,
    base_version: int | None = None,
) -> Draft:
    """Make edits of the draft as it was at ``base_revision``, merged with what others saved since.

    Raises ``EditConflict`` when others set the same field to another value, and ``Invalid`` when the result would be no
    valid catalogue; then nothing is saved. ``base_version`` is the published version that revision 0 was read from.
    """
    with transaction(environment_id) as session:
        current = open_draft(environment_id)
        base = _document_at(environment_id, base_revision, current, base_version)
        yours = _edited(base, edits)
        return _save_merged(session, environment_id, current, base=base, yours=yours, by=by)


def push_draft(
    environment_id: int, source: SourceDocument, *, base_revision: int, merge: bool = False, by: str | None
) -> Draft:
    """Make a whole document the draft; ``base_revision`` is the one it grew from, 0 for none.

    Others' later revisions are merged in when ``merge`` says so, and refused as ``stale_revision`` otherwise.
    """
    yours = write_catalogue(validate(source))
    with transaction(environment_id) as session:
        current = open_draft(environment_id)
        if merge:
            base = _document_at(environment_id, base_revision, current, None)
            return _save_merged(session, environment_id, current, base=base, yours=yours, by=by)
        _refuse_stale(current, base_revision)
        return _save(session, environment_id, current, replace(current, document=yours, updated_by=by))


def rebase_draft(environment_id: int, *, base_revision: int, by: str | None, keep: Keep | None = None) -> Draft:
    """Merge into the draft what was published since it was begun, so that publishing it takes nothing back.

    Where both changed a field, ``keep`` says whose value stays; without it that is an ``EditConflict``.
    """
    with transaction(environment_id) as session:
        current = open_draft(environment_id)
        _refuse_stale(current, base_revision)
        rebased = _on_current(environment_id, current, keep)
        if rebased is current:
            return current
        return _save(session, environment_id, current, replace(rebased, updated_by=by))


def publishable_draft(environment_id: int) -> Draft:
    """Return what publishing the draft would publish: merged with what was published since it was begun.

    Nothing is saved. Raises ``EditConflict`` as ``rebase_draft`` does.
    """
    return _on_current(environment_id, open_draft(environment_id), None)


def discard_draft(environment_id: int, *, base_revision: int, by: str | None) -> None:
    """Give up the draft; its revisions stay on file."""
    with transaction(environment_id) as session:
        current = open_draft(environment_id)
        _refuse_stale(current, base_revision)
        if not current.revision:
            return
        published = _published_as_draft(environment_id)
        _store(session, environment_id, replace(published, updated_by=by), is_discarded=True)
        write_entry(environment_id, "draft.discarded", subject="catalogue", before={"revision": current.revision})


def revisions(environment_id: int, cursor: str | None = None, limit: int = DEFAULT_PAGE) -> Page[DraftRevision]:
    """List the kept revisions, newest first."""
    table = DraftRevisionRow
    query: Any = select(table.revision, table.base_version, table.is_discarded, table.saved_by, table.saved_at).where(
        table.environment_id == environment_id
    )
    page = page_query(
        query,
        keys=(table.revision,),
        cursor=cursor,
        limit=limit,
        descending=True,
    )
    return page.map(lambda row: DraftRevision(*row))


def _on_current(environment_id: int, draft: Draft, keep: Keep | None) -> Draft:
    published = queries.current_version(environment_id)
    if draft.base_version == published.version:
        return draft
    base = queries.document_of(environment_id, draft.base_version)
    merged = merge(base, published.document, draft.document)
    if merged.collisions and keep is None:
        raise EditConflict(
            [_conflict(collision, published.published_by, published.published_at) for collision in merged.collisions]
        )
    if keep is Keep.DRAFT:
        # Where they collide the merged document holds what stands first.
        merged = merge(base, draft.document, published.document)
    return replace(draft, base_version=published.version, document=_valid(merged.document))


def _published_as_draft(environment_id: int) -> Draft:
    published = queries.current_version(environment_id)
    return Draft(
        revision=0,
        base_version=published.version,
        document=published.document,
        updated_by=published.published_by,
        updated_at=published.published_at,
    )


def _document_at(environment_id: int, revision: int, current: Draft, base_version: int | None) -> Document:
    if revision == current.revision and base_version in (None, current.base_version):
        return current.document
    if revision == 0:
        return queries.document_of(environment_id, current.base_version if base_version is None else base_version)
    document = queries.draft_document(environment_id, revision)
    if document is None:
        raise Conflict("stale_revision", f"Revision {revision} of the draft is not kept any more; open the draft anew.")
    return document


def _refuse_stale(current: Draft, base_revision: int) -> None:
    if base_revision != current.revision:
        raise Conflict(
            "stale_revision", f"The draft is at revision {current.revision}, not {base_revision}; compare first."
        )


def _edited(base: Document, edits: Iterable[Edit]) -> Document:
    try:
        changed = apply_edits(base, tuple(edits))
    except PathError as failure:
        raise Invalid("invalid_edit", f"An edit cannot be made: {failure}.") from failure
    # In the normal form, so that the same value written in another way is no conflict.
    return _valid(changed)


def _valid(document: Document) -> Document:
    return write_catalogue(validate(SourceDocument(document)))


def _save_merged(
    session: Session, environment_id: int, current: Draft, *, base: Document, yours: Document, by: str | None
) -> Draft:
    merged = merge(base, current.document, yours)
    if merged.collisions:
        raise EditConflict(
            [_conflict(collision, current.updated_by, current.updated_at) for collision in merged.collisions]
        )
    document = _valid(merged.document)
    if orjson.dumps(document) == orjson.dumps(current.document):
        return current
    return _save(session, environment_id, current, replace(current, document=document, updated_by=by))


def _save(session: Session, environment_id: int, current: Draft, wanted: Draft) -> Draft:
    saved = _store(session, environment_id, wanted, is_discarded=False)
    fields = list(changed_fields(current.document, saved.document))
    write_entry(
        environment_id,
        "draft.edited",
        subject=_subject([path for path, _, _ in fields]),
        before=_logged((path, before) for path, before, _ in fields),
        after=_logged((path, after) for path, _, after in fields),
    )
    return saved


def _store(session: Session, environment_id: int, draft: Draft, *, is_discarded: bool) -> Draft:
    table = DraftRevisionRow
    latest = session.scalar(select(func.max(table.revision)).where(table.environment_id == environment_id)) or 0
    saved = replace(draft, revision=latest + 1, updated_at=now())
    session.add(
        table(
            environment_id=environment_id,
            revision=saved.revision,
            base_version=saved.base_version,
            document=orjson.dumps(saved.document).decode(),
            is_discarded=is_discarded,
            saved_by=saved.updated_by,
            saved_at=saved.updated_at,
        )
    )
    session.flush()
    session.execute(
        delete(table)
        .where(table.environment_id == environment_id, table.revision <= saved.revision - KEPT_REVISIONS)
        .execution_options(synchronize_session=False)
    )
    return saved


def _conflict(collision: Collision, by: str | None, at: datetime | None) -> FieldConflict:
    return FieldConflict(collision.path, collision.base, collision.theirs, collision.yours, by, at)


def _told(field: FieldConflict) -> str:
    return f"It was {_shown(field.base)} and is {_shown(field.theirs)} now; you want {_shown(field.yours)}."


def _shown(value: object) -> str:
    text = "not there" if value is REMOVED else orjson.dumps(value).decode()
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def _subject(paths: Sequence[Path]) -> str:
    entries = {path[:2] for path in paths}
    if len(entries) == 1 and len(entry := next(iter(entries))) == 2:  # noqa: PLR2004 - a section and a key
        return f"{_KINDS.get(entry[0], entry[0])}:{entry[1]}"
    return "catalogue"


_KINDS: Final = {"features": "feature", "plans": "plan", "addons": "addon", "gates": "gate", "texts": "offer"}


def _logged(fields: Iterable[tuple[Path, object]]) -> dict[str, object]:
    listed = list(fields)
    logged = {".".join(path): value for path, value in listed[:_MOST_LOGGED_FIELDS]}
    if len(listed) > _MOST_LOGGED_FIELDS:
        logged["…"] = len(listed) - _MOST_LOGGED_FIELDS
    return logged
