"""How one comes to a password: the first run, and a link that an owner made."""

from __future__ import annotations

from flask import make_response, redirect, request, url_for
from werkzeug import Response

from liftgate_server.access.first_run import is_setup_code
from liftgate_server.access.people import create_first_owner, follow_link
from liftgate_server.access.people_queries import anyone_exists, link_by_token
from liftgate_server.access.service import create_first_environment
from liftgate_server.access.sign_ins import start_sign_in
from liftgate_server.admin.framing import Form, Problem, form_of, render
from liftgate_server.admin.shell.door import entry, refuse_foreign_form
from liftgate_server.admin.visiting import open_browser
from liftgate_server.plumbing.audit import Actor, ActorKind, acting_as
from liftgate_server.plumbing.blueprint import public
from liftgate_server.plumbing.db import transaction
from liftgate_server.plumbing.errors import NotFound


@entry.get("/setup")
@public
def setup() -> Response:
    _refuse_setup(request.args.get("code", ""))
    return make_response(render("shell/setup.html", form=form_of(_setup_defaults()), code=request.args["code"]))


@entry.post("/setup")
@public
def set_up() -> Response:
    refuse_foreign_form()
    code = request.form.get("code", "")
    _refuse_setup(code)
    try:
        token = _found_installation()
    except Problem as problem:
        form = form_of(_setup_defaults(), problem=problem)
        return make_response(render("shell/setup.html", form=form, code=code), problem.status)
    open_browser(token)
    return redirect(url_for(".home"), 303)


@entry.get("/link/<token>")
@public
def personal_link(token: str) -> Response:
    return _link_page(token, form_of({}))


@entry.post("/link/<token>")
@public
def choose_password(token: str) -> Response:
    refuse_foreign_form()
    try:
        person = follow_link(token, request.form.get("password", ""))
    except Problem as problem:
        response = _link_page(token, form_of({}, problem=problem))
        response.status_code = problem.status
        return response
    address = request.remote_addr or ""
    open_browser(start_sign_in(person.id, address=address, browser=request.user_agent.string))
    return redirect(url_for(".home"), 303)


def _link_page(token: str, form: Form) -> Response:
    found = link_by_token(token)
    if found is None:
        raise NotFound("unknown_link", "This link has been used or has run out. Ask for a new one.")
    return make_response(render("shell/link.html", found=found, form=form, token=token))


def _refuse_setup(code: str) -> None:
    # One answer for a wrong code and for an installation that is set up: neither is anybody's business.
    if anyone_exists() or not is_setup_code(code):
        raise NotFound("no_setup", "There is nothing to set up here. Use the link that the server prints at its start.")


def _setup_defaults() -> dict[str, str]:
    return {"email": "", "name": "", "environment_name": "Production"}


def _found_installation() -> str:
    """Make the first owner and, where there is none, the first environment; give the token of the owner's browser."""
    form = request.form
    with transaction():
        person = create_first_owner(form.get("email", ""), form.get("name", ""), form.get("password", ""))
        actor = Actor(ActorKind.PERSON, person.id, person.name)
        with acting_as(actor):
            create_first_environment(form.get("environment_name", "").strip() or "Production")
            return start_sign_in(person.id, address=request.remote_addr or "", browser=request.user_agent.string)
