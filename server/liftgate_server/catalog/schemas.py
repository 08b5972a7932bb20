"""Shapes of the catalogue's calls. The document itself is read by the engine, which knows it to the last field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from liftgate_server.catalog.drafts import Edit, Keep
from liftgate_server.plumbing.http import Instant, QueryNumber, StrictSchema, WholeNumber, page_schema

__all__ = [
    "CatalogueSchema",
    "DiffArgs",
    "DifferenceSchema",
    "DiscardArgs",
    "DraftEditsSchema",
    "DraftSchema",
    "PublishedSchema",
    "PushArgs",
    "RebaseArgs",
    "RevisionPageSchema",
    "ValidSchema",
    "VersionPageSchema",
]


# Deeper than any field of a catalogue, and more than a person changes at once.
_DEEPEST_PATH = 12
_LONGEST_PATH_KEY = 200
_MOST_EDITS = 1_000


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
    base_version = fields.Integer(required=True, metadata={"description": "The published version it grew from."})
    updated_by = fields.String(required=True, allow_none=True)
    updated_at = Instant(required=True, allow_none=True)
    document = fields.Dict(keys=fields.String(), required=True)


class ValidSchema(Schema):
    valid = fields.Boolean(required=True)


class DifferenceSchema(Schema):
    against = fields.String(required=True)
    equal = fields.Boolean(required=True)
    changes = fields.List(fields.String(), required=True)
    unified = fields.String(required=True, metadata={"description": "Line by line, between the normal forms in YAML."})


class RevisionSchema(Schema):
    revision = fields.Integer(required=True)
    base_version = fields.Integer(required=True)
    is_discarded = fields.Boolean(required=True, metadata={"description": "The draft was given up here."})
    saved_by = fields.String(required=True, allow_none=True)
    saved_at = Instant(required=True)


RevisionPageSchema = page_schema(RevisionSchema)


class PushArgs(StrictSchema):
    base = QueryNumber(load_default=0, metadata={"description": "The draft's revision; 0 when there is no draft."})
    merge = fields.Boolean(
        load_default=False,
        truthy={"true"},
        falsy={"false"},
        metadata={"description": "Merge in what others saved since `base`, instead of refusing."},
    )


class DiscardArgs(StrictSchema):
    base = QueryNumber(required=True, metadata={"description": "The draft's revision."})


class RebaseArgs(StrictSchema):
    base = QueryNumber(required=True, metadata={"description": "The draft's revision."})
    keep = fields.Enum(
        Keep,
        by_value=True,
        load_default=None,
        metadata={"description": "Whose value stays where both changed a field; without it that is a conflict."},
    )


class EditSchema(StrictSchema):
    path = fields.List(
        fields.String(validate=validate.Length(1, _LONGEST_PATH_KEY)),
        required=True,
        validate=validate.Length(1, _DEEPEST_PATH),
        metadata={"description": "The keys that lead to the field; a list, such as the prices, is one field."},
    )
    value = fields.Raw(required=True, allow_none=True, metadata={"description": "The new value; null takes it out."})

    @post_load
    def make(self, data: dict[str, Any], **_options: Any) -> Edit:
        return Edit(tuple(data["path"]), data["value"])


class DraftEditsSchema(StrictSchema):
    base_revision = WholeNumber(required=True, metadata={"description": "The revision that the edits were made in."})
    base_version = WholeNumber(
        load_default=None, metadata={"description": "The published version that revision 0 stood for."}
    )
    edits = fields.List(fields.Nested(EditSchema), required=True, validate=validate.Length(1, _MOST_EDITS))


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
