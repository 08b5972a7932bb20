"""What was published, what is scheduled, and the draft's own history; going back to an older version."""

from __future__ import annotations

from collections.abc import Mapping

from flask import request
from werkzeug import Response

from liftgate_server.admin.framing import Problem, Role, go_to, problem_text, render, toast, visitor
from liftgate_server.admin.framing import translate as _
from liftgate_server.admin.publishing.area import area
from liftgate_server.admin.publishing.history_view import current_number, running_successions, version_page
from liftgate_server.admin.publishing.names import author
from liftgate_server.admin.publishing.prospect import Prospect, prospect
from liftgate_server.admin.publishing.terms_form import terms_of_form
from liftgate_server.catalog import drafts
from liftgate_server.catalog import queries as catalog
from liftgate_server.publishing import queries, service

_REVISIONS_PER_PAGE = 50


@area.page("/history", least=Role.VIEWER)
def history() -> str:
    environment_id = visitor().environment.id
    return render(
        "publishing/history.html",
        versions=catalog.versions(environment_id, cursor=request.args.get("cursor"), limit=25),
        scheduled=queries.scheduled(environment_id, limit=10),
        current=current_number(environment_id),
        is_first_page="cursor" not in request.args,
        problem_words=problem_text,
    )


@area.page("/history/<int(max=9007199254740991):version>", least=Role.VIEWER)
def version(version: int) -> str:
    page = version_page(version, request.args.get("against"))
    return render(
        "publishing/version.html",
        page=page,
        successions=running_successions(page) if page.is_current else (),
        is_new=request.args.get("published") == "now",
    )


@area.page("/history/drafts", least=Role.VIEWER)
def draft_revisions() -> str:
    revisions = drafts.revisions(visitor().environment.id, request.args.get("cursor"), _REVISIONS_PER_PAGE)
    return render("publishing/drafts.html", revisions=revisions)


@area.page("/history/<int(max=9007199254740991):version>/roll-back", least=Role.VIEWER)
def roll_back(version: int) -> str:
    """Show what going back to a version would do, on the terms that the address names."""
    return _roll_back_page(version, _prospect_of(version, request.args))


@area.action("/history/<int(max=9007199254740991):version>/roll-back", least=Role.PUBLISHER)
def roll_back_now(version: int) -> tuple[str, int] | Response:
    environment_id = visitor().environment.id
    try:
        terms = terms_of_form(request.form, catalog.catalogue_of(catalog.version(environment_id, version)))
        published = service.roll_back(
            environment_id, version, terms=terms, message=request.form.get("message", "").strip(), by=author()
        )
    except Problem as problem:
        return _roll_back_page(version, _prospect_of(version, request.form, problem)), problem.status
    toast(_("Version {version} is published: it is what version {old} was.", version=published.version, old=version))
    return go_to("publishing.version", version=published.version, published="now")


@area.action("/history/scheduled/<publication>/cancel", least=Role.PUBLISHER)
def cancel_scheduled(publication: str) -> Response:
    service.cancel_scheduled(visitor().environment.id, publication)
    toast(_("The scheduled publication is canceled. The draft is untouched."))
    return go_to("publishing.history")


def _prospect_of(version: int, fields: Mapping[str, str], problem: Problem | None = None) -> Prospect:
    environment_id = visitor().environment.id
    document = catalog.version(environment_id, version).document
    return prospect(catalog.current_version(environment_id), document, fields, problem=problem)


def _roll_back_page(version: int, found: Prospect) -> str:
    return render("publishing/roll_back.html", version=version, prospect=found)
