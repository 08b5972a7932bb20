"""All orders, those that wait first; approving and rejecting them."""

from __future__ import annotations

from flask import request
from werkzeug import Response

from liftgate_server.admin.customers.area import area
from liftgate_server.admin.customers.orders_view import order_lines
from liftgate_server.admin.customers.state_words import order_badge
from liftgate_server.admin.framing import Problem, Role, go_to, problem_text, reader_language, render, toast, visitor
from liftgate_server.admin.framing import translate as _
from liftgate_server.admin.wording import reader_for_pages
from liftgate_server.billing import queries, service
from liftgate_server.billing.facts import Order, OrderStatus
from liftgate_server.catalog.queries import current_snapshot
from liftgate_server.customers.queries import customer_names
from liftgate_server.plumbing.paging import Page

_LONGEST_NAME = 64


@area.page("/orders", least=Role.VIEWER)
def orders() -> str:
    environment_id = visitor().environment.id
    catalogue = current_snapshot(environment_id).catalogue
    reader = reader_for_pages(reader_language(), catalogue.languages)
    status = request.args.get("status", "open")
    found, waiting = _found(environment_id, status), _waiting(environment_id, status)
    others = [order for order in found.items if order not in waiting]
    names = customer_names(environment_id, {order.customer for order in (*waiting, *others)})
    return render(
        "customers/orders.html",
        waiting=order_lines(waiting, catalogue, reader, customer_names=names),
        orders=Page(tuple(order_lines(others, catalogue, reader, customer_names=names)), found.next_cursor),
        status=status,
        statuses=[(each.value, order_badge(each).words) for each in OrderStatus],
        may_edit=visitor().may(Role.EDITOR),
    )


@area.action("/orders/<order>/approve", least=Role.EDITOR)
def approve_order(order: str) -> Response:
    """Complete an order: the subscription changes now."""
    try:
        done = service.approve_order(visitor().environment.id, order, decided_by=visitor().name[:_LONGEST_NAME])
    except Problem as problem:
        toast(problem_text(problem.code, problem.detail), "error")
    else:
        toast(_("The order is approved; {customer} has what was ordered.", customer=done.customer))
    return _back()


@area.action("/orders/<order>/reject", least=Role.EDITOR)
def reject_order(order: str) -> Response:
    """Refuse an order; nothing is bought."""
    try:
        service.reject_order(visitor().environment.id, order, decided_by=visitor().name[:_LONGEST_NAME])
    except Problem as problem:
        toast(problem_text(problem.code, problem.detail), "error")
    else:
        toast(_("The order is rejected; nothing was bought."))
    return _back()


def _back() -> Response:
    """Return to the account whose page the button stood on, else to the list."""
    customer = request.form.get("customer")
    return go_to("customers.account_orders", customer=customer) if customer else go_to("customers.orders")


def _waiting(environment_id: int, status: str) -> list[Order]:
    """Return what waits for somebody, the requests first; only the list that is not filtered asks for it."""
    if status != "open" or "cursor" in request.args:
        return []
    return [
        order
        for wanted in (OrderStatus.REQUESTED, OrderStatus.PENDING)
        for order in queries.orders(environment_id, status=wanted, limit=100).items
    ]


def _found(environment_id: int, status: str) -> Page[Order]:
    wanted = OrderStatus(status) if status in set(OrderStatus) else None
    return queries.orders(environment_id, status=wanted, cursor=request.args.get("cursor"), limit=25)
