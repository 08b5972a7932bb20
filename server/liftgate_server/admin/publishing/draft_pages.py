"""What can be done with a draft short of publishing it: give it up, bring it up to date, archive what it removes."""

from __future__ import annotations

from flask import request
from werkzeug import Response

from liftgate_server.admin.catalogue.workbench import look
from liftgate_server.admin.framing import Problem, Role, go_to, toast, visitor
from liftgate_server.admin.framing import translate as _
from liftgate_server.admin.publishing.area import area
from liftgate_server.admin.publishing.blocked import archive_edit
from liftgate_server.admin.publishing.names import author
from liftgate_server.admin.publishing.review_forms import sent_number, show_review
from liftgate_server.admin.publishing.review_view import review_page
from liftgate_server.catalog import drafts
from liftgate_server.catalog.drafts import Keep

Shown = tuple[str, int]


@area.action("/review/discard", least=Role.EDITOR)
def discard() -> Response:
    """Give the draft up."""
    drafts.discard_draft(visitor().environment.id, base_revision=sent_number("base_revision"), by=author())
    toast(_("The draft was discarded. Its revisions are kept in the history."))
    return go_to("publishing.review")


@area.action("/review/rebase", least=Role.EDITOR)
def rebase() -> Shown | Response:
    """Bring what was published meanwhile into the draft; where both changed a field, ask whose value stays."""
    keep = request.form.get("keep")
    try:
        drafts.rebase_draft(
            visitor().environment.id,
            base_revision=sent_number("base_revision"),
            by=author(),
            keep=Keep(keep) if keep in set(Keep) else None,
        )
    except Problem as problem:
        return show_review(review_page({}, problem=problem)), problem.status
    toast(_("The draft is up to date with what is published."))
    return go_to("publishing.review")


@area.action("/review/archive", least=Role.EDITOR)
def archive() -> Response:
    """Bring back a part that cannot be removed, archived."""
    bench = look(visitor().environment.id)
    edit = archive_edit(bench.published.document, request.form.get("subject", ""))
    drafts.edit_draft(bench.environment_id, [edit], base_revision=sent_number("base_revision"), by=author())
    toast(_("It is back in the draft, archived: whoever has it keeps it, and nobody else is offered it."))
    return go_to("publishing.review")
