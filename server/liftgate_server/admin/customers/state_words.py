"""What states, kinds and causes of an account are called, and in which colour they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from liftgate.engine.customer_state import GrantKind, SubscriptionStatus
from liftgate.engine.decision import Reason
from liftgate_server.admin.framing import translate as _
from liftgate_server.billing.facts import OrderStatus
from liftgate_server.customers.facts import GrantState
from liftgate_server.customers.mrr import MrrCause, MrrKind

__all__ = [
    "Badge",
    "cause_words",
    "grant_kind_words",
    "grant_state_badge",
    "mrr_kind_badge",
    "order_badge",
    "reason_words",
    "status_badge",
]


@dataclass(frozen=True, slots=True)
class Badge:
    words: str
    colour: str


def status_badge(status: str) -> Badge:
    """Name the state of a subscription; ``none`` where there is none."""
    known: Mapping[str, Badge] = {
        SubscriptionStatus.TRIALING: Badge(_("trial"), "indigo"),
        SubscriptionStatus.ACTIVE: Badge(_("active"), "green"),
        SubscriptionStatus.PAST_DUE: Badge(_("past due"), "red"),
        SubscriptionStatus.PAUSED: Badge(_("paused"), "amber"),
        SubscriptionStatus.CANCELED: Badge(_("ended"), "grey"),
    }
    return known.get(status, Badge(_("no subscription"), "grey"))


def order_badge(status: OrderStatus) -> Badge:
    return {
        OrderStatus.REQUESTED: Badge(_("requested"), "amber"),
        OrderStatus.PENDING: Badge(_("pending"), "amber"),
        OrderStatus.COMPLETED: Badge(_("completed"), "green"),
        OrderStatus.REJECTED: Badge(_("rejected"), "red"),
        OrderStatus.CANCELED: Badge(_("canceled"), "grey"),
        OrderStatus.EXPIRED: Badge(_("expired"), "grey"),
    }[status]


def grant_state_badge(state: GrantState) -> Badge:
    return {
        GrantState.RUNNING: Badge(_("running"), "green"),
        GrantState.SCHEDULED: Badge(_("scheduled"), "indigo"),
        GrantState.ENDED: Badge(_("ended"), "grey"),
    }[state]


def grant_kind_words(kind: GrantKind) -> str:
    return {
        GrantKind.OVERRIDE: _("Override"),
        GrantKind.PROMOTION: _("Promotion"),
        GrantKind.REVOKE: _("Revocation"),
        GrantKind.TRIAL: _("Trial"),
    }[kind]


def mrr_kind_badge(kind: MrrKind) -> Badge:
    return {
        MrrKind.NEW: Badge(_("new"), "green"),
        MrrKind.EXPANSION: Badge(_("expansion"), "green"),
        MrrKind.REACTIVATION: Badge(_("reactivation"), "green"),
        MrrKind.CONTRACTION: Badge(_("contraction"), "amber"),
        MrrKind.CHURN: Badge(_("churn"), "red"),
    }[kind]


def cause_words(cause: MrrCause) -> str:
    known = {
        MrrCause.STARTED: _("Subscription started"),
        MrrCause.TRIAL_CONVERTED: _("Trial became paid"),
        MrrCause.PLAN_CHANGED: _("Plan changed"),
        MrrCause.INTERVAL_CHANGED: _("Interval changed"),
        MrrCause.QUANTITY_CHANGED: _("Seats changed"),
        MrrCause.ADDON_CHANGED: _("Add-on changed"),
        MrrCause.PAUSED: _("Paused"),
        MrrCause.RESUMED: _("Resumed"),
        MrrCause.CANCELED: _("Canceled"),
    }
    return known.get(cause, str(cause))


def reason_words(reason: str) -> str:
    """Say why a gate refused."""
    known: Mapping[str, str] = {
        Reason.NOT_INCLUDED: _("not included"),
        Reason.LIMIT_REACHED: _("limit reached"),
        Reason.VALUE_TOO_LOW: _("value too low"),
        Reason.OVER_LIMIT: _("over the limit"),
        Reason.REVOKED: _("closed by a revoke"),
        Reason.GATE_CLOSED: _("gate closed"),
        Reason.UNAVAILABLE: _("no data"),
        Reason.NO_CUSTOMER: _("no account"),
        Reason.UNKNOWN_GATE: _("unknown gate"),
        Reason.UNKNOWN_FEATURE: _("unknown feature"),
    }
    return known.get(reason, reason)
