"""The page on which a draft is looked at whole, with the accounts it touches, and published: now, or at a time."""

# size: a form, its page and the two services it leads to meet here

from __future__ import annotations

from flask import request
from werkzeug import Response

from liftgate.engine.catalogue import read_catalogue
from liftgate_server.admin.catalogue.workbench import look
from liftgate_server.admin.framing import Problem, Role, go_to, reader_language, render, toast, visitor
from liftgate_server.admin.framing import translate as _
from liftgate_server.admin.moments import read_moment
from liftgate_server.admin.publishing.area import area
from liftgate_server.admin.publishing.names import Names, author
from liftgate_server.admin.publishing.review_forms import sent_number, show_review
from liftgate_server.admin.publishing.review_view import review_page
from liftgate_server.admin.publishing.terms_form import TERMS_FIELDS, read_terms, terms_of_form
from liftgate_server.admin.wording import reader_for_pages
from liftgate_server.catalog import drafts
from liftgate_server.catalog.document import SourceDocument
from liftgate_server.catalog.drafts import Draft
from liftgate_server.plumbing.errors import Conflict, FieldError, Invalid
from liftgate_server.publishing import review as reviewing
from liftgate_server.publishing import service
from liftgate_server.publishing.facts import Effect, Terms

Shown = tuple[str, int]

_LATER = "later"


@area.page("/review", least=Role.VIEWER)
def review() -> str:
    """Show what would be published, on the terms that the address names."""
    return show_review(review_page(request.args))


@area.page("/review/affected/<effect>", least=Role.VIEWER)
def affected(effect: str) -> str:
    """List the accounts that gain, lose, move, or come to be over a limit."""
    environment_id = visitor().environment.id
    wanted = Effect(effect) if effect in set(Effect) else Effect.LOSSES
    bench = look(environment_id)
    reading = read_terms(request.args, bench.catalogue)
    found = reviewing.affected_accounts(
        environment_id,
        effect=wanted,
        terms=reading.terms,
        cursor=request.args.get("cursor"),
        language=visitor().language,
    )
    terms = {name: request.args[name] for name in TERMS_FIELDS if request.args.get(name)}
    names = Names(bench.catalogue, bench.live, reader_for_pages(reader_language(), bench.languages))
    return render("publishing/affected.html", effect=wanted.value, accounts=found, terms=terms, names=names)


@area.action("/review/publish", least=Role.PUBLISHER)
def publish() -> Shown | Response:
    """Publish the draft on the terms of the form, now or at a moment."""
    try:
        reviewed = _reviewed()
        terms = terms_of_form(request.form, read_catalogue(reviewed.document))
        publish = _publish_later if request.form.get("when") == _LATER else _publish_now
        return publish(SourceDocument(reviewed.document), terms)
    except Problem as problem:
        return show_review(review_page(request.form, problem=problem)), problem.status


def _reviewed() -> Draft:
    """Return the draft as it was reviewed; raises ``Conflict`` when somebody has saved another revision since."""
    draft = drafts.publishable_draft(visitor().environment.id)
    if draft.revision != sent_number("base_revision"):
        sentence = "The draft was changed while you were reviewing it. Look at the new one before publishing."
        raise Conflict("stale_revision", sentence)
    return draft


def _publish_now(source: SourceDocument, terms: Terms) -> Response:
    published = service.publish(
        visitor().environment.id,
        source,
        terms=terms,
        base_version=sent_number("base_version"),
        message=request.form.get("message", "").strip(),
        by=author(),
    )
    toast(_("Version {version} is published. Running apps have it in moments.", version=published.version))
    return go_to("publishing.version", version=published.version, published="now")


def _publish_later(source: SourceDocument, terms: Terms) -> Response:
    at = read_moment(request.form.get("publish_at", ""))
    if at is None:
        message = "Choose the day and the time of the publication."
        raise Invalid("invalid_request", message, errors=[FieldError("publish_at", "missing", message)])
    service.schedule(
        visitor().environment.id,
        source,
        at=at,
        terms=terms,
        message=request.form.get("message", "").strip(),
        by=author(),
    )
    toast(_("The publication is scheduled."))
    return go_to("publishing.history")
