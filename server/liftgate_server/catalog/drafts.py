"""The draft: what will be published next, edited by several people at once without losing anybody's work.

Every save makes a revision, and the newest 200 are kept, so what somebody changed in a page opened long ago can be
merged field by field with what others saved since.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import StrEnum

import orjson
from sqlalchemy.orm import Session

from liftgate.engine.catalogue import write_catalogue
from liftgate_server.catalog import queries
from liftgate_server.catalog.document import SourceDocument
from liftgate_server.catalog.draft_history import DraftRevision, log_discard, log_edit, revisions, store_revision
from liftgate_server.catalog.edit_conflicts import EditConflict, FieldConflict, conflict_of
from liftgate_server.catalog.merging import REMOVED, Document, Edit, PathError, apply_edits, merge
from liftgate_server.catalog.queries import Draft
from liftgate_server.catalog.service import validate
from liftgate_server.plumbing.db import transaction
from liftgate_server.plumbing.errors import Conflict, Invalid

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


class Keep(StrEnum):
    """Whose value stays where the draft and what was published since changed the same field."""

    DRAFT = "draft"
    PUBLISHED = "published"


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
        store_revision(session, environment_id, replace(published, updated_by=by), is_discarded=True)
        log_discard(environment_id, current)


def _on_current(environment_id: int, draft: Draft, keep: Keep | None) -> Draft:
    published = queries.current_version(environment_id)
    if draft.base_version == published.version:
        return draft
    base = queries.document_of(environment_id, draft.base_version)
    merged = merge(base, published.document, draft.document)
    if merged.collisions and keep is None:
        raise conflict_of(merged.collisions, published.published_by, published.published_at)
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
        raise conflict_of(merged.collisions, current.updated_by, current.updated_at)
    document = _valid(merged.document)
    if orjson.dumps(document) == orjson.dumps(current.document):
        return current
    return _save(session, environment_id, current, replace(current, document=document, updated_by=by))


def _save(session: Session, environment_id: int, current: Draft, wanted: Draft) -> Draft:
    saved = store_revision(session, environment_id, wanted, is_discarded=False)
    log_edit(environment_id, current, saved)
    return saved
