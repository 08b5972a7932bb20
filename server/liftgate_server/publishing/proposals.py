"""What somebody wants to publish, beside what is published."""

from __future__ import annotations

from dataclasses import dataclass

from liftgate.engine.catalogue import read_catalogue
from liftgate.engine.catalogue_model import Catalogue
from liftgate_server.catalog import drafts
from liftgate_server.catalog import queries as catalog
from liftgate_server.catalog.document import SourceDocument
from liftgate_server.catalog.queries import CatalogueVersion
from liftgate_server.catalog.service import validate

__all__ = ["Proposal", "propose", "propose_publication"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is published, and what somebody wants to publish; ``revision`` is the draft's."""

    published: CatalogueVersion
    before: Catalogue
    after: Catalogue
    revision: int | None


def propose(environment_id: int, source: SourceDocument | None) -> Proposal:
    """Put a document, or the draft, beside what is published.

    A draft is taken with what was published since it was begun merged in; raises ``EditConflict`` where that collides.
    """
    published = catalog.current_version(environment_id)
    before = read_catalogue(published.document)
    if source is not None:
        return Proposal(published, before, validate(source), None)
    draft = drafts.publishable_draft(environment_id)
    return Proposal(published, before, read_catalogue(draft.document), draft.revision)


def propose_publication(environment_id: int, source: SourceDocument | None) -> Proposal:
    """Put beside what is published what is to follow it; raises ``NotFound`` when that is a draft that is not there."""
    if source is None:
        catalog.draft(environment_id)
    return propose(environment_id, source)
