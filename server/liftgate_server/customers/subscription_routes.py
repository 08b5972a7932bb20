"""Subscriptions over HTTP."""

from __future__ import annotations

from typing import Any

from liftgate.engine.customer_state import SubscriptionStatus
from liftgate_server.access.caller import Role
from liftgate_server.access.guard import current_caller, management
from liftgate_server.customers import examples, queries
from liftgate_server.customers import subscription_service as service
from liftgate_server.customers.facts import Subscription
from liftgate_server.customers.subscription_schemas import (
    CancelSchema,
    ChangeSubscriptionSchema,
    SetAddOnSchema,
    StartSubscriptionSchema,
    StatusSchema,
    SubscriptionSchema,
)
from liftgate_server.customers.timeline import When
from liftgate_server.plumbing.http import Blueprint, idempotent

subscriptions_blueprint = Blueprint(
    "subscriptions",
    __name__,
    url_prefix="/v1/customers/<customer>/subscription",
    description="What a customer holds and pays for. More applies at once, less at the period's end.",
)
_answer = subscriptions_blueprint.response(200, SubscriptionSchema, example=examples.SUBSCRIPTION)


@subscriptions_blueprint.route("")
@management(Role.VIEWER)
@_answer
def get_subscription(customer: str) -> Subscription:
    """Read what the customer holds now and what is scheduled."""
    return queries.subscription(current_caller().environment_id, customer)


@subscriptions_blueprint.route("", methods=["POST"])
@management(Role.EDITOR)
@idempotent
@subscriptions_blueprint.arguments(
    StartSubscriptionSchema, example={"plan": "pro", "interval": "month", "quantity": 5, "trial_days": 14}
)
@_answer
def start_subscription(command: service.StartSubscription, customer: str) -> Subscription:
    """Start a subscription, with a trial first when `trial_days` are given."""
    return service.start_subscription(current_caller().environment_id, customer, command)


@subscriptions_blueprint.route("/change", methods=["POST"])
@management(Role.EDITOR)
@idempotent
@subscriptions_blueprint.arguments(ChangeSubscriptionSchema, example={"plan": "business"})
@_answer
def change_subscription(command: service.ChangeSubscription, customer: str) -> Subscription:
    """Change plan, interval or quantity; choosing what is held undoes a scheduled change."""
    return service.change_subscription(current_caller().environment_id, customer, command)


@subscriptions_blueprint.route("/addons", methods=["POST"])
@management(Role.EDITOR)
@idempotent
@subscriptions_blueprint.arguments(SetAddOnSchema, example={"addon": "extra_exports", "quantity": 2})
@_answer
def set_addon(command: dict[str, Any], customer: str) -> Subscription:
    """Hold an add-on in that quantity; 0 removes it at the end of its period."""
    return service.set_addon(current_caller().environment_id, customer, **command)


@subscriptions_blueprint.route("/cancel", methods=["POST"])
@management(Role.EDITOR)
@idempotent
@subscriptions_blueprint.arguments(CancelSchema, example={"when": "period_end"})
@_answer
def cancel_subscription(command: dict[str, When], customer: str) -> Subscription:
    """End the plan and every add-on, now or at the period's end."""
    return service.cancel_subscription(current_caller().environment_id, customer, when=command["when"])


@subscriptions_blueprint.route("/undo", methods=["POST"])
@management(Role.EDITOR)
@idempotent
@_answer
def undo_scheduled_changes(customer: str) -> Subscription:
    """Undo everything that is scheduled: a downgrade, a cancellation, a removal of add-ons."""
    return service.undo_scheduled_changes(current_caller().environment_id, customer)


@subscriptions_blueprint.route("/status", methods=["POST"])
@management(Role.EDITOR)
@idempotent
@subscriptions_blueprint.arguments(StatusSchema, example={"status": "past_due"})
@_answer
def set_status(status: SubscriptionStatus, customer: str) -> Subscription:
    """Mark the subscription as past due, paused, or active again."""
    return service.set_status(current_caller().environment_id, customer, status)
