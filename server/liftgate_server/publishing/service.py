"""Changes of what customers have: publishing on terms, rolling back, and doing so at a set time."""

from __future__ import annotations

from liftgate_server.catalog import queries as catalog
from liftgate_server.catalog.document import SourceDocument
from liftgate_server.plumbing.db import transaction
from liftgate_server.publishing.due import publish_due
from liftgate_server.publishing.facts import Terms
from liftgate_server.publishing.proposals import propose, propose_publication
from liftgate_server.publishing.publication import Entry, carry_out
from liftgate_server.publishing.scheduling import cancel_scheduled, schedule

__all__ = ["cancel_scheduled", "publish", "publish_due", "roll_back", "schedule"]


def publish(
    environment_id: int,
    source: SourceDocument | None = None,
    *,
    terms: Terms | None = None,
    base_version: int | None = None,
    message: str = "",
    by: str | None = None,
) -> catalog.CatalogueVersion:
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
        proposal = propose_publication(environment_id, source)
        return carry_out(environment_id, proposal, terms or Terms(), Entry(message, by, base_version=base_version))


def roll_back(
    environment_id: int, version: int, *, terms: Terms | None = None, message: str = "", by: str | None = None
) -> catalog.CatalogueVersion:
    """Publish the document of an older version again, as a new version.

    What later publications decided about the end of versions and has not come yet is taken back. Who was moved already
    stays where they are, unless the terms are for all.
    """
    with transaction(environment_id):
        document = catalog.version(environment_id, version).document
        proposal = propose(environment_id, SourceDocument(document))
        entry = Entry(message or f"Back to version {version}", by, back_to=version)
        return carry_out(environment_id, proposal, terms or Terms(), entry)
