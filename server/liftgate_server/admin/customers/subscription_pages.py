"""Beginning, changing and ending a subscription; each action says what happened."""

from __future__ import annotations

from collections.abc import Callable

from flask import request
from werkzeug import Response

from liftgate.engine.customer_state import SubscriptionStatus
from liftgate_server.admin.customers.area import area
from liftgate_server.admin.customers.subscription_form import change_of_form, read_quantity, start_of_form
from liftgate_server.admin.customers.subscription_view import subscription_page
from liftgate_server.admin.framing import Problem, Role, go_to, problem_text, render, toast, visitor
from liftgate_server.admin.framing import translate as _
from liftgate_server.customers import queries
from liftgate_server.customers import subscription_service as subscriptions
from liftgate_server.customers.timeline import When

Shown = tuple[str, int] | Response

_SETTABLE = (SubscriptionStatus.ACTIVE, SubscriptionStatus.PAUSED, SubscriptionStatus.PAST_DUE)


@area.page("/customers/<customer>/subscription", least=Role.VIEWER)
def subscription(customer: str) -> str:
    return render("customers/subscription.html", page=subscription_page(customer, request.args))


@area.action("/customers/<customer>/subscription/start", least=Role.EDITOR)
def start_subscription(customer: str) -> Shown:
    def start() -> str:
        subscriptions.start_subscription(visitor().environment.id, customer, start_of_form(request.form))
        return _("The subscription has begun.")

    return _carry_out(customer, start)


@area.action("/customers/<customer>/subscription/change", least=Role.EDITOR)
def change_subscription(customer: str) -> Shown:
    def change() -> str:
        environment_id = visitor().environment.id
        command = change_of_form(request.form, queries.subscription(environment_id, customer))
        changed = subscriptions.change_subscription(environment_id, customer, command)
        return _("The change is scheduled.") if changed.scheduled is not None else _("The subscription is changed.")

    return _carry_out(customer, change)


@area.action("/customers/<customer>/subscription/addons/<addon>", least=Role.EDITOR)
def set_addon(customer: str, addon: str) -> Shown:
    def hold() -> str:
        quantity = read_quantity(request.form)
        subscriptions.set_addon(visitor().environment.id, customer, addon=addon, quantity=quantity)
        return _("The add-on is changed.")

    return _carry_out(customer, hold)


@area.action("/customers/<customer>/subscription/cancel", least=Role.EDITOR)
def cancel_subscription(customer: str) -> Shown:
    def cancel() -> str:
        when = When.NOW if request.form.get("when") == When.NOW else When.PERIOD_END
        subscriptions.cancel_subscription(visitor().environment.id, customer, when=when)
        return _("The subscription has ended.") if when is When.NOW else _("It ends with the period that is paid for.")

    return _carry_out(customer, cancel)


@area.action("/customers/<customer>/subscription/undo", least=Role.EDITOR)
def undo_scheduled(customer: str) -> Shown:
    def undo() -> str:
        subscriptions.undo_scheduled_changes(visitor().environment.id, customer)
        return _("What was scheduled is taken back.")

    return _carry_out(customer, undo)


@area.action("/customers/<customer>/subscription/renew", least=Role.EDITOR)
def renew_version(customer: str) -> Shown:
    def renew() -> str:
        command = subscriptions.ChangeSubscription(to_current_version=True)
        subscriptions.change_subscription(visitor().environment.id, customer, command)
        return _("The account has the current version of its plan.")

    return _carry_out(customer, renew)


@area.action("/customers/<customer>/subscription/status", least=Role.EDITOR)
def set_status(customer: str) -> Shown:
    def mark() -> str:
        wanted = request.form.get("status")
        status = next((each for each in _SETTABLE if each == wanted), SubscriptionStatus.ACTIVE)
        subscriptions.set_status(visitor().environment.id, customer, status)
        return {
            SubscriptionStatus.PAUSED: _("The subscription is paused: the account has what the default plan gives."),
            SubscriptionStatus.PAST_DUE: _("The subscription is marked as past due; access stays."),
        }.get(status, _("The subscription is active."))

    return _carry_out(customer, mark)


def _carry_out(customer: str, action: Callable[[], str]) -> Shown:
    """Make a change and go back to the account; what was refused is shown with the form as it was sent."""
    try:
        toast(action())
    except Problem as problem:
        if request.endpoint in _WITH_FORM:
            page = subscription_page(customer, request.form, problem=problem)
            return render("customers/subscription.html", page=page), problem.status
        toast(problem_text(problem.code, problem.detail), "error")
        return go_to("customers.subscription", customer=customer)
    return go_to("customers.account", customer=customer)


_WITH_FORM = frozenset({"admin_customers.start_subscription", "admin_customers.change_subscription"})
