"""The catalogue over HTTP: read and list versions, validate, compare, push the draft, publish."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Response
from marshmallow import Schema

from liftgate_server.access.caller import Role
from liftgate_server.access.guard import current_caller, management
from liftgate_server.catalog import comparison, drafts, examples, queries, service
from liftgate_server.catalog.bodies import (
    DOCUMENT_BODY,
    OPTIONAL_DOCUMENT_BODY,
    YAML_TYPE,
    given_document,
    required_document,
    wants_yaml,
)
from liftgate_server.catalog.comparison import Difference
from liftgate_server.catalog.queries import CatalogueVersion, Draft, VersionSummary
from liftgate_server.catalog.schemas import (
    CatalogueSchema,
    DiffArgs,
    DifferenceSchema,
    DraftSchema,
    PublishArgs,
    PublishedSchema,
    PushArgs,
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


@blueprint.route("/publish", methods=["POST"])
@management(Role.PUBLISHER)
@_large_body
@idempotent
@blueprint.doc(requestBody=OPTIONAL_DOCUMENT_BODY)
@blueprint.arguments(PublishArgs, location="query", as_kwargs=True)
@blueprint.response(200, PublishedSchema, example=examples.PUBLISHED)
def publish(base: int | None, message: str) -> CatalogueVersion:
    """Publish a document, or the draft, as the next version: wholly or not at all."""
    caller = current_caller()
    return service.publish(
        caller.environment_id, given_document(), base_version=base, message=message, by=caller.key_id
    )


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
def push_draft(base: int) -> Response:
    """Replace the draft, if ``base`` is its revision."""
    caller = current_caller()
    draft = drafts.push_draft(caller.environment_id, required_document(), base_revision=base, by=caller.key_id)
    return _document_response(draft, DraftSchema(), etag=None)


def _document_response(source: CatalogueVersion | Draft, schema: Schema, *, etag: str | None) -> Response:
    # Written here, because the framework's own JSON would sort the keys and with them the features.
    response = json_response(schema.dump(source), etag=etag)
    if wants_yaml() and response.status_code == HTTPStatus.OK:
        response.set_data(write_yaml(source.document))
        response.content_type = YAML_TYPE
    response.headers["Vary"] = "Accept"
    return response
