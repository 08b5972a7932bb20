"""The audit log: who did what, when, with before and after."""

from __future__ import annotations

from flask import request

from liftgate_server.admin.framing import Role, Visitor, link, render, visitor
from liftgate_server.admin.framing import translate as _
from liftgate_server.admin.paging import page_cursor
from liftgate_server.admin.shell.area import area
from liftgate_server.admin.shell.audit_words import action_name, action_names, actor_kind_name, change_lines
from liftgate_server.plumbing.audit import entries

_ENTRIES_ON_A_PAGE = 30
_INSTALLATION = "installation"


@area.page("/audit", least=Role.VIEWER)
def audit_log() -> str:
    here = visitor()
    filters = {name: request.args.get(name, "").strip() for name in ("action", "actor", "subject")}
    scope = _INSTALLATION if request.args.get("scope") == _INSTALLATION and here.may_everywhere(Role.OWNER) else ""
    page = entries(
        None if scope else here.environment.id,
        **{name: value or None for name, value in filters.items()},
        cursor=page_cursor(),
        limit=_ENTRIES_ON_A_PAGE,
    )
    return render(
        "shell/audit_log.html",
        page=page,
        filters=filters,
        scope=scope,
        scopes=_scopes(here, scope),
        actions=[("", _("Everything")), *action_names().items()],
        action_name=action_name,
        actor_kind_name=actor_kind_name,
        change_lines=change_lines,
    )


def _scopes(here: Visitor, scope: str) -> list[tuple[str, str, bool]]:
    """Give the logs one may choose between; people and sign-ins are the installation's, for its owners."""
    if not here.may_everywhere(Role.OWNER):
        return []
    return [
        (link("shell.audit_log"), here.environment.name, not scope),
        (link("shell.audit_log", scope=_INSTALLATION), _("People and sign-ins"), bool(scope)),
    ]
