"""Shapes of the publishing calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from marshmallow import Schema, ValidationError, fields, post_load, pre_dump, validate

from liftgate.engine.catalogue import InvalidCatalogue, read_standalone_entitlement
from liftgate.engine.catalogue_model import Incentive
from liftgate_server.catalog.advice import WarningCode
from liftgate_server.catalog.queries import ProductKind
from liftgate_server.plumbing.http import (
    Instant,
    PageArgs,
    QueryNumber,
    StrictSchema,
    WholeNumber,
    page_schema,
)
from liftgate_server.publishing.facts import Audience, Effect, ScheduleState, Terms, UseKind
from liftgate_server.publishing.terms import LONGEST_INCENTIVE_DAYS, LONGEST_NOTICE_DAYS, write_terms

__all__ = [
    "AffectedAccountPageSchema",
    "AffectedArgs",
    "PublishArgs",
    "ReviewArgs",
    "ReviewSchema",
    "RollBackSchema",
    "ScheduleArgs",
    "ScheduledArgs",
    "ScheduledPublicationPageSchema",
    "ScheduledPublicationSchema",
    "UsesArgs",
    "UsesSchema",
    "WarningsSchema",
]

_LONGEST_MESSAGE = 500
_TERMS = ("audience", "starts_at", "notice_days", "incentive")
_KEY = validate.Regexp(r"[a-z][a-z0-9_.-]{0,63}\Z")


class IncentiveSchema(StrictSchema):
    """What changing early brings; the entitlement stands alone, such as ``{"limit": 50, "per": "month"}``."""

    feature = fields.String(required=True, validate=_KEY)
    entitlement = fields.Raw(required=True)
    days = WholeNumber(required=True, least=1, most=LONGEST_INCENTIVE_DAYS)

    @post_load
    def make(self, data: dict[str, Any], **_options: Any) -> Incentive:
        try:
            entitlement = read_standalone_entitlement(data["feature"], data["entitlement"])
        except InvalidCatalogue as failure:
            raise ValidationError(str(failure), "entitlement") from failure
        return Incentive(data["feature"], entitlement, data["days"])


class IncentiveText(fields.String):
    """An incentive as JSON in the query."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        try:
            document = orjson.loads(super()._deserialize(value, attr, data, **kwargs) or "")
        except orjson.JSONDecodeError as failure:
            raise ValidationError("Not a valid incentive: it is not JSON.") from failure
        return IncentiveSchema().load(document)


def _terms_from(data: dict[str, Any]) -> dict[str, Any]:
    terms = Terms(**{name: data.pop(name) for name in _TERMS})
    return {**data, "terms": terms}


class TermsArgs(StrictSchema):
    audience = fields.Enum(
        Audience,
        by_value=True,
        load_default=Audience.NEW,
        metadata={"description": "`new`: subscribers keep their version; `all`: they move too, from `starts_at` on."},
    )
    starts_at = Instant(load_default=None, metadata={"description": "When subscribers move; at once without it."})
    notice_days = QueryNumber(load_default=30, validate=validate.Range(0, LONGEST_NOTICE_DAYS))
    incentive = IncentiveText(
        load_default=None,
        validate=None,
        metadata={"description": "What moving early brings, as JSON: `{feature, entitlement, days}`."},
    )

    @post_load
    def gather_terms(self, data: dict[str, Any], **_options: Any) -> dict[str, Any]:
        return _terms_from(data)


class PublishArgs(TermsArgs):
    base = QueryNumber(load_default=None, metadata={"description": "Refuse unless this version is the current one."})
    message = fields.String(load_default="", validate=validate.Length(max=_LONGEST_MESSAGE))


class ScheduleArgs(TermsArgs):
    at = Instant(required=True)
    message = fields.String(load_default="", validate=validate.Length(max=_LONGEST_MESSAGE))


class ReviewArgs(TermsArgs):
    language = fields.String(load_default="en", validate=validate.OneOf(("en", "de")))


class AffectedArgs(ReviewArgs, PageArgs):
    effect = fields.Enum(Effect, by_value=True, required=True)


class RollBackSchema(StrictSchema):
    version = WholeNumber(required=True, least=1)
    message = fields.String(load_default="", validate=validate.Length(max=_LONGEST_MESSAGE))
    audience = fields.Enum(Audience, by_value=True, load_default=Audience.NEW)
    starts_at = Instant(load_default=None)
    notice_days = WholeNumber(load_default=30, most=LONGEST_NOTICE_DAYS)
    incentive = fields.Nested(IncentiveSchema, load_default=None)

    @post_load
    def gather_terms(self, data: dict[str, Any], **_options: Any) -> dict[str, Any]:
        return _terms_from(data)


class ScheduledArgs(PageArgs):
    state = fields.Enum(ScheduleState, by_value=True, load_default=None)


class UsesArgs(StrictSchema):
    subject = fields.String(load_default=None, validate=validate.Length(1, 200))


class TierWarningSchema(Schema):
    code = fields.Enum(WarningCode, by_value=True, required=True)
    plan = fields.String(required=True)
    other = fields.String(required=True)
    message = fields.String(required=True)
    values = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class WarningsSchema(Schema):
    items = fields.List(fields.Nested(TierWarningSchema), required=True)


class UseSchema(Schema):
    kind = fields.Enum(UseKind, by_value=True, required=True)
    count = fields.Integer(required=True)
    examples = fields.List(fields.String(), required=True)


class InUseSchema(Schema):
    subject = fields.String(required=True)
    removable = fields.Function(
        lambda in_use: not in_use.holds,
        required=True,
        metadata={"type": "boolean", "description": "Whether nothing outside of the document uses it."},
    )
    by = fields.List(fields.Nested(UseSchema), required=True)


class UsesSchema(Schema):
    items = fields.List(fields.Nested(InUseSchema), required=True)


class PlanImpactSchema(Schema):
    kind = fields.Enum(ProductKind, by_value=True, required=True)
    plan = fields.String(required=True, metadata={"description": "The key of the plan, or of the add-on."})
    name = fields.String(required=True)
    from_version = fields.Integer(required=True)
    to_version = fields.Integer(required=True, allow_none=True)
    follows = fields.Boolean(
        required=True, metadata={"description": "These have no subscription and follow the default plan at once."}
    )
    accounts = fields.Integer(required=True)
    gains = fields.List(fields.String(), required=True)
    losses = fields.List(fields.String(), required=True)
    over_limit = fields.Integer(required=True)


class ImpactSchema(Schema):
    gaining = fields.Integer(required=True)
    losing = fields.Integer(required=True)
    over_limit = fields.Integer(required=True)
    moving = fields.Integer(required=True)
    keeping = fields.Integer(required=True)
    plans = fields.List(fields.Nested(PlanImpactSchema), required=True)


class TermsSchema(Schema):
    audience = fields.String(required=True)
    starts_at = fields.String(required=True, allow_none=True)
    notice_days = fields.Integer(required=True)
    incentive = fields.Dict(keys=fields.String(), required=True, allow_none=True)

    @pre_dump
    def write(self, terms: Terms, **_options: Any) -> dict[str, Any]:
        return write_terms(terms)


class ReviewSchema(Schema):
    base_version = fields.Integer(required=True)
    revision = fields.Integer(required=True, allow_none=True)
    is_empty = fields.Boolean(required=True)
    changes = fields.List(fields.String(), required=True)
    unified = fields.String(required=True)
    warnings = fields.List(fields.Nested(TierWarningSchema), required=True)
    impact = fields.Nested(ImpactSchema, required=True)
    blocked = fields.List(fields.Nested(InUseSchema), required=True)
    terms = fields.Nested(TermsSchema, required=True)


class AffectedAccountSchema(Schema):
    customer = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    plan = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True, allow_none=True)
    details = fields.List(fields.String(), required=True)


AffectedAccountPageSchema = page_schema(AffectedAccountSchema)


class ScheduledPublicationSchema(Schema):
    id = fields.String(required=True)
    at = Instant(required=True)
    state = fields.Enum(ScheduleState, by_value=True, required=True)
    base_version = fields.Integer(required=True)
    terms = fields.Nested(TermsSchema, required=True)
    message = fields.String(required=True)
    created_by = fields.String(required=True, allow_none=True)
    created_at = Instant(required=True)
    decided_at = Instant(required=True, allow_none=True)
    version = fields.Integer(required=True, allow_none=True)
    code = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)


ScheduledPublicationPageSchema = page_schema(ScheduledPublicationSchema)
