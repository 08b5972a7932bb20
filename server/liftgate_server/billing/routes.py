"""Orders over HTTP: the host's and management's calls, and the list of this room's blueprints."""

from __future__ import annotations

from typing import Any

from liftgate_server.access.caller import Role
from liftgate_server.access.guard import current_caller, management, runtime
from liftgate_server.billing import examples, queries, service
from liftgate_server.billing.client_routes import client_orders_blueprint
from liftgate_server.billing.describing import DescribedOrder, describe_order
from liftgate_server.billing.facts import RequestedBy
from liftgate_server.billing.schemas import HostOrderSchema, OrderArgs, OrderPageSchema, OrderSchema
from liftgate_server.plumbing.http import Blueprint, idempotent
from liftgate_server.plumbing.paging import Page

orders_blueprint = Blueprint(
    "orders", __name__, url_prefix="/v1/orders", description="What is to be bought, and whether it may be."
)


@orders_blueprint.route("", methods=["POST"])
@runtime
@idempotent
@orders_blueprint.arguments(HostOrderSchema, example={"customer": "acme", **examples.PURCHASE})
@orders_blueprint.response(201, OrderSchema, example=examples.ORDER)
def place_order(body: dict[str, Any]) -> DescribedOrder:
    """Order a plan or an add-on for a customer at today's price."""
    customer, user = body.pop("customer"), body.pop("user", None)
    orderer = service.Orderer(current_caller().environment_id, customer, user, RequestedBy.HOST)
    return describe_order(service.place_order(orderer, service.PlaceOrder(**body)))


@orders_blueprint.route("/<order>")
@runtime
@orders_blueprint.response(200, OrderSchema, example=examples.ORDER)
def get_order(order: str) -> DescribedOrder:
    """Read an order."""
    return describe_order(queries.order(current_caller().environment_id, order))


@orders_blueprint.route("")
@management(Role.VIEWER)
@orders_blueprint.arguments(OrderArgs, location="query", as_kwargs=True)
@orders_blueprint.response(200, OrderPageSchema, example={"items": [examples.ORDER], "next_cursor": None})
def list_orders(**args: Any) -> Page[DescribedOrder]:
    """List orders, newest first, all or those in one status."""
    return queries.orders(current_caller().environment_id, **args).map(describe_order)


@orders_blueprint.route("/<order>/approve", methods=["POST"])
@management(Role.EDITOR)
@idempotent
@orders_blueprint.response(200, OrderSchema, example=examples.COMPLETED_ORDER)
def approve_order(order: str) -> DescribedOrder:
    """Complete an order: the subscription changes now. Approving it again changes nothing."""
    caller = current_caller()
    return describe_order(service.approve_order(caller.environment_id, order, decided_by=caller.key_id))


@orders_blueprint.route("/<order>/reject", methods=["POST"])
@management(Role.EDITOR)
@idempotent
@orders_blueprint.response(200, OrderSchema, example={**examples.ORDER, "status": "rejected", "next": {"kind": "none"}})
def reject_order(order: str) -> DescribedOrder:
    """Refuse an order; nothing is bought."""
    caller = current_caller()
    return describe_order(service.reject_order(caller.environment_id, order, decided_by=caller.key_id))


blueprints = (orders_blueprint, client_orders_blueprint)
