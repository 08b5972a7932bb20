"""The catalogue over HTTP: read and list versions, validate, compare, and work on the draft."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Response
from marshmallow import Schema

from liftgate_server.access.caller import Role
from liftgate_server.access.guard import current_caller, management
from liftgate_server.catalog import comparison, drafts, examples, queries, service
from liftgate_server.catalog.bodies import DOCUMENT_BODY, YAML_TYPE, required_document, wants_yaml
from liftgate_server.catalog.comparison import Difference
from liftgate_server.catalog.drafts import DraftRevision, Keep
from liftgate_server.catalog.queries import CatalogueVersion, Draft, VersionSummary
from liftgate_server.catalog.schemas import (
    CatalogueSchema,
    DiffArgs,
    DifferenceSchema,
    DiscardArgs,
    DraftEditsSchema,
    DraftSchema,
    PushArgs,
    RebaseArgs,
    RevisionPageSchema,
    ValidSchema,
    VersionPageSchema,
)
from liftgate_server.catalog.yaml_writer import write_yaml
from liftgate_server.plumbing.http import (
    CATALOGUE_BODY_LIMIT_BYTES,
    Blueprint,
    PageArgs,
    body_limit,
    idempotent,
    json_response,
)
from liftgate_server.plumbing.paging import Page

__all__ = ["blueprint", "blueprints"]

blueprint = Blueprint("catalogue", __name__, url_prefix="/v1/catalogue", description="The catalogue document")
blueprints = (blueprint,)

_large_body = body_limit(CATALOGUE_BODY_LIMIT_BYTES)


@blueprint.route("")
@management(Role.VIEWER)
@blueprint.response(200, CatalogueSchema, example=examples.CATALOGUE)
@blueprint.alt_response(304)
def get_catalogue() -> Response:
    """Return the published catalogue, as YAML with ``Accept: application/yaml``; version 0 before the first."""
    current = queries.current_version(current_caller().environment_id)
    return _document_response(current, CatalogueSchema(), etag=f"c{current.version}")


@blueprint.route("/versions")
@management(Role.VIEWER)
@blueprint.arguments(PageArgs, location="query", as_kwargs=True)
@blueprint.response(200, VersionPageSchema, example=examples.VERSIONS)
def list_versions(**page: Any) -> Page[VersionSummary]:
    """List what was published, newest first."""
    return queries.versions(current_caller().environment_id, **page)


@blueprint.route("/versions/<int(max=9007199254740991):number>")
@management(Role.VIEWER)
@blueprint.response(200, CatalogueSchema, example=examples.CATALOGUE)
@blueprint.alt_response(304)
def get_version(number: int) -> Response:
    """Return one published version, as YAML with ``Accept: application/yaml``."""
    found = queries.version(current_caller().environment_id, number)
    return _document_response(found, CatalogueSchema(), etag=f"c{found.version}")


@blueprint.route("/validate", methods=["POST"])
@management(Role.VIEWER)
@_large_body
@blueprint.doc(requestBody=DOCUMENT_BODY)
@blueprint.response(200, ValidSchema, example=examples.VALID)
def validate() -> dict[str, bool]:
    """Check a document; everything that is wrong with it is answered as 422 ``invalid_catalogue``."""
    service.validate(required_document())
    return {"valid": True}


@blueprint.route("/diff", methods=["POST"])
@management(Role.VIEWER)
@_large_body
@blueprint.doc(requestBody=DOCUMENT_BODY)
@blueprint.arguments(DiffArgs, location="query", as_kwargs=True)
@blueprint.response(200, DifferenceSchema, example=examples.DIFFERENCE)
def diff(against: str | int) -> Difference:
    """Compare a document with what is published, with the draft or with an older version."""
    return comparison.compare(current_caller().environment_id, required_document(), against=against)


@blueprint.route("/draft")
@management(Role.VIEWER)
@blueprint.response(200, DraftSchema, example=examples.DRAFT)
@blueprint.alt_response(304)
def get_draft() -> Response:
    """Return the draft with its revision, as YAML with ``Accept: application/yaml``."""
    draft = queries.draft(current_caller().environment_id)
    return _document_response(draft, DraftSchema(), etag=f"d{draft.revision}")


@blueprint.route("/draft", methods=["PUT"])
@management(Role.EDITOR)
@_large_body
@blueprint.doc(requestBody=DOCUMENT_BODY)
@blueprint.arguments(PushArgs, location="query", as_kwargs=True)
@blueprint.response(200, DraftSchema, example=examples.DRAFT)
def push_draft(base: int, *, merge: bool) -> Response:
    """Replace the draft, if ``base`` is its revision, or with ``merge`` bring in what others saved since."""
    caller, source = current_caller(), required_document()
    draft = drafts.push_draft(caller.environment_id, source, base_revision=base, merge=merge, by=caller.key_id)
    return _document_response(draft, DraftSchema(), etag=None)


@blueprint.route("/draft", methods=["PATCH"])
@management(Role.EDITOR)
@_large_body
@blueprint.arguments(DraftEditsSchema, as_kwargs=True, example=examples.EDITS)
@blueprint.response(200, DraftSchema, example=examples.DRAFT)
def edit_draft(**wanted: Any) -> Response:
    """Change fields of the draft, merged with what others saved since; a field both changed is ``edit_conflict``."""
    caller = current_caller()
    draft = drafts.edit_draft(caller.environment_id, by=caller.key_id, **wanted)
    return _document_response(draft, DraftSchema(), etag=None)


@blueprint.route("/draft", methods=["DELETE"])
@management(Role.EDITOR)
@blueprint.arguments(DiscardArgs, location="query", as_kwargs=True)
@blueprint.response(204)
def discard_draft(base: int) -> None:
    """Give up the draft, if ``base`` is its revision; its revisions are kept."""
    caller = current_caller()
    drafts.discard_draft(caller.environment_id, base_revision=base, by=caller.key_id)


@blueprint.route("/draft/rebase", methods=["POST"])
@management(Role.EDITOR)
@idempotent
@blueprint.arguments(RebaseArgs, location="query", as_kwargs=True)
@blueprint.response(200, DraftSchema, example=examples.DRAFT)
def rebase_draft(base: int, keep: Keep | None) -> Response:
    """Merge into the draft what was published since it was begun."""
    caller = current_caller()
    draft = drafts.rebase_draft(caller.environment_id, base_revision=base, keep=keep, by=caller.key_id)
    return _document_response(draft, DraftSchema(), etag=None)


@blueprint.route("/draft/revisions")
@management(Role.VIEWER)
@blueprint.arguments(PageArgs, location="query", as_kwargs=True)
@blueprint.response(200, RevisionPageSchema, example=examples.REVISIONS)
def list_revisions(**page: Any) -> Page[DraftRevision]:
    """List the kept revisions of the draft, newest first."""
    return drafts.revisions(current_caller().environment_id, **page)


def _document_response(source: CatalogueVersion | Draft, schema: Schema, *, etag: str | None) -> Response:
    # Written here, because the framework's own JSON would sort the keys and with them the features.
    response = json_response(schema.dump(source), etag=etag)
    if wants_yaml() and response.status_code == HTTPStatus.OK:
        response.set_data(write_yaml(source.document))
        response.content_type = YAML_TYPE
    response.headers["Vary"] = "Accept"
    return response
