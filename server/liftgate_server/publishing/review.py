"""What publishing would do, before it is done: the changes in words, what is odd about them, and who is affected."""

from __future__ import annotations

from liftgate.engine.catalogue import write_catalogue
from liftgate_server.catalog.advice import tier_warnings
from liftgate_server.catalog.difference import describe_changes, unified_difference
from liftgate_server.catalog.document import SourceDocument
from liftgate_server.catalog.yaml_writer import write_yaml
from liftgate_server.plumbing.paging import DEFAULT_PAGE, Page
from liftgate_server.publishing.accounts import describe_accounts
from liftgate_server.publishing.affected import list_affected
from liftgate_server.publishing.consequences import Foresight
from liftgate_server.publishing.facts import AffectedAccount, Effect, Impact, Review, Terms
from liftgate_server.publishing.impact import impact_of
from liftgate_server.publishing.proposals import Proposal, propose
from liftgate_server.publishing.terms import check_terms
from liftgate_server.publishing.uses import removed_in_use

__all__ = ["affected_accounts", "review"]


def review(
    environment_id: int, *, source: SourceDocument | None = None, terms: Terms | None = None, language: str = "en"
) -> Review:
    """Tell what publishing a document, or the draft, would do on these terms."""
    proposal = propose(environment_id, source)
    foresight = _foresee(environment_id, proposal, terms or Terms(), language)
    published = proposal.published
    unified = unified_difference(
        write_yaml(published.document) if published.version else "",
        write_yaml(write_catalogue(proposal.after)),
        names=(f"version {published.version}" if published.version else "nothing published", "to be published"),
    )
    before = proposal.before if published.version else None
    return Review(
        base_version=published.version,
        revision=proposal.revision,
        changes=describe_changes(before, proposal.after, language) if unified else (),
        unified=unified,
        warnings=tier_warnings(proposal.after),
        impact=impact_of(foresight) if unified else Impact(),
        blocked=removed_in_use(environment_id, proposal),
        terms=foresight.terms,
    )


def affected_accounts(  # noqa: PLR0913 - a page, in a language, of one effect of something on terms
    environment_id: int,
    *,
    effect: Effect,
    source: SourceDocument | None = None,
    terms: Terms | None = None,
    language: str = "en",
    cursor: str | None = None,
    limit: int = DEFAULT_PAGE,
) -> Page[AffectedAccount]:
    """List the accounts on which publishing would have that effect, by id."""
    foresight = _foresee(environment_id, propose(environment_id, source), terms or Terms(), language)
    page = list_affected(environment_id, effect, foresight.consequences, cursor=cursor, limit=limit)
    described = describe_accounts(foresight, effect, page.items)
    return Page(described, page.next_cursor)


def _foresee(environment_id: int, proposal: Proposal, terms: Terms, language: str) -> Foresight:
    foresight = Foresight(environment_id, proposal.published, proposal.before, proposal.after, terms, language)
    check_terms(terms, proposal.after, published_at=foresight.now)
    return foresight
