"""What modes, reasons, offers and their places are called on the pages."""

from __future__ import annotations

from collections.abc import Mapping

from liftgate_server.admin.framing import translate as _

__all__ = ["mode_names", "offer_names", "period_names", "reason_name", "slot_names"]


def mode_names() -> Mapping[str, tuple[str, str]]:
    """Return for each mode of a gate its name and a plain explanation."""
    return {
        "enforce": (_("Enforce"), _("refuses what is not included and shows the offer")),
        "observe": (_("Observe"), _("lets everybody pass and counts what would have been refused")),
        "open": (_("Open"), _("lets everybody pass, whatever their plan")),
        "closed": (_("Closed"), _("refuses everybody and offers nothing: turned off for now")),
    }


def reason_name(reason: str) -> str:
    """Return why a gate refused."""
    names = {
        "not_included": _("not included"),
        "limit_reached": _("limit reached"),
        "value_too_low": _("value too low"),
        "over_limit": _("over the limit"),
        "revoked": _("access was revoked"),
        "gate_closed": _("gate closed"),
        "unknown_gate": _("unknown gate"),
        "unknown_feature": _("unknown feature"),
        "no_customer": _("no customer"),
        "unavailable": _("no data to be had"),
    }
    return names.get(reason, reason)


def offer_names() -> Mapping[str, tuple[str, str]]:
    """Return for each built-in offer its name and when it is shown."""
    return {
        "limit_reached": (_("Limit reached"), _("A counted feature is used up.")),
        "not_enough_left": (_("Not enough left"), _("Something is left, but less than was asked for at once.")),
        "over_limit": (_("Over the limit"), _("More is in use than the plan allows, and that does not pass.")),
        "not_included": (_("Not included"), _("The plan does not have the feature.")),
        "value_too_low": (_("Value too low"), _("A setting of the plan is below what the gate asks for.")),
        "revoked": (_("Access revoked"), _("Somebody closed a feature for one account.")),
        "gate_closed": (_("Gate closed"), _("A gate is turned off for everybody.")),
        "grandfathering": (_("Plan changes"), _("A plan version ends on a date, and its subscribers are told.")),
    }


def slot_names() -> Mapping[str, str]:
    """Return what the places of an offer are called."""
    return {
        "eyebrow": _("Line above the title"),
        "title": _("Title"),
        "body": _("Body"),
        "title_without_offer": _("Title when nothing can be offered"),
        "body_without_offer": _("Body when nothing can be offered"),
        "order": _("Button to buy"),
        "request": _("Button to request, for readers who may not buy"),
        "dismiss": _("Button to close"),
        "legal": _("Small print"),
        "text": _("Text"),
        "incentive": _("Incentive for switching early"),
    }


def period_names() -> Mapping[str, str]:
    """Return the periods of limits, the usual ones first."""
    return {
        "month": _("per month"),
        "day": _("per day"),
        "week": _("per week"),
        "year": _("per year"),
        "quarter": _("per quarter"),
        "hour": _("per hour"),
        "minute": _("per minute"),
        "never": _("in total"),
    }
