"""People: invited, given roles, kept out. For owners of the installation only: whoever gives roles has them all."""

from __future__ import annotations

from flask import make_response, request, url_for
from werkzeug import Response

from liftgate_server.access.people import (
    change_role,
    change_role_in,
    disable_person,
    enable_person,
    invite_person,
    make_reset_link,
)
from liftgate_server.access.people_queries import PersonalLink, list_people, person_by_id, roles_of
from liftgate_server.access.queries import all_environments, environment_by_key
from liftgate_server.admin.framing import Form, Problem, Role, form_of, go_to, problem_text, render, toast
from liftgate_server.admin.framing import translate as _
from liftgate_server.admin.paging import page_cursor
from liftgate_server.admin.printing import role_name
from liftgate_server.admin.shell.area import area
from liftgate_server.admin.shown_once import show_once, take_once

_NO_ROLE = "none"
_SAME_ROLE = "same"
_NEW_LINK = "link"


@area.page("/people", least=Role.OWNER, everywhere=True)
def people() -> str:
    return _list(form_of({"role": "viewer"}))


@area.action("/people", least=Role.OWNER, everywhere=True)
def invite() -> Response:
    form = request.form
    try:
        made = invite_person(form.get("email", ""), form.get("name", ""), role=_role(form.get("role", "")))
    except Problem as problem:
        return make_response(_list(form_of({"role": "viewer"}, problem=problem)), problem.status)
    _show_link(made)
    return go_to("shell.person", person=made.person.id)


@area.page("/people/<person>", least=Role.OWNER, everywhere=True)
def person(person: str) -> str:
    return _page(person)


@area.action("/people/<person>/role", least=Role.OWNER, everywhere=True)
def save_role(person: str) -> Response:
    chosen = request.form.get("role", "")
    try:
        change_role(person, _role(chosen))
    except Problem as problem:
        return make_response(_page(person, refusal=problem), problem.status)
    toast(_("The role is changed."))
    return go_to("shell.person", person=person)


@area.action("/people/<person>/roles/<of>", least=Role.OWNER, everywhere=True)
def save_role_in(person: str, of: str) -> Response:
    chosen = request.form.get("role", "")
    change_role_in(person, environment_by_key(of).id, _role(chosen), differs=chosen != _SAME_ROLE)
    toast(_("The role is changed."))
    return go_to("shell.person", person=person)


@area.action("/people/<person>/link", least=Role.OWNER, everywhere=True)
def make_link(person: str) -> Response:
    _show_link(make_reset_link(person))
    return go_to("shell.person", person=person)


@area.action("/people/<person>/disable", least=Role.OWNER, everywhere=True)
def disable(person: str) -> Response:
    try:
        disable_person(person)
    except Problem as problem:
        return make_response(_page(person, refusal=problem), problem.status)
    toast(_("They are kept out from now on."))
    return go_to("shell.person", person=person)


@area.action("/people/<person>/enable", least=Role.OWNER, everywhere=True)
def enable(person: str) -> Response:
    enable_person(person)
    toast(_("They may sign in again."))
    return go_to("shell.person", person=person)


def _list(form: Form) -> str:
    return render("shell/people.html", page=list_people(cursor=page_cursor()), form=form, roles=_roles())


def _page(person_id: str, *, refusal: Problem | None = None) -> str:
    return render(
        "shell/person.html",
        person=person_by_id(person_id),
        own_roles=roles_of(person_id),
        environments=all_environments(),
        roles=_roles(),
        no_role=_NO_ROLE,
        same_role=_SAME_ROLE,
        new_link=take_once(_NEW_LINK + person_id),
        refusal=None if refusal is None else problem_text(refusal.code, refusal.detail),
    )


def _show_link(made: PersonalLink) -> None:
    address = url_for("admin_shell_open.personal_link", token=made.token, _external=True)
    show_once(_NEW_LINK + made.person.id, address)


def _roles() -> tuple[tuple[str, str], ...]:
    return (
        ("viewer", _("Viewer: sees everything")),
        ("editor", _("Editor: edits the draft and customers")),
        ("publisher", _("Publisher: publishes, too")),
        ("owner", _("Owner: keys, people and settings, too")),
        (_NO_ROLE, role_name(None)),
    )


def _role(text: str) -> Role | None:
    return Role(text) if text in set(Role) else None
