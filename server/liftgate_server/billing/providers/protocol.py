"""What a payment provider must be able to do."""

from __future__ import annotations

from typing import Protocol

from liftgate_server.access.queries import Environment
from liftgate_server.billing.facts import Next, Order


class PaymentProvider(Protocol):
    def next_step(self, order: Order, environment: Environment) -> Next:
        """Tell what the buyer of an open order does next."""
        ...

    def check_confirmation(self, order: Order, environment: Environment) -> None:
        """Raise unless a buyer's confirmation settles the order."""
        ...
