"""Puts the pages on the app: their cookie, filters, headers and areas."""

from __future__ import annotations

from flask import Blueprint, Flask, Response
from flask_wtf.csrf import generate_csrf  # type: ignore[import-untyped]
from jinja2 import StrictUndefined

from liftgate_server.admin.areas import AREAS
from liftgate_server.admin.failing import answer_with_pages
from liftgate_server.admin.framing import add_environment, link
from liftgate_server.admin.paging import page_links
from liftgate_server.admin.printing import (
    browser_name,
    initials,
    print_day,
    print_instant,
    print_money,
    print_number,
    role_name,
)
from liftgate_server.admin.shell.entry import entry
from liftgate_server.admin.static_files import static_url
from liftgate_server.admin.visiting import keep_sessions
from liftgate_server.admin.words import LANGUAGE_NAMES, ngettext, translate

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    # Not `no-referrer`: with it, browsers send the Origin "null" with our own forms.
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def attach_admin(app: Flask) -> None:
    keep_sessions(app)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters |= {
        "number": print_number,
        "money": print_money,
        "instant": print_instant,
        "day": print_day,
        "initials": initials,
        "browser_name": browser_name,
    }
    app.jinja_env.globals |= {
        "_": translate,
        "ngettext": ngettext,
        "link": link,
        "static": static_url,
        "csrf_token": generate_csrf,
        "page_links": page_links,
        "role_name": role_name,
        "language_names": LANGUAGE_NAMES,
    }
    app.url_default_functions.setdefault(None, []).append(add_environment)
    # The open one last: it answers whatever no area knows.
    for blueprint in (*AREAS, entry):
        _frame(blueprint)
        app.register_blueprint(blueprint)


def _frame(blueprint: Blueprint) -> None:
    answer_with_pages(blueprint)
    blueprint.after_request(_add_headers)


def _add_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response
