"""What a person decides alone: name, password, language, theme, and where they are signed in."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import make_response, redirect, request
from werkzeug import Response

from liftgate_server.access.people import change_password, update_own_settings
from liftgate_server.access.people_queries import list_sign_ins
from liftgate_server.access.people_rules import Theme
from liftgate_server.access.sign_ins import end_other_sign_ins, end_sign_in
from liftgate_server.admin.framing import Form, Problem, Role, form_of, go_to, link, render, toast, visitor
from liftgate_server.admin.framing import translate as _
from liftgate_server.admin.shell.area import area
from liftgate_server.admin.visiting import ADMIN_PATH
from liftgate_server.admin.words import LANGUAGES, speak


@area.page("/account", least=Role.VIEWER)
def account() -> str:
    return _page()


@area.action("/account/name", least=Role.VIEWER)
def save_name() -> Response | str:
    try:
        update_own_settings(visitor().person_id, name=request.form.get("name", ""))
    except Problem as problem:
        return make_response(_page(name_form=form_of({}, problem=problem)), problem.status)
    toast(_("Your name is saved."))
    return go_to("shell.account")


@area.action("/account/password", least=Role.VIEWER)
def save_password() -> Response:
    here = visitor()
    current, new = request.form.get("current_password", ""), request.form.get("password", "")
    try:
        change_password(here.person_id, current=current, new=new, keep=here.sign_in_id)
    except Problem as problem:
        return make_response(_page(password_form=form_of({}, problem=problem)), problem.status)
    toast(_("Your password is changed. Other browsers have been signed out."))
    return go_to("shell.account")


@area.action("/account/theme", least=Role.VIEWER)
def set_theme() -> Response:
    chosen = request.form.get("theme", "")
    if chosen in set(Theme):
        update_own_settings(visitor().person_id, theme=Theme(chosen))
    return _back()


@area.action("/account/language", least=Role.VIEWER)
def set_language() -> Response:
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        update_own_settings(visitor().person_id, language=chosen)
        speak(chosen)
    return _back()


@area.action("/account/sign-ins/<sign_in>/end", least=Role.VIEWER)
def end_one(sign_in: str) -> Response:
    end_sign_in(visitor().person_id, sign_in)
    toast(_("That browser is signed out."))
    return go_to("shell.account")


@area.action("/account/sign-ins/end", least=Role.VIEWER)
def end_others() -> Response:
    end_other_sign_ins(visitor().person_id, keep=visitor().sign_in_id)
    toast(_("All other browsers are signed out."))
    return go_to("shell.account")


def _page(*, name_form: Form | None = None, password_form: Form | None = None) -> str:
    here = visitor()
    return render(
        "shell/account.html",
        name_form=name_form or form_of({"name": here.name}),
        password_form=password_form or form_of({}),
        sign_ins=list_sign_ins(here.person_id),
    )


def _back() -> Response:
    """Return to the page one came from, if it was one of ours."""
    came_from = urlsplit(request.headers.get("Referer", ""))
    is_ours = came_from.netloc == request.host and came_from.path.startswith(f"{ADMIN_PATH}/e/")
    path = f"{came_from.path}?{came_from.query}" if came_from.query else came_from.path
    return redirect(path if is_ours else link("shell.overview"), 303)
