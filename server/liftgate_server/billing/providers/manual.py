"""Payment outside of Liftgate: a person in management approves the order, for instance when the invoice is out."""

from __future__ import annotations

from liftgate_server.access.queries import Environment
from liftgate_server.billing.facts import Next, NextKind, Order, OrderStatus
from liftgate_server.plumbing.errors import Conflict, Forbidden


class ManualProvider:
    """Orders wait for an approval; where the environment allows it, as in a demo, a buyer's confirmation is enough."""

    def next_step(self, order: Order, environment: Environment) -> Next:
        is_confirmable = order.status is OrderStatus.PENDING and environment.self_confirm
        return Next(NextKind.CONFIRM if is_confirmable else NextKind.WAIT)

    def check_confirmation(self, order: Order, environment: Environment) -> None:
        if not environment.self_confirm:
            raise Forbidden("self_confirm_off", "In this environment orders are approved by management.")
        if order.status is OrderStatus.REQUESTED:
            raise Conflict("order_requested", "What was requested by somebody who may not buy needs an approval.")
