"""Publishing over HTTP: review, who is affected, what is in use, publish, roll back, schedule."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from liftgate.engine.catalogue import read_catalogue
from liftgate_server.access.caller import Role
from liftgate_server.access.guard import current_caller, management
from liftgate_server.catalog.advice import TierWarning, tier_warnings
from liftgate_server.catalog.bodies import DOCUMENT_BODY, OPTIONAL_DOCUMENT_BODY, given_document, required_document
from liftgate_server.catalog.drafts import open_draft
from liftgate_server.catalog.examples import PUBLISHED
from liftgate_server.catalog.queries import CatalogueVersion
from liftgate_server.catalog.schemas import PublishedSchema
from liftgate_server.plumbing.http import CATALOGUE_BODY_LIMIT_BYTES, Blueprint, body_limit, idempotent
from liftgate_server.plumbing.paging import Page
from liftgate_server.publishing import examples, facts, queries, review, schemas, service, uses

__all__ = ["blueprint", "blueprints"]

blueprint = Blueprint("publishing", __name__, url_prefix="/v1/catalogue", description="From the draft to the customers")
blueprints = (blueprint,)

_large_body = body_limit(CATALOGUE_BODY_LIMIT_BYTES)


@blueprint.route("/review")
@management(Role.VIEWER)
@blueprint.arguments(schemas.ReviewArgs, location="query", as_kwargs=True)
@blueprint.response(200, schemas.ReviewSchema, example=examples.REVIEW)
def review_draft(**wanted: Any) -> facts.Review:
    """Tell what publishing the draft would do: changes, warnings, who is affected, what is in the way."""
    return review.review(current_caller().environment_id, **wanted)


@blueprint.route("/review", methods=["POST"])
@management(Role.VIEWER)
@_large_body
@blueprint.doc(requestBody=DOCUMENT_BODY)
@blueprint.arguments(schemas.ReviewArgs, location="query", as_kwargs=True)
@blueprint.response(200, schemas.ReviewSchema, example=examples.REVIEW)
def review_document(**wanted: Any) -> facts.Review:
    """Tell what publishing a document would do."""
    return review.review(current_caller().environment_id, source=required_document(), **wanted)


@blueprint.route("/review/accounts")
@management(Role.VIEWER)
@blueprint.arguments(schemas.AffectedArgs, location="query", as_kwargs=True)
@blueprint.response(200, schemas.AffectedAccountPageSchema, example=examples.ACCOUNTS)
def list_affected(**wanted: Any) -> Page[facts.AffectedAccount]:
    """List the accounts on which publishing the draft would have an effect."""
    return review.affected_accounts(current_caller().environment_id, **wanted)


@blueprint.route("/review/accounts", methods=["POST"])
@management(Role.VIEWER)
@_large_body
@blueprint.doc(requestBody=DOCUMENT_BODY)
@blueprint.arguments(schemas.AffectedArgs, location="query", as_kwargs=True)
@blueprint.response(200, schemas.AffectedAccountPageSchema, example=examples.ACCOUNTS)
def list_affected_by_document(**wanted: Any) -> Page[facts.AffectedAccount]:
    """List the accounts on which publishing a document would have an effect."""
    return review.affected_accounts(current_caller().environment_id, source=required_document(), **wanted)


@blueprint.route("/warnings")
@management(Role.VIEWER)
@blueprint.response(200, schemas.WarningsSchema, example=examples.WARNINGS)
def list_warnings() -> dict[str, tuple[TierWarning, ...]]:
    """Tell what is odd about the draft's plans beside each other, or the published ones' without a draft."""
    return {"items": tier_warnings(read_catalogue(open_draft(current_caller().environment_id).document))}


@blueprint.route("/uses")
@management(Role.VIEWER)
@blueprint.arguments(schemas.UsesArgs, location="query", as_kwargs=True)
@blueprint.response(200, schemas.UsesSchema, example=examples.USES)
def list_uses(subject: str | None) -> dict[str, list[facts.InUse]]:
    """Tell what uses each plan, add-on, feature and gate; one of them with ``subject=plan:pro``."""
    environment_id = current_caller().environment_id
    if subject is None:
        return {"items": list(uses.uses(environment_id).values())}
    found = uses.uses_of(environment_id, subject)
    return {"items": [] if found is None else [found]}


@blueprint.route("/publish", methods=["POST"])
@management(Role.PUBLISHER)
@_large_body
@idempotent
@blueprint.doc(requestBody=OPTIONAL_DOCUMENT_BODY)
@blueprint.arguments(schemas.PublishArgs, location="query", as_kwargs=True)
@blueprint.response(200, PublishedSchema, example=PUBLISHED)
def publish(base: int | None, **wanted: Any) -> CatalogueVersion:
    """Publish a document, or the draft, as the next version: wholly or not at all."""
    caller = current_caller()
    return service.publish(caller.environment_id, given_document(), base_version=base, by=caller.key_id, **wanted)


@blueprint.route("/rollback", methods=["POST"])
@management(Role.PUBLISHER)
@idempotent
@blueprint.arguments(schemas.RollBackSchema, as_kwargs=True, example=examples.ROLL_BACK)
@blueprint.response(200, PublishedSchema, example=PUBLISHED)
def roll_back(version: int, **wanted: Any) -> CatalogueVersion:
    """Publish the document of an older version again, as a new version."""
    caller = current_caller()
    return service.roll_back(caller.environment_id, version, by=caller.key_id, **wanted)


@blueprint.route("/scheduled")
@management(Role.VIEWER)
@blueprint.arguments(schemas.ScheduledArgs, location="query", as_kwargs=True)
@blueprint.response(200, schemas.ScheduledPublicationPageSchema, example=examples.SCHEDULED_PAGE)
def list_scheduled(**wanted: Any) -> Page[facts.ScheduledPublication]:
    """List scheduled publications with what became of them, those that were scheduled last first."""
    return queries.scheduled(current_caller().environment_id, **wanted)


@blueprint.route("/scheduled", methods=["POST"])
@management(Role.PUBLISHER)
@_large_body
@idempotent
@blueprint.doc(requestBody=OPTIONAL_DOCUMENT_BODY)
@blueprint.arguments(schemas.ScheduleArgs, location="query", as_kwargs=True)
@blueprint.response(201, schemas.ScheduledPublicationSchema, example=examples.SCHEDULED)
def schedule(at: datetime, **wanted: Any) -> facts.ScheduledPublication:
    """Let a document, or the draft as it is now, be published by itself at a set time."""
    caller = current_caller()
    return service.schedule(caller.environment_id, given_document(), at=at, by=caller.key_id, **wanted)


@blueprint.route("/scheduled/<schedule_id>")
@management(Role.VIEWER)
@blueprint.response(200, schemas.ScheduledPublicationSchema, example=examples.SCHEDULED)
def get_scheduled(schedule_id: str) -> facts.ScheduledPublication:
    """Return one scheduled publication."""
    return queries.scheduled_by_id(current_caller().environment_id, schedule_id)


@blueprint.route("/scheduled/<schedule_id>", methods=["DELETE"])
@management(Role.PUBLISHER)
@blueprint.response(200, schemas.ScheduledPublicationSchema, example=examples.SCHEDULED)
def cancel_scheduled(schedule_id: str) -> facts.ScheduledPublication:
    """Take back a publication that still waits."""
    return service.cancel_scheduled(current_caller().environment_id, schedule_id)
