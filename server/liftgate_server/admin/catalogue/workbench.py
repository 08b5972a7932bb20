"""The draft as the pages look at it, beside what is published; read once per request, compiled once per revision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from liftgate.engine.catalogue_model import Catalogue
from liftgate_server.admin.catalogue.edits import value_at
from liftgate_server.catalog import queries
from liftgate_server.catalog.compiling import compiled
from liftgate_server.catalog.drafts import REMOVED, Draft, open_draft
from liftgate_server.catalog.queries import CatalogueVersion
from liftgate_server.plumbing.errors import BadRequest, Conflict, NotFound

__all__ = ["Base", "Workbench", "look"]

Document = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Base:
    """Which state of the draft a form was filled from; ``version`` is the published one that revision 0 stands for."""

    revision: int
    version: int

    def __str__(self) -> str:
        return f"{self.revision}.{self.version}"

    @classmethod
    def read(cls, text: str) -> Base:
        """Read what ``str`` wrote."""
        revision, _, version = text.partition(".")
        if not (revision.isascii() and revision.isdecimal() and version.isascii() and version.isdecimal()):
            raise BadRequest("invalid_request", "The form does not say which state of the draft it was filled from.")
        return cls(int(revision[:12]), int(version[:12]))


@dataclass(frozen=True, slots=True)
class Workbench:
    """The draft and what is published, as documents and compiled."""

    environment_id: int
    draft: Draft
    published: CatalogueVersion
    catalogue: Catalogue
    live: Catalogue

    @property
    def base(self) -> Base:
        return Base(self.draft.revision, self.draft.base_version)

    @property
    def languages(self) -> tuple[str, ...]:
        return self.catalogue.languages

    def part(self, section: str, key: str) -> Document:
        """Return one plan, feature, add-on or gate of the draft as a document; raises ``NotFound``."""
        found = value_at(self.draft.document, (section, key))
        if not isinstance(found, Mapping):
            raise NotFound("unknown_key", f"The draft has no '{key}' among its {section}.")
        return found

    def require_known(self, section: str, key: str, base: Base) -> None:
        """Raise ``NotFound`` unless the draft has a part, or had it when a form was filled from it."""
        if value_at(self.document_at(base), (section, key)) is REMOVED:
            self.part(section, key)

    def section(self, section: str) -> Document:
        """Return all plans, features, add-ons or gates of the draft as documents."""
        found = self.draft.document.get(section)
        return found if isinstance(found, Mapping) else {}

    def is_changed(self, section: str, key: str) -> bool:
        """Tell whether a part of the draft differs from what is published."""
        path = (section, key)
        return value_at(self.draft.document, path) != value_at(self.published.document, path)

    def is_new(self, section: str, key: str) -> bool:
        """Tell whether a part of the draft was never published, or was taken out since."""
        return value_at(self.published.document, (section, key)) is REMOVED

    def document_at(self, base: Base) -> Document:
        """Return the document a form was filled from; raises ``Conflict`` when it is not kept any more."""
        if base == self.base:
            return self.draft.document
        if base.revision == 0:
            return queries.document_of(self.environment_id, base.version)
        document = queries.draft_document(self.environment_id, base.revision)
        if document is None:
            raise Conflict("stale_revision", "This page is too old to be saved; open it again.")
        return document


def look(environment_id: int) -> Workbench:
    """Return the draft of an environment, and what is published there."""
    draft = open_draft(environment_id)
    published = queries.current_version(environment_id)
    return Workbench(environment_id, draft, published, compiled(draft.document), compiled(published.document))
