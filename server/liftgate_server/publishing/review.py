"""What publishing would do, before it is done: the changes in words, what is odd about them, and who is affected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from liftgate.engine.catalogue import read_catalogue, write_catalogue
from liftgate.engine.catalogue_model import Catalogue
from liftgate_server.catalog import drafts
from liftgate_server.catalog import queries as catalog
from liftgate_server.catalog.advice import tier_warnings
from liftgate_server.catalog.difference import describe_changes, unified_difference
from liftgate_server.catalog.document import SourceDocument
from liftgate_server.catalog.queries import CatalogueVersion, ProductKind
from liftgate_server.catalog.service import validate
from liftgate_server.catalog.yaml_writer import write_yaml
from liftgate_server.plumbing.paging import DEFAULT_PAGE, Page
from liftgate_server.publishing.accounts import describe_accounts
from liftgate_server.publishing.affected import count_affected, list_affected, over_limit_by_version
from liftgate_server.publishing.consequences import Foresight
from liftgate_server.publishing.effects import Shift, shift_words
from liftgate_server.publishing.facts import AffectedAccount, Effect, Impact, PlanImpact, Review, Terms
from liftgate_server.publishing.holdings import accounts_without_subscription
from liftgate_server.publishing.terms import check_terms
from liftgate_server.publishing.uses import removed_in_use

__all__ = ["Proposal", "affected_accounts", "propose", "review"]


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
        impact=_impact(foresight) if unified else Impact(),
        blocked=removed_in_use(environment_id, published, proposal.after),
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


def _impact(foresight: Foresight) -> Impact:
    counts = count_affected(foresight.environment_id, foresight.consequences)
    plans = tuple(_plan_impacts(foresight))
    return Impact(
        gaining=counts[Effect.GAINS],
        losing=counts[Effect.LOSSES],
        over_limit=sum(plan.over_limit for plan in plans),
        moving=counts[Effect.MOVES],
        keeping=foresight.keeping(),
        plans=plans,
    )


def _plan_impacts(foresight: Foresight) -> Iterator[PlanImpact]:
    over = over_limit_by_version(foresight.environment_id, foresight.consequences)
    for shift in foresight.consequences.shifts:
        if shift.follows:
            accounts, beyond = accounts_without_subscription(foresight.environment_id, foresight.now), over.get(None, 0)
        else:
            accounts = foresight.accounts(shift)
            is_plan = shift.kind is ProductKind.PLAN
            beyond = sum(over.get((shift.key, version), 0) for version in shift.pinned) if is_plan else 0
        yield _plan_impact(foresight, shift, accounts=accounts, over_limit=beyond)


def _plan_impact(foresight: Foresight, shift: Shift, *, accounts: int, over_limit: int) -> PlanImpact:
    gains, losses = (
        tuple(shift_words(shift, foresight.features, features, foresight.language))
        for features in (shift.gains, shift.losses)
    )
    return PlanImpact(
        plan=shift.key,
        name=shift.name,
        from_version=shift.from_version,
        accounts=accounts,
        gains=gains,
        losses=losses,
        over_limit=over_limit,
        kind=shift.kind,
        follows=shift.follows,
        to_version=shift.to_version,
    )
