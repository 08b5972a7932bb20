"""The door: sign-in and sign-out, where one lands, files, and whatever address is unknown."""

from __future__ import annotations

from flask import make_response, redirect, request, url_for
from werkzeug import Response

from liftgate_server.access.sign_in_limits import refuse_too_many
from liftgate_server.access.sign_ins import end_sign_in, reaches_of
from liftgate_server.access.sign_ins import sign_in as prove
from liftgate_server.admin.framing import Form, Problem, form_of, render
from liftgate_server.admin.resuming import read_waiting
from liftgate_server.admin.shell.door import entry, refuse_foreign_form
from liftgate_server.admin.static_files import static_response
from liftgate_server.admin.visiting import ADMIN_PATH, close_browser, open_browser, remembered_environment, signed_in
from liftgate_server.plumbing.blueprint import public
from liftgate_server.plumbing.errors import NotFound


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
    refuse_foreign_form()
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
    refuse_foreign_form()
    found = signed_in()
    if found is not None:
        end_sign_in(found.person.id, found.sign_in_id)
    close_browser()
    return redirect(url_for(".sign_in"), 303)


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


def _within(path: str) -> str:
    """Give a path of our own pages; anything else leads home."""
    is_ours = path.startswith(f"{ADMIN_PATH}/e/") and "\\" not in path and path.isprintable()
    return path if is_ours else url_for(".home")
