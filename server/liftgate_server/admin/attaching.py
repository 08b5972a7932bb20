"""Puts the pages on the app: their cookie, filters, headers and areas."""

from __future__ import annotations

from flask import Flask
from flask_wtf.csrf import generate_csrf  # type: ignore[import-untyped]
from jinja2 import StrictUndefined

from liftgate_server.admin.areas import AREAS
from liftgate_server.admin.framing import add_environment, link
from liftgate_server.admin.paging import page_links
from liftgate_server.admin.printing import (
    browser_name,
    initials,
    print_calendar_day,
    print_day,
    print_instant,
    print_money,
    print_number,
    role_name,
)
from liftgate_server.admin.shell.door import entry
from liftgate_server.admin.static_files import static_url
from liftgate_server.admin.visiting import keep_sessions
from liftgate_server.admin.words import LANGUAGE_NAMES, ngettext, translate


def attach_admin(app: Flask) -> None:
    keep_sessions(app)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters |= {
        "number": print_number,
        "money": print_money,
        "instant": print_instant,
        "day": print_day,
        "calendar_day": print_calendar_day,
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
        app.register_blueprint(blueprint)
