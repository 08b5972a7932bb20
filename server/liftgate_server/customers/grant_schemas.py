"""The shapes of grants."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from liftgate.engine.customer_state import GrantKind
from liftgate_server.customers.facts import GrantState
from liftgate_server.customers.grant_service import CreateGrant
from liftgate_server.customers.models import KEY_LENGTH
from liftgate_server.customers.schemas import is_plain
from liftgate_server.plumbing.http import Instant, PageArgs, StrictSchema, WholeNumber, page_schema

_KEY = validate.Length(1, KEY_LENGTH)
_GIVEN = {"description": "As in a plan of the catalogue document: `true`, `500`, `unlimited`, `{limit, per}` …"}
_KEPT = {"description": "In the form that stands alone: `true`, `{value}`, `{limit, per}` or a list of limits."}


class GrantSchema(Schema):
    id = fields.String(required=True)
    customer = fields.String(required=True)
    kind = fields.Enum(GrantKind, by_value=True, required=True)
    state = fields.Enum(GrantState, by_value=True, required=True)
    feature = fields.String(required=True, allow_none=True)
    plan = fields.String(required=True, allow_none=True)
    plan_version = fields.Integer(required=True, allow_none=True)
    entitlement = fields.Raw(required=True, allow_none=True, metadata=_KEPT)
    max_uses = fields.Integer(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    created_by = fields.String(required=True, allow_none=True)
    created_at = Instant(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True, allow_none=True)


class CreateGrantSchema(StrictSchema):
    """What each kind needs: see ``_NEEDED`` and ``_ALLOWED``."""

    kind = fields.Enum(GrantKind, by_value=True, required=True)
    feature = fields.String(validate=_KEY)
    plan = fields.String(validate=_KEY)
    entitlement = fields.Raw(metadata=_GIVEN)
    max_uses = WholeNumber(least=1)
    reason = fields.String(validate=[validate.Length(1, 500), is_plain])
    starts_at = Instant()
    ends_at = Instant(allow_none=True)

    @validates_schema
    def fits_its_kind(self, values: dict[str, Any], **_context: Any) -> None:
        form = _FORMS[_form_of(values)]
        problems = {name: ["Missing data for required field."] for name in form["needed"] if name not in values}
        problems |= {
            name: [f"Not allowed for a grant of kind {values['kind'].value}."]
            for name in ("feature", "plan", "entitlement", "max_uses")
            if name in values and name not in form["needed"] | form["allowed"]
        }
        if _form_of(values).endswith("trial") and values.get("ends_at") is None and "max_uses" not in values:
            problems["ends_at"] = ["Missing data: a trial is bounded by time or by uses."]
        if problems:
            raise ValidationError(problems)

    @post_load
    def build(self, values: dict[str, Any], **_context: Any) -> CreateGrant:
        return CreateGrant(**values)


_FORMS: dict[str, dict[str, frozenset[str]]] = {
    "override": {"needed": frozenset({"feature", "entitlement"}), "allowed": frozenset()},
    "promotion": {"needed": frozenset({"feature", "entitlement"}), "allowed": frozenset()},
    "revoke": {"needed": frozenset({"feature", "reason"}), "allowed": frozenset()},
    "trial": {"needed": frozenset({"feature", "entitlement"}), "allowed": frozenset({"max_uses"})},
    "plan trial": {"needed": frozenset({"plan"}), "allowed": frozenset()},
}


def _form_of(values: dict[str, Any]) -> str:
    kind: GrantKind = values["kind"]
    return "plan trial" if kind is GrantKind.TRIAL and "plan" in values else kind.value


class GrantArgs(PageArgs):
    state = fields.Enum(GrantState, by_value=True, load_default=None)


GrantPageSchema = page_schema(GrantSchema)
