"""What an area of the pages is built with: `AdminArea`, `visitor`, `render`, `translate`, `toast`, forms and links."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from flask import Blueprint, redirect, request, url_for
from werkzeug import Response

from liftgate_server.access.caller import Role
from liftgate_server.admin.failing import answer_with_pages
from liftgate_server.admin.guarding import guarded
from liftgate_server.admin.headers import send_headers
from liftgate_server.admin.rendering import Form, form_of, problem_text, render, toast
from liftgate_server.admin.visiting import ADMIN_PATH, Visitor, visitor, visitor_or_none
from liftgate_server.admin.words import ngettext, reader_language, translate
from liftgate_server.plumbing.errors import Problem

__all__ = [
    "AdminArea",
    "Form",
    "Problem",
    "Role",
    "Visitor",
    "form_of",
    "go_to",
    "link",
    "ngettext",
    "problem_text",
    "reader_language",
    "render",
    "toast",
    "translate",
    "visitor",
    "wants_piece",
]

View = TypeVar("View", bound=Callable[..., Any])


class AdminArea(Blueprint):
    """A Flask blueprint under `/admin/e/<environment>`; its views get the URL's values without the environment.

    >>> area = AdminArea("catalogue", __name__)
    >>> @area.page("/plans", least=Role.VIEWER)
    ... def plans(): return render("catalogue/plans.html")
    """

    def __init__(self, name: str, import_name: str) -> None:
        super().__init__(
            f"admin_{name}",
            import_name,
            url_prefix=f"{ADMIN_PATH}/e/<environment>",
            template_folder=str(Path(__file__).resolve().parent / "templates"),
        )
        answer_with_pages(self)
        send_headers(self)

    def page(self, rule: str, *, least: Role, everywhere: bool = False) -> Callable[[View], View]:
        """Answer GET for a visitor with this role; `everywhere` asks for the role in the whole installation."""
        return self._adding(rule, "GET", least, everywhere=everywhere)

    def action(self, rule: str, *, least: Role, everywhere: bool = False) -> Callable[[View], View]:
        """Answer POST for a visitor with this role, sent by a form of our own pages."""
        return self._adding(rule, "POST", least, everywhere=everywhere)

    def _adding(self, rule: str, method: str, least: Role, *, everywhere: bool) -> Callable[[View], View]:
        def add(view: View) -> View:
            self.add_url_rule(rule, view.__name__, guarded(view, least=least, everywhere=everywhere), methods=[method])
            return view

        return add


def link(endpoint: str, **values: Any) -> str:
    """Give the address of a view, `area.view`, in the environment one is in: `link("catalogue.plan", plan="pro")`."""
    return url_for(f"admin_{endpoint}", **values)


def go_to(endpoint: str, **values: Any) -> Response:
    """Send the reader to a page after an action; htmx follows and swaps what it shows."""
    return redirect(link(endpoint, **values), 303)


def wants_piece() -> bool:
    """Tell whether htmx asked for a piece of a page."""
    return request.headers.get("HX-Request-Type") == "partial"


def add_environment(endpoint: str, values: dict[str, Any]) -> None:
    """Fill in the environment of an address that needs one and names none."""
    here = visitor_or_none()
    if here is not None and endpoint.startswith("admin_") and not endpoint.startswith("admin_shell_open."):
        values.setdefault("environment", here.environment.key)
