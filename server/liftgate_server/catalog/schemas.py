"""Shapes of the catalogue's calls. The document itself is read by the engine, which knows it to the last field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from liftgate_server.plumbing.http import Instant, QueryNumber, StrictSchema, page_schema

__all__ = [
    "CatalogueSchema",
    "DiffArgs",
    "DifferenceSchema",
    "DraftSchema",
    "PublishArgs",
    "PublishedSchema",
    "PushArgs",
    "ValidSchema",
    "VersionPageSchema",
]


class CatalogueSchema(Schema):
    version = fields.Integer(required=True)
    message = fields.String(required=True)
    published_by = fields.String(required=True, allow_none=True)
    published_at = Instant(required=True, allow_none=True)
    plan_versions = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    addon_versions = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    document = fields.Dict(keys=fields.String(), required=True)


class PublishedSchema(Schema):
    version = fields.Integer(required=True)
    changed = fields.Boolean(required=True, metadata={"description": "False when this content was published already."})
    changes = fields.List(fields.String(), required=True)
    message = fields.String(required=True)
    published_by = fields.String(required=True, allow_none=True)
    published_at = Instant(required=True, allow_none=True)
    plan_versions = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    addon_versions = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class VersionSchema(Schema):
    version = fields.Integer(required=True)
    message = fields.String(required=True)
    published_by = fields.String(required=True, allow_none=True)
    published_at = Instant(required=True)


VersionPageSchema = page_schema(VersionSchema)


class DraftSchema(Schema):
    revision = fields.Integer(required=True)
    updated_by = fields.String(required=True, allow_none=True)
    updated_at = Instant(required=True)
    document = fields.Dict(keys=fields.String(), required=True)


class ValidSchema(Schema):
    valid = fields.Boolean(required=True)


class DifferenceSchema(Schema):
    against = fields.String(required=True)
    equal = fields.Boolean(required=True)
    changes = fields.List(fields.String(), required=True)
    unified = fields.String(required=True, metadata={"description": "Line by line, between the normal forms in YAML."})


class PublishArgs(StrictSchema):
    base = QueryNumber(load_default=None, metadata={"description": "Refuse unless this version is the current one."})
    message = fields.String(load_default="", validate=validate.Length(max=500))


class PushArgs(StrictSchema):
    base = QueryNumber(load_default=0, metadata={"description": "The draft's revision; 0 when there is no draft."})


class Against(fields.String):
    """``published``, ``draft`` or the number of a version; loads into what ``service.compare`` takes."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text in {"published", "draft"}:
            return text
        if isinstance(text, str) and text.isascii() and text.isdecimal() and len(text) <= 9:  # noqa: PLR2004 - digits
            return int(text)
        raise ValidationError("Not a valid comparison: published, draft or the number of a version.")


class DiffArgs(StrictSchema):
    against = Against(load_default="published")
