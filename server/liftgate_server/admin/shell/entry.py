"""The pages that need no sign-in: the door itself, the first run, a link to choose a password, static files."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug import Response

from liftgate_server.access.first_run import is_setup_code
from liftgate_server.access.people import create_first_owner, follow_link
from liftgate_server.access.people_queries import anyone_exists, link_by_token
from liftgate_server.access.queries import all_environments
from liftgate_server.access.rules import environment_key_of
from liftgate_server.access.service import NewEnvironment, create_environment
from liftgate_server.access.sign_in_limits import refuse_too_many
from liftgate_server.access.sign_ins import end_sign_in, reaches_of, start_sign_in
from liftgate_server.access.sign_ins import sign_in as prove
from liftgate_server.admin.failing import answer_with_pages
from liftgate_server.admin.framing import Form, form_of, render
from liftgate_server.admin.guarding import refuse_foreign_origin, refuse_missing_token
from liftgate_server.admin.headers import send_headers
from liftgate_server.admin.resuming import read_waiting
from liftgate_server.admin.static_files import static_response
from liftgate_server.admin.visiting import ADMIN_PATH, close_browser, open_browser, remembered_environment, signed_in
from liftgate_server.plumbing.audit import Actor, ActorKind, acting_as
from liftgate_server.plumbing.blueprint import public
from liftgate_server.plumbing.db import transaction
from liftgate_server.plumbing.errors import NotFound, Problem

entry = Blueprint(
    "admin_shell_open",
    __name__,
    url_prefix=ADMIN_PATH,
    template_folder=str(Path(__file__).resolve().parent.parent / "templates"),
)
answer_with_pages(entry)
send_headers(entry)


@entry.get("/")
@public
def home() -> Response:
    """Send the reader to the environment they looked at last, or to the door."""
    found = signed_in()
    if found is None:
        return redirect(url_for(".sign_in"), 303)
    keys = [reach.environment.key for reach in reaches_of(found.person)]
    if not keys:
        return make_response(render("shell/no_environment.html"), 403)
    last = remembered_environment()
    return redirect(url_for("admin_shell.overview", environment=last if last in keys else keys[0]), 303)


@entry.get("/sign-in")
@public
def sign_in() -> Response:
    if signed_in() is not None:
        return redirect(_within(request.args.get("next", "")), 303)
    return _sign_in_page(form_of({"email": ""}), next_path=request.args.get("next", ""))


@entry.post("/sign-in")
@public
def sign_in_now() -> Response:
    _refuse_foreign_form()
    email, password = request.form.get("email", ""), request.form.get("password", "")
    address = request.remote_addr or ""
    try:
        refuse_too_many(address=address, email=email)
        token = prove(email, password, address=address, browser=request.user_agent.string)
    except Problem as problem:
        form = form_of({"email": email}, problem=problem)
        response = _sign_in_page(form, next_path=request.form.get("next", ""), waiting=request.form.get("waiting", ""))
        response.status_code = problem.status
        response.headers.extend(problem.headers)
        return response
    open_browser(token)
    waiting = read_waiting(request.form.get("waiting", ""))
    if waiting is not None:
        return make_response(render("shell/resume.html", waiting=waiting))
    return redirect(_within(request.form.get("next", "")), 303)


@entry.post("/sign-out")
@public
def sign_out() -> Response:
    _refuse_foreign_form()
    found = signed_in()
    if found is not None:
        end_sign_in(found.person.id, found.sign_in_id)
    close_browser()
    return redirect(url_for(".sign_in"), 303)


@entry.get("/setup")
@public
def setup() -> Response:
    _refuse_setup(request.args.get("code", ""))
    return make_response(render("shell/setup.html", form=form_of(_setup_defaults()), code=request.args["code"]))


@entry.post("/setup")
@public
def set_up() -> Response:
    _refuse_foreign_form()
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
    _refuse_foreign_form()
    try:
        person = follow_link(token, request.form.get("password", ""))
    except Problem as problem:
        response = _link_page(token, form_of({}, problem=problem))
        response.status_code = problem.status
        return response
    address = request.remote_addr or ""
    open_browser(start_sign_in(person.id, address=address, browser=request.user_agent.string))
    return redirect(url_for(".home"), 303)


@entry.get("/static/<tree>/<path:name>")
@public
def static_file(tree: str, name: str) -> Response:
    return static_response(tree, name)


@entry.get("/<path:rest>")
@public
def unknown(rest: str) -> Response:
    raise NotFound("unknown_path", f"There is no page '{rest}'.")


def _sign_in_page(form: Form, *, next_path: str, waiting: str = "") -> Response:
    page = render("shell/sign_in.html", form=form, next=next_path, waiting=waiting, expired=bool(waiting))
    return make_response(page)


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
            if not all_environments():
                name = form.get("environment_name", "") or "Production"
                create_environment(NewEnvironment(environment_key_of(name), name))
            return start_sign_in(person.id, address=request.remote_addr or "", browser=request.user_agent.string)


def _refuse_foreign_form() -> None:
    refuse_foreign_origin()
    refuse_missing_token()


def _within(path: str) -> str:
    """Give a path of our own pages; anything else leads home."""
    is_ours = path.startswith(f"{ADMIN_PATH}/e/") and "\\" not in path and path.isprintable()
    return path if is_ours else url_for(".home")
