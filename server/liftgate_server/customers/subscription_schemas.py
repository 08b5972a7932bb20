"""The shapes of subscriptions."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, pre_dump, validate, validates_schema

from liftgate.engine.catalogue_model import Recurrence
from liftgate.engine.customer_state import SubscriptionStatus
from liftgate_server.customers.facts import HeldAddOn, Subscription
from liftgate_server.customers.models import KEY_LENGTH
from liftgate_server.customers.schemas import is_currency
from liftgate_server.customers.subscription_service import ChangeSubscription, StartSubscription
from liftgate_server.customers.timeline import PlanHolding, When
from liftgate_server.plumbing.http import Instant, StrictSchema, WholeNumber

MOST_SEATS = 1_000_000
_MOST_TRIAL_DAYS = 730
_INTERVALS = (Recurrence.MONTH, Recurrence.YEAR)
# A subscription is marked by these; trials begin with a start, and a cancellation has its own call.
_SETTABLE = (SubscriptionStatus.ACTIVE, SubscriptionStatus.PAST_DUE, SubscriptionStatus.PAUSED)
_KEY = validate.Length(1, KEY_LENGTH)


class Interval(fields.String):
    """How often a price is paid: month or year."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.OneOf([interval.value for interval in _INTERVALS]), **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, *args, **kwargs)
        return Recurrence(text) if text in _INTERVALS else text


class HeldPlanSchema(Schema):
    """A plan phase, told flat."""

    plan = fields.String(required=True)
    plan_version = fields.Integer(required=True)
    interval = fields.String(required=True)
    currency = fields.String(required=True)
    quantity = fields.Integer(required=True)
    amount = fields.Integer(required=True, metadata={"description": "Minor units of the currency per interval."})
    starts_at = Instant(required=True)
    ends_at = Instant(required=True, allow_none=True)

    @pre_dump
    def unfold(self, holding: PlanHolding, **_context: Any) -> dict[str, Any]:
        return plan_fields(holding)


def plan_fields(holding: PlanHolding) -> dict[str, Any]:
    choice = holding.choice
    return {
        "plan": choice.plan,
        "plan_version": choice.plan_version,
        "interval": choice.interval.value,
        "currency": choice.currency,
        "quantity": choice.quantity,
        "amount": choice.amount,
        "starts_at": holding.starts_at,
        "ends_at": holding.ends_at,
    }


class SubscribedAddOnSchema(Schema):
    addon = fields.String(required=True)
    addon_version = fields.Integer(required=True)
    interval = fields.String(required=True)
    currency = fields.String(required=True)
    quantity = fields.Integer(required=True)
    amount = fields.Integer(required=True, metadata={"description": "Minor units of the currency per interval."})
    starts_at = Instant(required=True)
    ends_at = Instant(required=True, allow_none=True)
    ends_with_plan = fields.Boolean(
        required=True, metadata={"description": "It ends because the plan ends, or because the next plan excludes it."}
    )
    scheduled_quantity = fields.Integer(
        required=True, allow_none=True, metadata={"description": "What is held from `ends_at` on; 0 when it ends."}
    )

    @pre_dump
    def unfold(self, held: HeldAddOn, **_context: Any) -> dict[str, Any]:
        holding, choice = held.holding, held.holding.choice
        return {
            "addon": choice.addon,
            "addon_version": choice.addon_version,
            "interval": choice.interval.value,
            "currency": choice.currency,
            "quantity": choice.quantity,
            "amount": choice.amount,
            "starts_at": holding.starts_at,
            "ends_at": holding.ends_at,
            "ends_with_plan": holding.ends_with_plan,
            "scheduled_quantity": held.scheduled_quantity,
        }


class PeriodSchema(Schema):
    starts_at = Instant(required=True, attribute="start")
    ends_at = Instant(required=True, attribute="end")


class SubscriptionSchema(Schema):
    """``none``: nothing was ever subscribed; ``canceled``: the last subscription has ended."""

    customer = fields.String(required=True)
    customer_version = fields.Integer(required=True)
    status = fields.String(
        required=True, validate=validate.OneOf(["none", *(status.value for status in SubscriptionStatus)])
    )
    plan = fields.Nested(HeldPlanSchema, required=True, allow_none=True)
    current_period = fields.Nested(PeriodSchema, required=True, allow_none=True)
    scheduled = fields.Nested(HeldPlanSchema, required=True, allow_none=True)
    cancel_at = Instant(required=True, allow_none=True)
    addons = fields.List(fields.Nested(SubscribedAddOnSchema), required=True)
    currency = fields.String(required=True, allow_none=True)
    mrr = fields.Integer(required=True, metadata={"description": "Minor units of the currency per month."})

    @pre_dump
    def unfold(self, subscription: Subscription, **_context: Any) -> dict[str, Any]:
        return {
            "customer": subscription.customer,
            "customer_version": subscription.customer_version,
            "status": _status(subscription),
            "plan": subscription.current or subscription.last,
            "current_period": subscription.period,
            "scheduled": subscription.scheduled,
            "cancel_at": subscription.cancel_at,
            "addons": subscription.addons,
            "currency": subscription.currency,
            "mrr": subscription.mrr,
        }


def _status(subscription: Subscription) -> str:
    if subscription.current is not None:
        return subscription.current.status.value
    return "none" if subscription.last is None else SubscriptionStatus.CANCELED.value


class StartSubscriptionSchema(StrictSchema):
    plan = fields.String(required=True, validate=_KEY)
    interval = Interval(required=True)
    currency = fields.String(validate=is_currency)
    quantity = WholeNumber(least=1, most=MOST_SEATS)
    trial_days = WholeNumber(least=1, most=_MOST_TRIAL_DAYS)
    trial = fields.Boolean(
        truthy={True}, falsy={False}, metadata={"description": "Try it first for as long as the plan's own trial is."}
    )

    @validates_schema
    def names_one_length(self, values: dict[str, Any], **_context: Any) -> None:
        if values.get("trial") and values.get("trial_days") is not None:
            raise ValidationError({"trial_days": ["The plan's own trial has a length already."]})

    @post_load
    def build(self, values: dict[str, Any], **_context: Any) -> StartSubscription:
        return StartSubscription(**values)


class ChangeSubscriptionSchema(StrictSchema):
    plan = fields.String(validate=_KEY)
    interval = Interval()
    quantity = WholeNumber(least=1, most=MOST_SEATS)
    to_current_version = fields.Boolean(
        truthy={True},
        falsy={False},
        metadata={"description": "Today's version of the plan that is held, at its price and at once."},
    )

    @validates_schema
    def asks_for_something(self, values: dict[str, Any], **_context: Any) -> None:
        wished = {name for name, value in values.items() if value is not False}
        if not wished:
            raise ValidationError("Missing data: name a plan, an interval or a quantity.")
        if "to_current_version" in wished and len(wished) > 1:
            raise ValidationError({"to_current_version": ["It changes the version and nothing else."]})

    @post_load
    def build(self, values: dict[str, Any], **_context: Any) -> ChangeSubscription:
        return ChangeSubscription(**values)


class SetAddOnSchema(StrictSchema):
    addon = fields.String(required=True, validate=_KEY)
    quantity = WholeNumber(required=True, most=MOST_SEATS)


class CancelSchema(StrictSchema):
    when = fields.Enum(When, by_value=True, required=True)


class StatusSchema(StrictSchema):
    status = fields.String(required=True, validate=validate.OneOf([status.value for status in _SETTABLE]))

    @post_load
    def build(self, values: dict[str, Any], **_context: Any) -> SubscriptionStatus:
        return SubscriptionStatus(values["status"])
