"""An order told to a reader: what happens next, and what is bought in words of the reader's language."""

from __future__ import annotations

from dataclasses import dataclass

from liftgate.engine.catalogue_model import AddOn, Plan, Price, Snapshot
from liftgate.engine.order_summary import OrderSummary, summarise_order
from liftgate_server.access import queries as access
from liftgate_server.billing.facts import Next, NextKind, Order, OrderKind
from liftgate_server.billing.providers import provider_named
from liftgate_server.catalog import queries as catalog
from liftgate_server.customers import queries as customers


@dataclass(frozen=True, slots=True)
class DescribedOrder:
    order: Order
    next: Next
    summary: OrderSummary


def describe_order(order: Order, *, language: str | None = None) -> DescribedOrder:
    """Tell an order in a language: the one asked for, else the customer's, else the environment's."""
    environment = access.environment_by_id(order.environment_id)
    step = provider_named(order.provider).next_step(order, environment) if order.status.is_open else Next(NextKind.NONE)
    wanted = language or customers.customer(order.environment_id, order.customer).language
    return DescribedOrder(order, step, _summary(order, wanted or environment.default_language))


def _summary(order: Order, language: str) -> OrderSummary:
    snapshot = catalog.current_snapshot(order.environment_id)
    plan = _plan(order, snapshot) if order.kind is OrderKind.PLAN else None
    addon = _addon(order, snapshot) if order.kind is OrderKind.ADDON else None
    # The price that was agreed on, which the catalogue may not have any more.
    price = Price(order.interval, order.currency, order.unit_amount, order.per)
    return summarise_order(snapshot, plan=plan, addon=addon, quantity=order.quantity, price=price, language=language)


def _plan(order: Order, snapshot: Snapshot) -> Plan:
    if snapshot.plan_versions.get(order.key) == order.version:
        return snapshot.catalogue.plans[order.key]
    return catalog.plan_version(order.environment_id, order.key, order.version)


def _addon(order: Order, snapshot: Snapshot) -> AddOn:
    if snapshot.addon_versions.get(order.key) == order.version:
        return snapshot.catalogue.addons[order.key]
    return catalog.addon_version(order.environment_id, order.key, order.version)
