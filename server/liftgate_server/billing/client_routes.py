"""Orders over HTTP for end users: always of the token's own account, whatever a body or path says."""

from __future__ import annotations

from liftgate_server.access.guard import client, current_caller
from liftgate_server.billing import examples, queries, service
from liftgate_server.billing.describing import DescribedOrder, describe_order
from liftgate_server.billing.facts import Order, RequestedBy
from liftgate_server.billing.schemas import ClientOrderSchema, OrderSchema
from liftgate_server.plumbing.http import Blueprint, idempotent

client_orders_blueprint = Blueprint(
    "client-orders", __name__, url_prefix="/v1/client", description="Buying from within the host app."
)


@client_orders_blueprint.route("/orders", methods=["POST"])
@client
@idempotent
@client_orders_blueprint.arguments(ClientOrderSchema, example=examples.CLIENT_PURCHASE)
@client_orders_blueprint.response(201, OrderSchema, example=examples.ORDER)
def place_client_order(command: service.PlaceOrder) -> DescribedOrder:
    """Order a plan or an add-on; only buyers may."""
    return _answer(service.place_order(_orderer(), command))


@client_orders_blueprint.route("/upgrade-requests", methods=["POST"])
@client
@idempotent
@client_orders_blueprint.arguments(ClientOrderSchema, example=examples.CLIENT_PURCHASE)
@client_orders_blueprint.response(
    201, OrderSchema, example={**examples.ORDER, "status": "requested", "next": {"kind": "wait"}}
)
def request_upgrade(command: service.PlaceOrder) -> DescribedOrder:
    """Ask for a plan or an add-on that somebody else has to approve; every user may."""
    return _answer(service.request_upgrade(_orderer(), command))


@client_orders_blueprint.route("/orders/<order>")
@client
@client_orders_blueprint.response(200, OrderSchema, example=examples.ORDER)
def get_client_order(order: str) -> DescribedOrder:
    """Read an order of the own account."""
    orderer = _orderer()
    return _answer(queries.order(orderer.environment_id, order, customer=orderer.customer))


@client_orders_blueprint.route("/orders/<order>/confirm", methods=["POST"])
@client
@idempotent
@client_orders_blueprint.response(200, OrderSchema, example=examples.COMPLETED_ORDER)
def confirm_client_order(order: str) -> DescribedOrder:
    """Complete an order, where the environment takes a buyer's word for it."""
    return _answer(service.confirm_order(_orderer(), order))


@client_orders_blueprint.route("/orders/<order>/cancel", methods=["POST"])
@client
@idempotent
@client_orders_blueprint.response(
    200, OrderSchema, example={**examples.ORDER, "status": "canceled", "next": {"kind": "none"}}
)
def cancel_client_order(order: str) -> DescribedOrder:
    """Take an order back."""
    return _answer(service.cancel_order(_orderer(), order))


def _orderer() -> service.Orderer:
    caller = current_caller()
    role = RequestedBy.BUYER if caller.buyer else RequestedBy.MEMBER
    # A token always names its customer; the empty id is one that nobody has.
    return service.Orderer(caller.environment_id, caller.customer or "", caller.user, role)


def _answer(order: Order) -> DescribedOrder:
    return describe_order(order, language=current_caller().language)
