"""Changes of what customers have: publishing on terms, rolling back, and doing so at a set time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import orjson
from sqlalchemy import select

from liftgate.engine.catalogue import write_catalogue
from liftgate_server.catalog import drafts
from liftgate_server.catalog import queries as catalog
from liftgate_server.catalog.document import SourceDocument
from liftgate_server.catalog.queries import CatalogueVersion
from liftgate_server.catalog.service import end_older_versions, forget_pending_ends
from liftgate_server.catalog.service import publish as write_version
from liftgate_server.plumbing.audit import write_entry
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.db import reading, transaction
from liftgate_server.plumbing.errors import Conflict, FieldError, Invalid, Problem
from liftgate_server.plumbing.ids import new_id
from liftgate_server.publishing import queries
from liftgate_server.publishing.facts import (
    Audience,
    InUse,
    ScheduledPublication,
    ScheduleState,
    Terms,
    Use,
    UseKind,
)
from liftgate_server.publishing.models import ScheduledPublicationRow
from liftgate_server.publishing.review import Proposal, propose
from liftgate_server.publishing.terms import check_terms, read_terms, write_terms
from liftgate_server.publishing.uses import removed_in_use

__all__ = ["cancel_scheduled", "publish", "publish_due", "roll_back", "schedule"]

_SECTIONS = {"feature": "features", "plan": "plans", "addon": "addons", "gate": "gates"}


def publish(
    environment_id: int,
    source: SourceDocument | None = None,
    *,
    terms: Terms | None = None,
    base_version: int | None = None,
    message: str = "",
    by: str | None = None,
) -> CatalogueVersion:
    """Publish a document, or the draft when none is given, as the next version: wholly or not at all.

    Refused with 409: ``stale_base`` when ``base_version`` is not the current one, ``in_use`` when something would be
    removed that is in use, ``edit_conflict`` when the draft collides with what was published since it was begun.

    Subscriptions keep the version that they were made with, unless the terms are for all. Then every older version of
    each plan and add-on that changes is followed by the new one from ``terms.starts_at`` on (at once without it), but
    for those that end earlier than that anyway: they end when their subscribers were told. No subscription is rewritten
    for it. The default plan's holders have no subscription, so they follow at once whatever the terms.

    A draft that somebody has open goes on with what was published merged in, where nothing collides.
    """
    with transaction(environment_id):
        if source is None:
            catalog.draft(environment_id)
        proposal = propose(environment_id, source)
        return _publish(environment_id, proposal, terms or Terms(), _Entry(message, by, base_version=base_version))


def roll_back(
    environment_id: int, version: int, *, terms: Terms | None = None, message: str = "", by: str | None = None
) -> CatalogueVersion:
    """Publish the document of an older version again, as a new version.

    What later publications decided about the end of versions and has not come yet is taken back. Who was moved already
    stays where they are, unless the terms are for all.
    """
    with transaction(environment_id):
        document = catalog.version(environment_id, version).document
        proposal = propose(environment_id, SourceDocument(document))
        entry = _Entry(message or f"Back to version {version}", by, back_to=version)
        return _publish(environment_id, proposal, terms or Terms(), entry)


def schedule(
    environment_id: int,
    source: SourceDocument | None = None,
    *,
    at: datetime,
    terms: Terms | None = None,
    message: str = "",
    by: str | None = None,
) -> ScheduledPublication:
    """Let a document, or the draft as it is now, be published by itself at a set time.

    If something else is published before, it fails (``stale_base``) instead of taking that back.
    """
    terms = terms or Terms()
    with transaction(environment_id) as session:
        if at <= now():
            raise Invalid("invalid_terms", "The time has passed already.", errors=[_past()])
        if source is None:
            catalog.draft(environment_id)
        proposal = propose(environment_id, source)
        check_terms(terms, proposal.after, published_at=at)
        _refuse_removals(environment_id, proposal)
        row = ScheduledPublicationRow(
            environment_id=environment_id,
            id=new_id("pub"),
            at=at,
            state=ScheduleState.WAITING.value,
            base_version=proposal.published.version,
            document=orjson.dumps(write_catalogue(proposal.after)).decode(),
            terms=write_terms(terms),
            message=message,
            created_by=by,
            created_at=now(),
        )
        session.add(row)
        session.flush()
        after = {"at": at.isoformat(), "base_version": row.base_version, "terms": row.terms, "message": message}
        write_entry(environment_id, "catalogue.scheduled", subject=f"schedule:{row.id}", after=after)
        return queries.scheduled_of(row)


def cancel_scheduled(environment_id: int, schedule_id: str) -> ScheduledPublication:
    """Take back a publication that still waits."""
    with transaction(environment_id) as session:
        row = session.get(ScheduledPublicationRow, (environment_id, schedule_id))
        if row is None:
            raise queries.unknown_schedule(schedule_id)
        if row.state != ScheduleState.WAITING.value:
            raise Conflict("schedule_decided", f"This publication is {row.state} already.")
        _decide(row, ScheduleState.CANCELED)
        write_entry(
            environment_id,
            "catalogue.schedule_canceled",
            subject=f"schedule:{row.id}",
            before={"at": row.at.isoformat()},
        )
        return queries.scheduled_of(row)


def publish_due(at: datetime) -> int:
    """Publish what is due, each in a transaction of its own; returns how many were decided."""
    table = ScheduledPublicationRow
    due = select(table.environment_id, table.id).where(table.state == ScheduleState.WAITING.value, table.at <= at)
    waiting = reading().execute(due.order_by(table.at, table.id)).all()
    return sum(_publish_scheduled(environment_id, schedule_id) for environment_id, schedule_id in waiting)


def _publish_scheduled(environment_id: int, schedule_id: str) -> bool:
    with transaction(environment_id) as session:
        row = session.get(ScheduledPublicationRow, (environment_id, schedule_id), populate_existing=True)
        if row is None or row.state != ScheduleState.WAITING.value:
            return False
        try:
            published = publish(
                environment_id,
                SourceDocument(orjson.loads(row.document)),
                terms=_still_meant(read_terms(row.terms)),
                base_version=row.base_version,
                message=row.message,
                by=row.created_by,
            )
        except Problem as refusal:
            # Its own part was undone; that it failed, and why, is for people to see.
            _decide(row, ScheduleState.FAILED)
            row.code, row.reason = refusal.code, refusal.detail[:1000]
            after = {"code": refusal.code, "reason": refusal.detail}
            write_entry(environment_id, "catalogue.schedule_failed", subject=f"schedule:{row.id}", after=after)
        else:
            _decide(row, ScheduleState.PUBLISHED)
            row.version = published.version
        session.flush()
        return True


def _still_meant(terms: Terms) -> Terms:
    # The job may come a little late; a date that was meant to be the publication's own has then just passed.
    if terms.starts_at is not None and terms.starts_at <= now():
        return replace(terms, starts_at=None, incentive=None)
    return terms


@dataclass(frozen=True, slots=True)
class _Entry:
    """What is written down about a publication; ``back_to`` is the version that it takes up again."""

    message: str
    by: str | None
    base_version: int | None = None
    back_to: int | None = None


def _publish(environment_id: int, proposal: Proposal, terms: Terms, entry: _Entry) -> CatalogueVersion:
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
    _refuse_removals(environment_id, proposal)
    if entry.back_to is not None:
        forget_pending_ends(environment_id, decided_after=entry.back_to, at=now())
    if terms.audience is Audience.ALL:
        _end_older_versions(environment_id, published, terms)
    _carry_draft_along(environment_id, entry.by)
    _log(environment_id, proposal.published.version, published, terms, entry)
    return published


def _end_older_versions(environment_id: int, published: CatalogueVersion, terms: Terms) -> None:
    starts_at = terms.starts_at or now()
    # Whoever is moved at once has had no time to be told.
    notice_at = None if terms.starts_at is None else starts_at - timedelta(days=terms.notice_days)
    end_older_versions(environment_id, published, at=starts_at, notice_at=notice_at, incentive=terms.incentive)


def _log(environment_id: int, before: int, published: CatalogueVersion, terms: Terms, entry: _Entry) -> None:
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


def _refuse_removals(environment_id: int, proposal: Proposal) -> None:
    blocked = removed_in_use(environment_id, proposal.published, proposal.after)
    if blocked:
        names = ", ".join(in_use.subject for in_use in blocked)
        raise Conflict(
            "in_use",
            f"What is in use cannot be removed: {names}. Archive it instead; it then works on for who has it.",
            errors=[_removal_error(in_use) for in_use in blocked],
        )


def _removal_error(in_use: InUse) -> FieldError:
    kind, _, key = in_use.subject.partition(":")
    return FieldError(f"{_SECTIONS[kind]}.{key}", "in_use", f"In use by {_told(in_use.holds)}.")


def _told(uses: Iterable[Use]) -> str:
    return ", ".join(f"{use.count} {_nouns(use)}" for use in uses)


def _nouns(use: Use) -> str:
    one, several = _NOUNS[use.kind]
    return one if use.count == 1 else several


_NOUNS = {
    UseKind.SUBSCRIPTION: ("subscription", "subscriptions"),
    UseKind.SCHEDULED: ("scheduled subscription", "scheduled subscriptions"),
    UseKind.TRIAL: ("trial", "trials"),
    UseKind.PINNED_VERSION: ("holder of an older version", "holders of older versions"),
    UseKind.DEFAULT_PLAN: ("account on the default plan", "accounts on the default plan"),
    UseKind.GRANT: ("account with a grant", "accounts with a grant"),
    UseKind.HOST: ("check by hosts in the last 7 days", "checks by hosts in the last 7 days"),
}


def _past() -> FieldError:
    return FieldError("at", "out_of_range", "The time has passed already.")


def _decide(row: ScheduledPublicationRow, state: ScheduleState) -> None:
    row.state = state.value
    row.decided_at = now()
