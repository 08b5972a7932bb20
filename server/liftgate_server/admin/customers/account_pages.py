"""The pages of one account that only show: what it has and why, people, orders, revenue, activity."""

from __future__ import annotations

from flask import request

from liftgate_server.admin.customers.account_view import account_head, account_page
from liftgate_server.admin.customers.area import area
from liftgate_server.admin.customers.orders_view import order_lines
from liftgate_server.admin.customers.state_words import cause_words, mrr_kind_badge
from liftgate_server.admin.framing import Role, render, visitor
from liftgate_server.admin.shell.audit_words import action_name
from liftgate_server.billing import queries as billing
from liftgate_server.customers import queries
from liftgate_server.plumbing.audit import entries


@area.page("/customers/<customer>", least=Role.VIEWER)
def account(customer: str) -> str:
    page = account_page(customer, grants_cursor=request.args.get("cursor"))
    return render("customers/account.html", page=page, head=page.head, tab="account")


@area.page("/customers/<customer>/people", least=Role.VIEWER)
def people(customer: str) -> str:
    users = queries.users(visitor().environment.id, customer, cursor=request.args.get("cursor"))
    has_buyer = any(user.buyer for user in users.items)
    return render("customers/people.html", head=account_head(customer), users=users, has_buyer=has_buyer, tab="people")


@area.page("/customers/<customer>/orders", least=Role.VIEWER)
def account_orders(customer: str) -> str:
    head = account_head(customer)
    found = billing.orders(visitor().environment.id, customer=customer, cursor=request.args.get("cursor"))
    names = {customer: head.title}
    lines = found.map(lambda order: order_lines([order], head.catalogue, head.reader, customer_names=names)[0])
    return render("customers/account_orders.html", head=head, orders=lines, tab="account_orders")


@area.page("/customers/<customer>/revenue", least=Role.VIEWER)
def revenue(customer: str) -> str:
    changes = queries.mrr_changes(
        visitor().environment.id, customer_id=customer, newest_first=True, cursor=request.args.get("cursor")
    )
    return render(
        "customers/revenue.html",
        head=account_head(customer),
        changes=changes,
        kind_badge=mrr_kind_badge,
        cause_words=cause_words,
        tab="revenue",
    )


@area.page("/customers/<customer>/activity", least=Role.VIEWER)
def activity(customer: str) -> str:
    head = account_head(customer)
    found = entries(visitor().environment.id, subject=f"customer:{customer}", cursor=request.args.get("cursor"))
    return render("customers/activity.html", head=head, entries=found, tab="activity", action_name=action_name)
