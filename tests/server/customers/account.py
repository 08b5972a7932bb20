"""The customer of these tests, and short words for what is told about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from liftgate.engine.catalogue_model import Recurrence
from liftgate.engine.customer_state import SubscriptionStatus
from liftgate_server.customers import queries
from liftgate_server.customers import subscription_service as subscriptions
from liftgate_server.customers.facts import Subscription
from liftgate_server.customers.timeline import PlanHolding, When
from liftgate_server.plumbing.errors import Problem

Ledger = Callable[[], list[tuple[str, int, int]]]


class Account:
    """The customer of these tests, with short words for what happens to it."""

    def __init__(self, environment_id: int, customer: str) -> None:
        self.environment_id = environment_id
        self.customer = customer

    def start(self, plan: str = "pro", interval: Recurrence = Recurrence.MONTH, **more: Any) -> Subscription:
        command = subscriptions.StartSubscription(plan, interval, **more)
        return subscriptions.start_subscription(self.environment_id, self.customer, command)

    def change(self, **wanted: Any) -> Subscription:
        command = subscriptions.ChangeSubscription(**wanted)
        return subscriptions.change_subscription(self.environment_id, self.customer, command)

    def addon(self, addon: str, quantity: int) -> Subscription:
        return subscriptions.set_addon(self.environment_id, self.customer, addon=addon, quantity=quantity)

    def cancel(self, when: When) -> Subscription:
        return subscriptions.cancel_subscription(self.environment_id, self.customer, when=when)

    def undo(self) -> Subscription:
        return subscriptions.undo_scheduled_changes(self.environment_id, self.customer)

    def mark(self, status: SubscriptionStatus) -> Subscription:
        return subscriptions.set_status(self.environment_id, self.customer, status)

    def now(self) -> Subscription:
        return queries.subscription(self.environment_id, self.customer)

    def version(self) -> int | None:
        return queries.customer_version(self.environment_id, self.customer)


def held(subscription: Subscription) -> PlanHolding:
    assert subscription.current is not None
    return subscription.current


def end_of(subscription: Subscription) -> datetime:
    """The end of the current period."""
    assert subscription.period is not None
    return subscription.period.end


def scheduled(subscription: Subscription) -> PlanHolding:
    assert subscription.scheduled is not None
    return subscription.scheduled


def code_of(action: Callable[[], object]) -> str:
    with pytest.raises(Problem) as failure:
        action()
    return failure.value.code
