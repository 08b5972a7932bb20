"""What stands in the audit log, in words: actions, who acted, and what changed line by line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from liftgate_server.admin.words import translate as _
from liftgate_server.plumbing.audit import ActorKind

_LONGEST_VALUE = 300


def action_names() -> dict[str, str]:
    """Name the actions that rooms write, for the list to choose from."""
    return {
        "draft.edited": _("Draft edited"),
        "draft.discarded": _("Draft discarded"),
        "catalogue.published": _("Catalogue published"),
        "catalogue.rolled_back": _("Catalogue rolled back"),
        "catalogue.scheduled": _("Publication scheduled"),
        "catalogue.schedule_canceled": _("Scheduled publication canceled"),
        "catalogue.schedule_failed": _("Scheduled publication failed"),
        "subscription.changed": _("Subscription changed"),
        "grant.made": _("Grant made"),
        "grant.ended": _("Grant ended"),
        "customer.exported": _("Account handed out as a file"),
        "customer.erased": _("Account forgotten"),
        "user.erased": _("Person of an account forgotten"),
        "usage.repair": _("Usage counted anew from the ledger"),
        "order.approved": _("Order approved"),
        "order.rejected": _("Order rejected"),
        "order.confirmed": _("Order confirmed by the buyer"),
        "key.created": _("Key made"),
        "key.revoked": _("Key revoked"),
        "environment.created": _("Environment created"),
        "environment.updated": _("Environment changed"),
        "person.created": _("Person created"),
        "person.invited": _("Person invited"),
        "person.updated": _("Person renamed"),
        "person.role_changed": _("Role changed"),
        "person.disabled": _("Person disabled"),
        "person.enabled": _("Person let in again"),
        "person.password_changed": _("Password changed"),
        "person.reset_link_made": _("Password link made"),
        "person.signed_in": _("Signed in"),
        "person.sign_in_refused": _("Sign-in refused"),
    }


def action_name(action: str) -> str:
    return action_names().get(action, action)


def actor_kind_name(kind: ActorKind) -> str:
    return {
        ActorKind.PERSON: _("Person"),
        ActorKind.KEY: _("API key"),
        ActorKind.END_USER: _("End user"),
        ActorKind.COMMAND_LINE: _("Command line"),
        ActorKind.SYSTEM: _("By itself"),
    }[kind]


def change_lines(before: Any, after: Any) -> list[tuple[str, str]]:
    """Say what changed as the lines of a difference: a minus for what was, a plus for what is."""
    was, is_now = dict(_leaves(before)), dict(_leaves(after))
    lines: list[tuple[str, str]] = []
    for path in sorted(was.keys() | is_now.keys()):
        if was.get(path) == is_now.get(path):
            continue
        lines.extend((sign, _line(path, side[path])) for sign, side in (("-", was), ("+", is_now)) if path in side)
    return lines


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key))
    elif value is not None or path:
        yield path, json.dumps(value, ensure_ascii=False)


def _line(path: str, value: str) -> str:
    shown = value if len(value) <= _LONGEST_VALUE else value[:_LONGEST_VALUE] + "…"
    return f"{path}: {shown}" if path else shown
