"""API keys: made, shown once, revoked."""

from __future__ import annotations

from dataclasses import dataclass

from flask import make_response, request
from werkzeug import Response

from liftgate_server.access.caller import CallerKind
from liftgate_server.access.queries import list_keys
from liftgate_server.access.service import create_key, revoke_key
from liftgate_server.admin.framing import Form, Problem, Role, form_of, go_to, render, toast, visitor
from liftgate_server.admin.framing import translate as _
from liftgate_server.admin.paging import page_cursor
from liftgate_server.admin.shell.area import area
from liftgate_server.admin.shown_once import show_once, take_once

_KEYS_ON_A_PAGE = 25
_NEW_KEY = "key"


@dataclass(frozen=True, slots=True)
class _Purpose:
    kind: CallerKind
    role: Role | None


_PURPOSES = {"secret": _Purpose(CallerKind.SECRET, None)} | {
    role.value: _Purpose(CallerKind.MANAGEMENT, role) for role in Role
}


@area.page("/keys", least=Role.OWNER)
def keys() -> str:
    return _page(form_of({"purpose": "secret"}))


@area.action("/keys", least=Role.OWNER)
def make_key() -> Response:
    purpose = _PURPOSES.get(request.form.get("purpose", ""), _PURPOSES["secret"])
    try:
        made = create_key(
            visitor().environment.id, purpose.kind, name=request.form.get("name", "").strip(), role=purpose.role
        )
    except Problem as problem:
        return make_response(_page(form_of({"purpose": "secret"}, problem=problem)), problem.status)
    show_once(_NEW_KEY, made.text)
    return go_to("shell.keys")


@area.action("/keys/<key_id>/revoke", least=Role.OWNER)
def end_key(key_id: str) -> Response:
    revoked = revoke_key(visitor().environment.id, key_id)
    toast(_("The key “{name}” is revoked: the next request with it is refused.", name=revoked.name))
    return go_to("shell.keys")


def _page(form: Form) -> str:
    page = list_keys(visitor().environment.id, cursor=page_cursor(), limit=_KEYS_ON_A_PAGE)
    return render("shell/keys.html", page=page, form=form, new_key=take_once(_NEW_KEY), purposes=_purposes())


def _purposes() -> tuple[tuple[str, str], ...]:
    return (
        ("secret", _("Secret: your servers ask and report with it")),
        ("viewer", _("Management, viewer: reads everything")),
        ("editor", _("Management, editor: edits the draft and customers")),
        ("publisher", _("Management, publisher: publishes, too")),
        ("owner", _("Management, owner: keys and settings, too")),
    )
