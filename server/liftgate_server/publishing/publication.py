"""One publication: the version, the ends of older ones, the draft that goes along, and the audit log's entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from liftgate.engine.catalogue import write_catalogue
from liftgate_server.catalog import drafts
from liftgate_server.catalog import queries as catalog
from liftgate_server.catalog.document import SourceDocument
from liftgate_server.catalog.service import publish as write_version
from liftgate_server.catalog.succession_service import end_older_versions, forget_pending_ends
from liftgate_server.plumbing.audit import write_entry
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.errors import Problem
from liftgate_server.publishing.facts import Audience, Terms
from liftgate_server.publishing.proposals import Proposal
from liftgate_server.publishing.removals import refuse_removals
from liftgate_server.publishing.terms import check_terms, write_terms

__all__ = ["Entry", "carry_out"]


@dataclass(frozen=True, slots=True)
class Entry:
    """What is written down about a publication; ``back_to`` is the version that it takes up again."""

    message: str
    by: str | None
    base_version: int | None = None
    back_to: int | None = None


def carry_out(environment_id: int, proposal: Proposal, terms: Terms, entry: Entry) -> catalog.CatalogueVersion:
    """Write the next version with everything that belongs to it; inside the caller's transaction."""
    check_terms(terms, proposal.after, published_at=now())
    published = write_version(
        environment_id,
        SourceDocument(write_catalogue(proposal.after)),
        base_version=entry.base_version,
        message=entry.message,
        by=entry.by,
    )
    if not published.changed:
        return published
    refuse_removals(environment_id, proposal)
    if entry.back_to is not None:
        forget_pending_ends(environment_id, decided_after=entry.back_to, at=now())
    if terms.audience is Audience.ALL:
        _end_older_versions(environment_id, published, terms)
    _carry_draft_along(environment_id, entry.by)
    _log(environment_id, proposal.published.version, published, terms, entry)
    return published


def _end_older_versions(environment_id: int, published: catalog.CatalogueVersion, terms: Terms) -> None:
    starts_at = terms.starts_at or now()
    # Whoever is moved at once has had no time to be told.
    notice_at = None if terms.starts_at is None else starts_at - timedelta(days=terms.notice_days)
    end_older_versions(environment_id, published, at=starts_at, notice_at=notice_at, incentive=terms.incentive)


def _log(environment_id: int, before: int, published: catalog.CatalogueVersion, terms: Terms, entry: Entry) -> None:
    after = {
        "version": published.version,
        "message": entry.message,
        "changes": list(published.changes),
        "terms": write_terms(terms),
    }
    if entry.back_to is not None:
        after["back_to"] = entry.back_to
    action = "catalogue.published" if entry.back_to is None else "catalogue.rolled_back"
    subject = f"catalogue:{published.version}"
    write_entry(environment_id, action, subject=subject, before={"version": before}, after=after)


def _carry_draft_along(environment_id: int, by: str | None) -> None:
    draft = catalog.draft_or_none(environment_id)
    if draft is None:
        return
    try:
        drafts.rebase_draft(environment_id, base_revision=draft.revision, by=by)
    except Problem:
        # It collides, or would be no catalogue any more: that is for its editors to settle, who see it on opening it.
        return
