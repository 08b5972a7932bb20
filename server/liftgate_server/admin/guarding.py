"""What every page and action asks before its view runs: who, in which environment, allowed to, and meant by them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, g, make_response, redirect, request, url_for
from flask_wtf.csrf import validate_csrf  # type: ignore[import-untyped]
from werkzeug import Response as BaseResponse
from wtforms import ValidationError  # type: ignore[import-untyped]

from liftgate_server.access.caller import Role
from liftgate_server.access.sign_ins import reaches_of
from liftgate_server.admin.resuming import resume_after_sign_in
from liftgate_server.admin.visiting import Visitor, make_visitor, remember_environment, signed_in
from liftgate_server.admin.words import reader_language, speak
from liftgate_server.plumbing.audit import acting_as
from liftgate_server.plumbing.blueprint import mark_face
from liftgate_server.plumbing.errors import Forbidden, Invalid, NotFound

View = Callable[..., Any]
CSRF_FIELD = "csrf_token"
CSRF_HEADER = "X-CSRF-Token"


def guarded(view: View, *, least: Role, everywhere: bool) -> View:
    """Let a view run for a visitor with this role: in the environment of the URL, or in the whole installation."""

    @wraps(view)
    def guarded_view(environment: str, **values: Any) -> BaseResponse:
        if request.method == "POST":
            refuse_foreign_origin()
        found = signed_in()
        if found is None:
            return _ask_to_sign_in()
        if request.method == "POST":
            refuse_missing_token()
            refuse_unstorable_text()
        speak(found.person.language)
        visitor = _enter(environment)
        _require(visitor, least, everywhere=everywhere)
        with acting_as(visitor.actor):
            response = make_response(view(**values))
        remember_environment(response, environment)
        return response

    guarded_view.liftgate_least = least  # type: ignore[attr-defined]
    guarded_view.liftgate_everywhere = everywhere  # type: ignore[attr-defined]
    return mark_face(guarded_view, "admin")


def refuse_foreign_origin() -> None:
    """Refuse what another site's page sent: the browser says where a request comes from and no page can change it."""
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    # The host alone: behind a proxy that ends TLS the scheme we see is not the reader's.
    is_foreign = origin is not None and origin.partition("://")[2] != request.host
    if is_foreign or site not in {None, "same-origin"}:
        raise Forbidden("foreign_origin", "This was sent by a page of another site.")


def refuse_missing_token() -> None:
    """Refuse an action whose form was not made for this browser's session."""
    try:
        validate_csrf(request.form.get(CSRF_FIELD) or request.headers.get(CSRF_HEADER))
    except ValidationError as failure:
        raise Forbidden("missing_token", "This form has expired. Reload the page and try again.") from failure


def refuse_unstorable_text() -> None:
    """Refuse the one character that PostgreSQL cannot store, before one database takes what the other would not."""
    if any("\0" in text for field in request.form.items(multi=True) for text in field):
        raise Invalid("unstorable_text", "The form holds the character U+0000, which no text here may hold.")


def _enter(key: str) -> Visitor:
    found = signed_in()
    assert found is not None  # noqa: S101 - for the checker; the caller has asked
    reaches = reaches_of(found.person)
    # The same answer whether or not there is such an environment.
    reach = next((reach for reach in reaches if reach.environment.key == key), None)
    if reach is None:
        raise NotFound("unknown_environment", f"There is no environment '{key}' that you may enter.")
    visitor = make_visitor(found, reach, reaches, reader_language())
    g.liftgate_visitor = visitor
    return visitor


def _require(visitor: Visitor, least: Role, *, everywhere: bool) -> None:
    if not (visitor.may_everywhere(least) if everywhere else visitor.may(least)):
        where = "in the whole installation" if everywhere else "here"
        raise Forbidden("insufficient_role", f"This needs the role {least} or a higher one {where}.")


def _ask_to_sign_in() -> Response | BaseResponse:
    if request.method == "POST":
        return resume_after_sign_in()
    target = url_for("admin_shell_open.sign_in", next=request.full_path.rstrip("?"))
    if "HX-Request" in request.headers:
        return Response(status=204, headers={"HX-Redirect": target})
    return redirect(target, 303)
