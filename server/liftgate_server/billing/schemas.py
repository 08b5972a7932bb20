"""The shapes of orders."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, pre_dump, validate, validates_schema

from liftgate_server.billing.describing import DescribedOrder
from liftgate_server.billing.facts import NextKind, OrderKind, OrderStatus
from liftgate_server.billing.service import PlaceOrder
from liftgate_server.customers.schemas import is_currency, is_plain
from liftgate_server.customers.subscription_schemas import MOST_SEATS, Interval
from liftgate_server.plumbing.http import Instant, PageArgs, StrictSchema, WholeNumber, page_schema

# The lengths of docs/contracts.md.
_KEY = validate.Length(1, 64)
_ID = [validate.Length(1, 128), validate.Regexp(r"^[A-Za-z0-9._:@|-]+\Z", error="Not a valid id.")]


class _PurchaseSchema(StrictSchema):
    """A plan or an add-on, just one of the two. There is no amount: prices come from the catalogue.

    ``null`` is as good as absent, so that an option of a payload can be ordered as it stands.
    """

    plan = fields.String(validate=_KEY, allow_none=True)
    addon = fields.String(validate=_KEY, allow_none=True)
    interval = Interval(required=True)
    currency = fields.String(validate=is_currency, allow_none=True)
    quantity = WholeNumber(
        allow_none=True,
        least=1,
        most=MOST_SEATS,
        metadata={"description": "Seats of a plan (default: as many as now), or how many more of an add-on."},
    )

    @validates_schema
    def names_one_thing(self, values: dict[str, Any], **_context: Any) -> None:
        if (values.get("plan") is None) == (values.get("addon") is None):
            raise ValidationError({"plan": ["Missing data: name either a plan or an addon."]})


class HostOrderSchema(_PurchaseSchema):
    customer = fields.String(required=True, validate=_ID)
    user = fields.String(validate=_ID)


class ClientOrderSchema(_PurchaseSchema):
    gate = fields.String(validate=_KEY, allow_none=True)
    impression_id = fields.String(allow_none=True, validate=[validate.Length(1, 64), is_plain])

    @post_load
    def build(self, values: dict[str, Any], **_context: Any) -> PlaceOrder:
        return PlaceOrder(**values)


class NextSchema(Schema):
    kind = fields.Enum(NextKind, by_value=True, required=True)
    url = fields.String()

    @pre_dump
    def leave_out_what_is_absent(self, step: Any, **_context: Any) -> dict[str, Any]:
        return {"kind": step.kind} | ({} if step.url is None else {"url": step.url})


class SummaryLineSchema(Schema):
    label = fields.String(required=True)
    text = fields.String(required=True)


class SummarySchema(Schema):
    lines = fields.List(fields.Nested(SummaryLineSchema), required=True)
    total = fields.String(required=True)
    note = fields.String(required=True, allow_none=True)


class OrderSchema(Schema):
    id = fields.String(required=True)
    status = fields.Enum(OrderStatus, by_value=True, required=True)
    customer = fields.String(required=True)
    user = fields.String(required=True, allow_none=True)
    plan = fields.String(required=True, allow_none=True)
    addon = fields.String(required=True, allow_none=True)
    interval = fields.String(required=True)
    currency = fields.String(required=True)
    quantity = fields.Integer(required=True)
    amount = fields.Integer(required=True, metadata={"description": "Minor units of the currency for one interval."})
    created_at = Instant(required=True)
    expires_at = Instant(required=True)
    completed_at = Instant(required=True, allow_none=True)
    customer_version = fields.Integer(
        required=True, allow_none=True, metadata={"description": "The customer's version in which it took effect."}
    )
    next = fields.Nested(NextSchema, required=True)
    summary = fields.Nested(SummarySchema, required=True)

    @pre_dump
    def unfold(self, described: DescribedOrder, **_context: Any) -> dict[str, Any]:
        order = described.order
        return {
            "id": order.id,
            "status": order.status,
            "customer": order.customer,
            "user": order.user,
            "plan": order.key if order.kind is OrderKind.PLAN else None,
            "addon": order.key if order.kind is OrderKind.ADDON else None,
            "interval": order.interval.value,
            "currency": order.currency,
            "quantity": order.quantity,
            "amount": order.amount,
            "created_at": order.created_at,
            "expires_at": order.expires_at,
            "completed_at": order.completed_at,
            "customer_version": order.customer_version,
            "next": described.next,
            "summary": described.summary,
        }


class OrderArgs(PageArgs):
    status = fields.Enum(OrderStatus, by_value=True, load_default=None)


OrderPageSchema = page_schema(OrderSchema)
