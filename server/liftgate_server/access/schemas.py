"""The shapes of environments, keys and audit entries."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from marshmallow import Schema, fields, post_load, pre_dump, validate

from liftgate_server.access.caller import CallerKind, Role
from liftgate_server.access.service import EnvironmentChanges, FoundedEnvironment, NewEnvironment, NewKey
from liftgate_server.plumbing.audit import ActorKind
from liftgate_server.plumbing.http import Instant, PageArgs, StrictSchema, TrueOrFalse, page_schema

_Name = validate.Length(1, 200)


class EnvironmentSchema(Schema):
    key = fields.String(required=True)
    name = fields.String(required=True)
    allowed_origins = fields.List(fields.String(), required=True)
    self_confirm = fields.Boolean(required=True)
    default_language = fields.String(required=True)
    created_at = Instant(required=True)


class CreatedEnvironmentSchema(EnvironmentSchema):
    owner_key = fields.String(required=True, metadata={"description": "The first key; it is shown only now."})

    @pre_dump
    def unfold(self, founded: FoundedEnvironment, **_context: Any) -> dict[str, Any]:
        return {**asdict(founded.environment), "owner_key": founded.owner_key}


class NewEnvironmentSchema(StrictSchema):
    key = fields.String(required=True, validate=validate.Length(1, 32))
    name = fields.String(validate=_Name)
    allowed_origins = fields.List(fields.String(validate=validate.Length(1, 300)), load_default=())
    self_confirm = TrueOrFalse(load_default=False)
    default_language = fields.String(load_default="en", validate=validate.Length(2, 35))

    @post_load
    def build(self, values: dict[str, Any], **_context: Any) -> NewEnvironment:
        return NewEnvironment(**values)


class EnvironmentChangesSchema(StrictSchema):
    name = fields.String(validate=_Name)
    allowed_origins = fields.List(fields.String(validate=validate.Length(1, 300)))
    self_confirm = TrueOrFalse()
    default_language = fields.String(validate=validate.Length(2, 35))

    @post_load
    def build(self, values: dict[str, Any], **_context: Any) -> EnvironmentChanges:
        return EnvironmentChanges(**values)


class ApiKeySchema(Schema):
    id = fields.String(required=True)
    kind = fields.Enum(CallerKind, by_value=True, required=True)
    role = fields.Enum(Role, by_value=True, allow_none=True, required=True)
    name = fields.String(required=True)
    created_at = Instant(required=True)
    revoked_at = Instant(allow_none=True, required=True)
    last_used_at = Instant(allow_none=True, required=True)


class CreatedKeySchema(ApiKeySchema):
    key = fields.String(required=True, metadata={"description": "The key itself; it is shown only now."})

    @pre_dump
    def unfold(self, made: NewKey, **_context: Any) -> dict[str, Any]:
        return {**asdict(made.key), "key": made.text}


class NewKeySchema(StrictSchema):
    kind = fields.String(required=True, validate=validate.OneOf([CallerKind.SECRET.value, CallerKind.MANAGEMENT.value]))
    role = fields.Enum(Role, by_value=True, load_default=None, allow_none=True)
    name = fields.String(required=True, validate=_Name)

    @post_load
    def build(self, values: dict[str, Any], **_context: Any) -> dict[str, Any]:
        return {**values, "kind": CallerKind(values["kind"])}


class PingSchema(Schema):
    environment = fields.String(required=True)
    server_time = Instant(required=True)


class AuditEntrySchema(Schema):
    number = fields.Integer(required=True)
    at = Instant(required=True)
    actor_kind = fields.Enum(ActorKind, by_value=True, required=True)
    actor_id = fields.String(required=True)
    actor_name = fields.String(required=True)
    action = fields.String(required=True)
    subject = fields.String(required=True)
    before = fields.Raw(allow_none=True, required=True)
    after = fields.Raw(allow_none=True, required=True)


class AuditArgs(PageArgs):
    action = fields.String(load_default=None, validate=validate.Length(1, 64))
    actor = fields.String(load_default=None, validate=validate.Length(1, 300))
    subject = fields.String(load_default=None, validate=validate.Length(1, 200))


AuditEntryPageSchema = page_schema(AuditEntrySchema)
EnvironmentPageSchema = page_schema(EnvironmentSchema)
ApiKeyPageSchema = page_schema(ApiKeySchema)
