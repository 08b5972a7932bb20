"""The draft as the review page shows it: what it would do, and what was published while it was being made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from liftgate.engine.reader import Reader
from liftgate_server.admin.catalogue.words import field_words, value_words
from liftgate_server.admin.catalogue.workbench import Workbench, look
from liftgate_server.admin.framing import Problem, Role, problem_text, reader_language, visitor
from liftgate_server.admin.publishing.differences import Group, differences
from liftgate_server.admin.publishing.prospect import Prospect, prospect
from liftgate_server.admin.wording import reader_for_pages
from liftgate_server.catalog import queries as catalog
from liftgate_server.catalog.drafts import Draft, EditConflict, FieldConflict, publishable_draft
from liftgate_server.catalog.queries import CatalogueVersion
from liftgate_server.plumbing.errors import Invalid

__all__ = ["Collision", "Meanwhile", "ReviewPage", "review_page"]


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What was published since the draft was begun."""

    version: int
    by: str | None
    at: datetime | None
    message: str
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Collision:
    """A field that the draft and the publication both changed, each to another value."""

    thing: str
    field: str
    base: str
    published: str
    draft: str


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """The draft beside what is published, and what publishing it would do.

    ``prospect`` is ``None`` while the draft cannot be published: it collides with what was published meanwhile
    (``collisions``), or is no valid catalogue together with it (``refusal``).
    """

    draft: Draft
    published: CatalogueVersion
    prospect: Prospect | None
    meanwhile: Meanwhile | None
    collisions: tuple[Collision, ...] = ()
    refusal: str | None = None

    @property
    def is_empty(self) -> bool:
        return self.prospect is not None and self.prospect.is_empty

    @property
    def may_edit(self) -> bool:
        return visitor().may(Role.EDITOR)


def review_page(fields: Mapping[str, str], *, problem: Problem | None = None) -> ReviewPage:
    """Gather the page for the terms in ``fields``, with what was refused about them."""
    bench = look(visitor().environment.id)
    meanwhile = _meanwhile(bench)
    try:
        document = publishable_draft(bench.environment_id).document
    except EditConflict as conflict:
        reader = reader_for_pages(reader_language(), bench.languages)
        collisions = tuple(_collision(field, bench, reader) for field in conflict.fields)
        return ReviewPage(bench.draft, bench.published, None, meanwhile, collisions)
    except Invalid as refusal:
        return ReviewPage(bench.draft, bench.published, None, meanwhile, refusal=told(refusal))
    found = prospect(bench.published, document, fields, problem=problem)
    return ReviewPage(bench.draft, bench.published, found, meanwhile)


def told(refusal: Problem) -> str:
    """Return a refusal in the reader's words, with every single thing that it names."""
    details = [f"{error.path}: {error.message}" for error in refusal.errors]
    return " ".join([problem_text(refusal.code, refusal.detail), *details])


def _meanwhile(bench: Workbench) -> Meanwhile | None:
    """Tell what happened since; a draft that nobody has begun is always up to date."""
    published = bench.published
    if not bench.draft.revision or bench.draft.base_version == published.version:
        return None
    base = catalog.document_of(bench.environment_id, bench.draft.base_version)
    groups = differences(base, published.document, language=reader_language())
    return Meanwhile(published.version, published.published_by, published.published_at, published.message, groups)


def _collision(conflict: FieldConflict, bench: Workbench, reader: Reader) -> Collision:
    thing, field = field_words(conflict.path)
    base, theirs, yours = (
        value_words(conflict.path, value, bench.catalogue, reader)
        for value in (conflict.base, conflict.theirs, conflict.yours)
    )
    return Collision(thing, field, base, theirs, yours)
